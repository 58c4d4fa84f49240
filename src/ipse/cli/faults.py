"""`ipse drill faults`: everything goes wrong at once, and nothing may be lost."""

from typing import TYPE_CHECKING, Annotated

import typer

from ipse.cli.options import Json
from ipse.cli.terminal import steps, tell

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ipse_lab.drill.faults import Failure, Report


def faults(
    seeds: Annotated[int, typer.Option(min=1, help="Runs, each from a seed.")] = 100,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The first seed; none draws one.")
    ] = None,
    story: Annotated[
        int | None,
        typer.Option(min=0, help="Tell one seed's run, moment by moment."),
    ] = None,
    planted: Annotated[
        bool, typer.Option("--planted", help="Only look for the planted bug.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let everything go wrong for three operators, on virtual time, many times over.

    Links are cut, messages come late, processes and machines die at any write, disks
    fill, clocks jump, an operator lies in a message. Then nothing may be lost, nobody
    may wait for ever, and no wrong answer may have been believed. What fails is shrunk
    to the fewest faults. docs/faults.md says which seed has which faults. Exit code 1
    if a promise was broken, or the planted bug was not found.
    """
    import secrets

    from ipse_lab.drill import faults as drill

    if story is not None:
        _tell_story(story, as_json=as_json)
        return
    first = secrets.randbelow(1 << 31) if seed is None else seed
    if planted:
        report = drill.Report(first, planted=drill.find_planted(first))
    else:
        with steps("runs") as advance:
            report = drill.run(seeds, first, advance)
    tell(report.as_json(), _told(report), as_json=as_json)
    if not report.is_kept:
        raise typer.Exit(1)


def _told(report: "Report") -> "RenderableType":
    """Lay out a report: what was broken, what struck, and how to see it again."""
    from rich.console import Group
    from rich.table import Table

    from ipse_lab.network.truth import Promise

    kept = Table("promise", "runs that broke it", title="What must not happen")
    for promise in Promise:
        kept.add_row(promise.value.replace("_", " "), f"{report.broken[promise]:,}")
    struck = Table("fault", "struck", title=f"{report.runs:,} runs")
    for kind, times in sorted(report.injected.items()):
        struck.add_row(kind, f"{times:,}")
    lines = [line for failure in report.failures for line in _lines(failure)]
    if report.planted is None:
        lines.append("The planted bug was not found.")
    else:
        lines += ["The planted bug, as it was found:", *_lines(report.planted)]
    tables = (kept, struck) if report.runs else ()
    return Group(*tables, *lines)


def _lines(failure: "Failure") -> list[str]:
    said = [f"seed {failure.plan.seed} ({failure.plan.kind}): {failure.breaches[0]}"]
    if failure.shrunk is not None:
        before, after = len(failure.plan.faults), len(failure.shrunk.faults)
        said.append(f"  of its {before} faults these {after} are enough:")
        said += [f"    {fault}" for fault in failure.shrunk.faults]
    return said


def _tell_story(seed: int, *, as_json: bool) -> None:
    """Play one seed, and tell what happened.

    Raises: typer.Exit: a promise was broken.
    """
    from rich.console import Group

    from ipse_lab.network.plan import drawn
    from ipse_lab.network.play import play

    played = play(drawn(seed), is_noting=True)
    breaches = [f"{breach.promise}: {breach.what}" for breach in played.breaches]
    told = {
        "seed": seed,
        "class": played.plan.kind,
        "faults": [fault.as_json() for fault in played.plan.faults],
        "digest": played.digest,
        "story": list(played.notes),
        "breaches": breaches,
    }
    lines = [
        f"seed {seed}, of class {played.plan.kind}, with these faults:",
        *(f"    {fault}" for fault in played.plan.faults),
        *played.notes,
        *(breaches or ["Every promise was kept."]),
    ]
    tell(told, Group(*lines), as_json=as_json)
    if breaches:
        raise typer.Exit(1)
