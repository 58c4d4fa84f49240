"""`ipse drill`: attacks on one's own network, counted."""

from typing import Annotated

import typer

from ipse.cli.options import Json
from ipse.cli.terminal import steps, tell


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
