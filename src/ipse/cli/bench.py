"""`ipse bench`: how fast this machine matches, verifies and serves in secret."""

from enum import StrEnum
from typing import Annotated

import typer

from ipse.cli.border import NO
from ipse.cli.options import Json
from ipse.cli.terminal import busy, tell


def match(
    dim: Annotated[
        int | None, typer.Option(min=2, help="Length of an embedding, even.")
    ] = None,
    code: Annotated[
        int | None,
        typer.Option(min=12_800, max=12_800, help="Length of a masked code: 12800."),
    ] = None,
    records: Annotated[int, typer.Option(min=1, help="Records searched.")] = 10_000,
    probes: Annotated[int, typer.Option(min=1, help="Probes at once.")] = 1,
    rotations: Annotated[
        int, typer.Option(min=1, max=199, help="Rotations of a code.")
    ] = 31,
    repetitions: Annotated[
        int, typer.Option(min=1, help="Queries timed; the median counts.")
    ] = 9,
    seed: Annotated[int, typer.Option(help="Of the invented vectors.")] = 1,
    as_json: Json = False,
) -> None:
    """Match probes against records among three operators on this machine.

    Three processes, TLS 1.3 between them, only match bits opened, and every bit
    checked against plain arithmetic.
    """
    from rich.table import Table

    from ipse.ground.errors import Refused
    from ipse_lab.bench.match import codes, embeddings, measure
    from ipse_lab.bench.words import plain

    if dim is not None and code is not None:
        raise Refused("Measure either --dim or --code: run it once for each.")
    length = dim or 512
    if length % 2:
        raise Refused("An embedding has an even length here: entries go in pairs.")
    job = (
        embeddings(length, records, probes, repetitions, seed)
        if code is None
        else codes(records, rotations, repetitions, seed)
    )
    with busy("three operators match"):
        report = measure(job)
    table = Table("measured", "value", title="Matching among three operators")
    for name, value in report.items():
        table.add_row(name.replace("_", " "), plain(value))
    tell(report, table, as_json=as_json)


def verify(
    rtt_ms: Annotated[
        float, typer.Option(min=0, max=2_000, help="Round trip between all parties.")
    ] = 0.0,
    verifications: Annotated[
        int | None, typer.Option(min=1, help="How many; by default for 10 s or so.")
    ] = None,
    records: Annotated[int, typer.Option(min=2, help="People enrolled.")] = 300,
    seed: Annotated[int, typer.Option(help="Of the invented people.")] = 1,
    *,
    fresh_connections: Annotated[
        bool,
        typer.Option(
            "--fresh-connections",
            help="Meet every operator anew each time, as a wallet just started does.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Verify one person again and again, the whole way, and say how long it takes.

    Three operator processes; a wallet that cuts, seals, signs, asks over HTTPS, and
    checks a quorum's signatures. Connections are kept; some verifications on new ones
    stand beside. Every answer is checked against plain arithmetic: exit code 1 if one
    is wrong. Not in the time: camera, face encoder, opening the wallet file.
    """
    from rich.table import Table

    from ipse_lab.bench.verify import Asked, fitting, measure
    from ipse_lab.bench.words import plain

    count = fitting(rtt_ms) if verifications is None else verifications
    beside = max(count // 5, 1)
    asked = Asked(
        0 if fresh_connections else count,
        count if fresh_connections else beside,
        records,
        rtt_ms,
        seed,
    )
    with busy("three operators verify"):
        report = measure(asked)
    table = Table("measured", "value", title="One verification, the whole way")
    for name, value in report.items():
        table.add_row(name.replace("_", " "), plain(value))
    tell(report, table, as_json=as_json)
    if report["answers_wrong"]:
        raise typer.Exit(NO)


def kernel(
    turns: Annotated[
        int, typer.Option(min=1, help="Turns with the ceiling; the median counts.")
    ] = 15,
    seed: Annotated[int, typer.Option(help="Of the invented vectors.")] = 1,
    as_json: Json = False,
) -> None:
    """Hold the inner loops against the most that a core of this machine can do.

    A ceiling is measured in turns with each: the same multiply-accumulates without
    memory. Nothing is secret here, and nobody else takes part.
    """
    from rich.table import Table

    from ipse_lab.bench.kernel import measure

    with busy("one core multiplies"):
        report = measure(turns, seed)
    table = Table(
        "kernel", "of the ceiling", "worst to best", "GMAC/s", "ns a comparison"
    )
    for case in report["cases"]:
        low, high = case["worst_to_best"]
        table.add_row(
            case["name"],
            f"{case['fraction_of_ceiling']:.2f}",
            f"{low:.2f} to {high:.2f}",
            f"{case['gmac_per_second']:.0f} of {case['ceiling_gmac_per_second']:.0f}",
            f"{case['ns_per_comparison']:.2f}",
        )
    one = report["one_probe"]
    of_memory = f"{one['gb_per_second']:.0f} GB/s of rows"
    table.add_row(one["name"], "", "", of_memory, f"{one['ns_per_comparison']:.2f}")
    for name, ns in report["ns_per_comparison"].items():
        table.add_row(name, "", "", "", f"{ns:.3f}")
    tell(report, table, as_json=as_json)


class Busy(StrEnum):
    """What many wallets may ask at once."""

    VERIFY = "verify"
    ENROL = "enrol"


def serve(
    purpose: Annotated[
        Busy, typer.Option(help="What they all ask.", case_sensitive=False)
    ] = Busy.VERIFY,
    wallets: Annotated[
        int, typer.Option(min=1, max=200, help="Wallets that ask at once.")
    ] = 32,
    questions: Annotated[int, typer.Option(min=1, help="Of each wallet.")] = 20,
    records: Annotated[int, typer.Option(min=1, help="People enrolled before.")] = 300,
    seed: Annotated[int, typer.Option(help="Of the invented people.")] = 1,
    *,
    as_json: Json = False,
) -> None:
    """Have many wallets ask at once, and say how many are answered a second.

    Three operator processes; requests are cut, sealed and signed before the clock
    starts. Every answer is checked against plain arithmetic: exit code 1 if one is
    wrong.
    """
    from rich.table import Table

    from ipse.ground.names import Purpose
    from ipse_lab.bench.serve import Asked, measure
    from ipse_lab.bench.words import plain

    asked = Asked(Purpose(purpose.value), wallets, questions, records, seed)
    with busy("many wallets ask at once"):
        report = measure(asked)
    table = Table("measured", "value", title="Many wallets at once")
    for name, value in report.items():
        table.add_row(name.replace("_", " "), plain(value))
    tell(report, table, as_json=as_json)
    if report["answers_wrong"]:
        raise typer.Exit(NO)
