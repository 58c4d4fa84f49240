"""`ipse drill`: attacks on one's own network, counted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ipse.cli.options import Json
from ipse.cli.terminal import steps, tell

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from ipse_lab.drill.liar import Report
    from ipse_lab.drill.liar_search import SearchReport


def probe(
    tries: Annotated[
        int, typer.Option(min=1, help="Hostile vectors of each kind.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(help="Of all randomness in the drill.")] = 1,
    as_json: Json = False,
) -> None:
    """Present shares that no honest template gives, as probes and as references.

    Everything is judged by the operators' own code, three seats in one process. A
    thousand of each kind then meet the comparison without the check, to see that they
    would get in, and as many codes go through a whole verification. Exit code 1 if a
    kind is accepted more often than strangers are.
    """
    from rich.table import Table

    from ipse_lab.drill.report import run

    with steps("hostile vectors judged") as advance:
        report = run(tries, seed, advance)
    table = Table(
        "kind",
        "tried",
        "well-formed",
        "accepted",
        "accepted without the check",
        title="Hostile probes and references",
    )
    for name, kind in report.kinds.items():
        table.add_row(
            name,
            f"{kind['tried']:,}",
            f"{kind['well_formed']:,}",
            f"{kind['accepted_as_probe']:,} / {kind['accepted_as_reference']:,}",
            f"{kind['unchecked_as_probe']:,} / {kind['unchecked_as_reference']:,}"
            f" of {kind['unchecked_tried']:,}",
        )
    tell(report.as_json(), table, as_json=as_json)
    if not report.is_held:
        raise typer.Exit(1)


NETWORK_TRIES: Final = 800
"""Tries over the network before the drill gives up."""


def oracle(
    victims: Annotated[
        int, typer.Option(min=2, help="Victims of each way to begin.")
    ] = 60,
    blind: Annotated[
        int, typer.Option(min=1_000, help="Victims of strangers, under the cap.")
    ] = 40_000,
    seed: Annotated[int, typer.Option(help="Of all randomness in the drill.")] = 1,
    faces: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Attack these as well: DIR/NAME/*.jpg."
        ),
    ] = None,
    network: Annotated[
        bool, typer.Option(help="Attack three operator processes as well.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Rebuild templates from yes and no alone, without the cap on tries and under it.

    The attacker holds the owner's key, and not the body: only strangers' pictures, or a
    look-alike's, or another picture of the same body. Every question is one that the
    operators would take for well-formed. Exit code 1 if strangers get in under the
    cap more often than the false match rate times the tries, or if the attack fails
    without it,
    on the plain oracle or over the network.
    """
    from ipse_lab.drill.leak_report import run
    from ipse_lab.drill.over_network import attack_networks
    from ipse_lab.drill.victims import portrayed

    with steps("victims attacked") as advance:
        report = run(victims, blind, seed, faces, advance)
    answer, is_held = report.as_json(), report.is_held and report.would_succeed
    if network:
        with steps("tries over the network") as advance:
            attacked = attack_networks(portrayed().first, NETWORK_TRIES, seed, advance)
        answer["over_the_network"] = attacked.as_json()
        is_held = is_held and attacked.is_held
    tell(answer, _leaked(answer), as_json=as_json)
    if not is_held:
        raise typer.Exit(1)


def _leaked(answer: dict[str, Any]) -> "RenderableType":
    from rich.console import Group

    waits = ", ".join(
        f"{year['told_to_wait']['rate']:.2%} where {fnmr} fail"
        for fnmr, year in answer["honest"].items()
    )
    lines = [f"Of ten honest visits a day so many are told to wait: {waits}."]
    if network := answer.get("over_the_network"):
        free, under = network["without_cap"], network["under_cap"]
        lines.append(
            f"Over three operators: {free['tries']} tries to a cosine of "
            f"{free['cosine']:.2f} without the cap; under it {under['tries']} to "
            f"{under['cosine']:.2f}, and then: {under['refusal']}"
        )
    return Group(_leak_table(answer), *lines)


def _leak_table(answer: dict[str, Any]) -> "Table":
    from rich.table import Table

    cap = answer["cap"]
    table = Table(
        "begins with",
        "tries until in",
        "until 0.9",
        "until 0.99",
        "in, in a term",
        "cosine then",
        "terms until 0.99",
        title="Yes and no as an oracle: without the cap, then under it",
        caption=f"Medians, and 90 % between. A term: {cap['failures']} failures, "
        f"{cap['tries']} tries, {cap['days']} days. Two captures of one body: 0.64.",
    )
    table.columns[0].no_wrap = True
    for start, free in answer["without_cap"].items():
        under = answer["under_cap"][start]
        table.add_row(
            start,
            _between(free["tries_to_acceptance"]),
            _between(free["tries_to_0.9"]),
            _between(free["tries_to_0.99"]),
            f"{under['accepted_in_a_term']['rate']:.2%}",
            _between(under.get("cosine"), ".2f"),
            _between(under.get("terms_to_0.99")),
        )
    return table


def _between(spread: dict[str, float] | None, form: str = ",.0f") -> str:
    if spread is None:
        return "-"
    low, high = format(spread["p5"], form), format(spread["p95"], form)
    return f"{spread['median']:{form}} ({low} to {high})"


def liar(
    runs: Annotated[
        int, typer.Option(min=1, help="Lies, each in a verification of its own.")
    ] = 2_000,
    searches: Annotated[
        int, typer.Option(min=1, help="Runs of searches for each kind of cheater.")
    ] = 100,
    seed: Annotated[int, typer.Option(help="Of all randomness in the drill.")] = 1,
    as_json: Json = False,
) -> None:
    """Let one operator lie, in verifications and in searches.

    In a verification it says something else than it should in every field of every
    message, by offsets of one, half the ring, or anything; an honest operator's wrong
    answer is a wrong verdict. The same lies are told where nothing is proved, to see
    that they would change answers. In searches, which are not proved, it lies unseen,
    and known answers that are mixed in catch it: how often, beside what is stated.

    Three seats in one process run the operators' own code. Exit code 1 if a wrong
    verdict is accepted, or if a cheater is caught otherwise than stated.
    """
    from rich.console import Group

    from ipse_lab.drill import liar as in_verifications
    from ipse_lab.drill import liar_search as in_searches

    with steps("lies told in verifications") as advance:
        report = in_verifications.run(runs, seed, advance)
    with steps("runs of searches") as advance:
        searched = in_searches.run(searches, seed, advance)
    told = {**report.as_json(), "search": searched.as_json()}
    tell(told, Group(_lies_table(report), _caught_table(searched)), as_json=as_json)
    if not (report.is_held and searched.is_held and searched.would_lie):
        raise typer.Exit(1)


def _lies_table(report: "Report") -> "Table":
    from rich.table import Table

    table = Table(
        "lie",
        "told",
        "wrong verdicts",
        "stopped",
        "liar named",
        "wrong without proofs",
        title="One operator lies in a verification",
    )
    for kind, tally in report.kinds.items():
        table.add_row(
            kind,
            *(
                f"{count:,}"
                for count in (
                    tally.told,
                    tally.wrong,
                    tally.stopped,
                    tally.named,
                    tally.wrong_unproved,
                )
            ),
        )
    return table


def _caught_table(report: "SearchReport") -> "Table":
    from rich.table import Table

    table = Table(
        "cheater",
        "lies in",
        "caught in a run",
        "95 %",
        "stated",
        title="One operator lies in searches, known answers mixed in",
    )
    for way, rates in report.caught.items():
        for share, rate in rates.items():
            low, high = rate.interval
            table.add_row(
                way.value,
                f"{share:.0%}",
                f"{rate.measured:.1%}",
                f"{low:.1%} to {high:.1%}",
                f"{rate.stated:.1%}",
            )
    return table
