"""`ipse up`, `down`, `status`: three operators on this machine, for trying Ipse out.

Three operators in one hand keep nothing from that hand: a network for people has
three that are strangers to each other.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table

from ipse.cli import options
from ipse.cli.border import NO
from ipse.cli.ports import choose_ports
from ipse.cli.purse import Purse
from ipse.cli.terminal import busy, tell
from ipse.cli.wallet import SENTENCES, YES, as_object
from ipse.ground.errors import Unavailable
from ipse.ground.names import Purpose

if TYPE_CHECKING:
    from ipse.operator.local import OperatorState


def up(
    home: options.Home = options.DEFAULT_HOME,
    network: Annotated[
        str, typer.Option("--network", help="Name of a network that is new.")
    ] = "local",
    *,
    laboratory: Annotated[
        bool,
        typer.Option(
            "--laboratory",
            help="A new network is for experiments: it lets anyone seed records and "
            "read match bits. Never for people.",
        ),
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=0,
            help="Operators search by so many workers each. Needs Ray: "
            "pip install 'ipse[workers]'.",
        ),
    ] = 0,
    proved: Annotated[
        int,
        typer.Option(
            "--proved",
            min=0,
            help="A new network proves enrolments against each record, up to so many; "
            "among more it searches, which a lying operator can turn round.",
        ),
    ] = 1_000,
    as_json: options.Json = False,
) -> None:
    """Start a local network of three operator processes; make it if it is new.

    Operators listen on ports 7701 to 7703 and 7711 to 7713, or on any free ones if
    those are taken; wallets find them in the charter.
    """
    from ipse.operator.home import CHARTER
    from ipse.operator.local import create_network, start
    from ipse.owner.encoder import ENCODER, default_thresholds

    is_new = not (home / CHARTER).exists()
    with busy("Starting three operators"):
        if is_new:
            _make(home)
            create_network(
                home,
                network,
                thresholds=default_thresholds(),
                laboratory=laboratory,
                ports=choose_ports(),
                encoder=ENCODER,
                proved_search=proved,
            )
        states = start(home, workers=workers)
    tell(
        {"home": str(home), "created": is_new, "operators": _objects(states)},
        _table(states),
        as_json=as_json,
    )


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Unavailable(
            f"Cannot make the folder {home} ({error.strerror}): choose another --home."
        ) from error


def down(
    home: options.Home = options.DEFAULT_HOME, *, as_json: options.Json = False
) -> None:
    """Stop the local network. What is enrolled stays enrolled."""
    from ipse.operator.local import status as look
    from ipse.operator.local import stop

    with busy("Stopping three operators"):
        stopped = [state.operator for state in look(home) if state.pid is not None]
        stop(home)
    named = ", ".join(map(str, stopped))
    tell(
        {"home": str(home), "stopped": stopped},
        f"Stopped operators {named}." if stopped else "No operator was running.",
        as_json=as_json,
    )


def status(
    home: options.Home = options.DEFAULT_HOME,
    wallet: Annotated[
        str | None,
        typer.Option("--wallet", help="Ask too whether this wallet's record is there."),
    ] = None,
    charter: options.Charter = None,
    passphrase_file: options.PassphraseFile = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Say how the three operators are and, with --wallet, whether a record is there."""
    from ipse.operator.local import status as look

    with busy("Asking three operators"):
        states = look(home)
    is_well = all(state.is_ready for state in states)
    answer = {"home": str(home), "ready": is_well, "operators": _objects(states)}
    said: list[RenderableType] = [_table(states)]
    if wallet is not None:
        purse = Purse(home, wallet, charter, passphrase_file)
        told = purse.want(Purpose.STATUS)
        is_well = told.outcome in YES
        answer |= {"record": as_object(told, purse)}
        said.append(SENTENCES[told.outcome])
    tell(answer, Group(*said), as_json=as_json)
    if not is_well:
        raise typer.Exit(NO)


def _objects(states: "tuple[OperatorState, ...]") -> list[dict[str, object]]:
    return [
        {
            "operator": state.operator,
            "pid": state.pid,
            "ready": state.is_ready,
            "records": state.records,
            "sees": list(state.present),
            "address": state.owner_address,
        }
        for state in states
    ]


def _table(states: "tuple[OperatorState, ...]") -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("operator", "state", "process", "records", "address"):
        table.add_column(heading, header_style="dim")
    for state in states:
        words = (
            "[green]ready[/]"
            if state.is_ready
            else "[red]down[/]"
            if state.pid is None
            else "[yellow]waiting for the others[/]"
        )
        table.add_row(
            str(state.operator),
            words,
            str(state.pid or "-"),
            "-" if state.records is None else f"{state.records:,}",
            state.owner_address,
        )
    return table
