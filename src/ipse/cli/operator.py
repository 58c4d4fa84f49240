"""`ipse operator`: one of the three, for whoever is one."""

from typing import Annotated

import typer

from ipse.cli import options
from ipse.cli.terminal import tell
from ipse.ground.names import OPERATORS, OperatorId

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
