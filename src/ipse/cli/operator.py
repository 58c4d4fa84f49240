"""`ipse operator`: one of the three, for whoever is one."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table

from ipse.cli import options
from ipse.cli.terminal import tell
from ipse.ground.names import OPERATORS, OperatorId

if TYPE_CHECKING:
    from ipse.receipt.blame import Case

Which = Annotated[
    int,
    typer.Option(
        "--operator",
        min=OPERATORS[0],
        max=OPERATORS[-1],
        help="Which of the three this is.",
    ),
]
Ledger = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="URL",
        help="Where the ledger is kept: sqlite:///PATH or postgresql+psycopg://USER@HOST/"
        "DATABASE. By default in IPSE_LEDGER, where a URL with a password belongs, "
        "or else in the home.",
    ),
]


def run(
    operator: Which,
    home: options.Home = options.DEFAULT_HOME,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=0,
            help="Search by so many workers, each in a process of its own; the two "
            "others must have as many. Needs Ray: pip install 'ipse[workers]'.",
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            "--ray",
            metavar="ADDRESS",
            help="Place the workers on the Ray cluster at this address instead of on "
            "this machine; as many as it has processors, unless --workers says.",
        ),
    ] = None,
    owners_at: Annotated[
        str | None,
        typer.Option(
            "--owners-at",
            metavar="HOST:PORT",
            help="Listen there for wallets, if not at the charter's address.",
        ),
    ] = None,
    peers_at: Annotated[
        str | None,
        typer.Option(
            "--peers-at",
            metavar="HOST:PORT",
            help="Listen there for the other operators, if not at the charter's.",
        ),
    ] = None,
    ledger: Ledger = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Run one operator in this process, until it is told to stop (SIGTERM, Ctrl-C).

    What happens is logged on standard error.
    """
    from ipse.operator.process import serve
    from ipse.operator.search import order_of
    from ipse.operator.service import Listening

    serve(
        home,
        OperatorId(operator),
        listening=Listening(owners_at, peers_at),
        order=order_of(workers, ray),
        ledger=ledger,
    )
    tell(
        {"operator": operator, "stopped": True},
        f"Operator {operator} stopped.",
        as_json=as_json,
    )


def check(
    operator: Which,
    home: options.Home = options.DEFAULT_HOME,
    ledger: Ledger = None,
    *,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Overwrite rows that no record names. First be sure that this is the "
            "ledger of these rows, and the newest.",
        ),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Read all that an operator stores, while it rests, and say what is wrong."""
    from ipse.operator.process import check_home

    checked = check_home(home, OperatorId(operator), ledger, overwrite=overwrite)
    done = "were overwritten" if overwrite else "are left (see --overwrite)"
    tell(
        {
            "operator": operator,
            "records": checked.records,
            "strays": checked.strays,
            "overwritten": overwrite,
            "logged": checked.logged,
        },
        f"Operator {operator}: {checked.records} records and {checked.logged} entries "
        f"of the log are in order; {checked.strays} rows that no record names {done}.",
        as_json=as_json,
    )


def complaints(
    operator: Which,
    home: options.Home = options.DEFAULT_HOME,
    *,
    as_json: options.Json = False,
) -> None:
    """See in which calls somebody lied, who suspects whom, and who is named.

    The operator may run meanwhile. A call is complained of by whoever was lied to in
    it; nothing was answered there.
    """
    from ipse.operator.process import complaints_in
    from ipse.receipt.blame import in_all

    found = complaints_in(home, OperatorId(operator))
    liars = in_all(found) if found else ()
    answer = {
        "operator": operator,
        "calls": [_as_object(case) for case in found],
        "liars": list(liars),
    }
    if found:
        text: RenderableType = Group(_as_table(found), "", _together(liars))
    else:
        text = "Nobody complained: no lie was seen."
    tell(answer, text, as_json=as_json)


def _as_object(case: "Case") -> dict[str, object]:
    return {
        "at": case.at,
        "call": case.call.hex(),
        "complaints": [
            {
                "operator": complaint.operator,
                "suspects": list(complaint.suspects),
                "falsehood": complaint.falsehood.value,
            }
            for complaint in case.complaints
        ],
        "liars": list(case.liars),
    }


def _as_table(found: "list[Case]") -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("when", "call", "who suspects whom", "who lied"):
        table.add_column(column)
    for case in found:
        moment = datetime.fromtimestamp(case.at / 1_000, UTC).astimezone()
        said = "\n".join(
            f"operator {complaint.operator} suspects {_either(complaint.suspects)} "
            f"({complaint.falsehood})"
            for complaint in case.complaints
        )
        table.add_row(
            f"{moment:%Y-%m-%d %H:%M:%S}", case.call.hex()[:8], said, _who_lied(case)
        )
    return table


def _who_lied(case: "Case") -> str:
    if case.is_named:
        return f"operator {case.liars[0]}"
    if not case.liars:
        return "more than one operator"
    return f"operator {_either(case.liars)}: not settled"


def _together(liars: tuple[OperatorId, ...]) -> str:
    if not liars:
        return "No operator can have told all these lies alone."
    return f"If one operator told all these lies, it is operator {_either(liars)}."


def _either(operators: tuple[OperatorId, ...]) -> str:
    return " or ".join(map(str, operators))
