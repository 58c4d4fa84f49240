"""`ipse log`: what the operators' logs say, who saw it, and whether it is whole."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from ipse.cli import options
from ipse.cli.border import code_of
from ipse.cli.terminal import busy, tell
from ipse.ground.errors import IpseError, Refused

if TYPE_CHECKING:
    from ipse.ground.names import OperatorId
    from ipse.owner.log import Source, View
    from ipse.owner.log_memory import LogMemory
    from ipse.tlog.trust import Log
    from ipse.wire.charter import Charter

ROOT_DIGITS = 16
"""Digits of a root that a person compares; --json has all of them."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """How one operator's log is."""

    operator: "OperatorId"
    log: "Log"
    view: "View | None"
    problem: IpseError | None


def log(
    home: options.Home = options.DEFAULT_HOME,
    wallet: options.Wallet = options.DEFAULT_WALLET,
    charter: options.Charter = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="DIR", help="Copy all three to DIR/1 to DIR/3."),
    ] = None,
    offline: Annotated[
        Path | None,
        typer.Option(
            "--offline",
            metavar="DIR",
            help="Ask nobody: read every byte of the copies in DIR.",
        ),
    ] = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Look at the operators' logs: how long each is, and who saw it so.

    Each look is held against what this wallet saw before: a log that shrank or tells
    another past is named, and the evidence is kept beside the wallet.
    """
    from ipse.keys.system import SystemEntropy
    from ipse.owner.log_memory import LogMemory
    from ipse.owner.pin import read_charter
    from ipse.owner.vault import wallet_path

    if save is not None and offline is not None:
        raise Refused("Either copy logs or read copies: choose --save or --offline.")
    trusted = read_charter(charter or home / "charter.cbor").charter
    seen = wallet_path(home, wallet).with_suffix(".logs")
    memory = LogMemory(seen, SystemEntropy())
    with (
        busy(f"Looking at the three logs of {trusted.network}"),
        ExitStack() as doors,
    ):
        looked = [
            _look(trusted, entry.operator, memory, doors, offline, save)
            for entry in trusted.operators
        ]
        split = _split(looked)
    tell(
        {
            "network": trusted.network,
            "alike": split is None,
            "logs": [_as_object(one) for one in looked],
        },
        Group(_table(looked), *([Text(str(split), "red")] if split else [])),
        as_json=as_json,
    )
    for problem in (*(one.problem for one in looked), split):
        if problem is not None:
            raise typer.Exit(code_of(problem))


def _split(looked: list[_Looked]) -> IpseError | None:
    """Return what is wrong if two logs contradict each other."""
    from ipse.owner.log import expect_alike

    views = {one.operator: one.view for one in looked if one.view is not None}
    try:
        expect_alike(views)
    except IpseError as fault:
        return fault
    return None


def _look(
    charter: "Charter",
    operator: "OperatorId",
    memory: "LogMemory",
    doors: ExitStack,
    offline: Path | None,
    save: Path | None,
) -> _Looked:
    from ipse.keys.system import SystemEntropy
    from ipse.owner.log_memory import visit
    from ipse.owner.log_source import check_copy, copy_folder, save_copy
    from ipse.tlog.logs import log_of

    its = log_of(charter, operator)
    try:
        if offline is not None:
            check_copy(copy_folder(offline, operator), its)
        source = _source(charter, operator, doors, offline)
        view = visit(source, its, operator, memory)
        if save is not None:
            save_copy(view, copy_folder(save, operator), SystemEntropy())
    except IpseError as fault:
        return _Looked(operator, its, None, fault)
    return _Looked(operator, its, view, None)


def _source(
    charter: "Charter", operator: "OperatorId", doors: ExitStack, offline: Path | None
) -> "Source":
    from ipse.owner.log_source import DoorSource, FolderSource, copy_folder

    if offline is not None:
        return FolderSource(copy_folder(offline, operator))
    door = DoorSource(charter.entry(operator))
    doors.callback(door.close)
    return door


def _as_object(one: _Looked) -> dict[str, object]:
    found: dict[str, object] = {
        "operator": one.operator,
        "origin": one.log.origin,
        "problem": None if one.problem is None else str(one.problem),
    }
    if one.view is not None:
        checkpoint = one.view.cosigned.signed.checkpoint
        found |= {
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "cosigned_by": [each.name for each in one.log.witnesses],
            "cosigned_at": list(one.view.cosigned.at),
        }
    return found


def _table(looked: list[_Looked]) -> Table:
    from ipse.tlog.logs import others

    table = Table(box=None, pad_edge=False)
    for heading in ("operator", "entries", "root", "cosigned by", "state"):
        table.add_column(heading, header_style="dim")
    for one in looked:
        if one.view is None:
            problem = Text(str(one.problem), "red")
            table.add_row(str(one.operator), "-", "-", "-", problem)
            continue
        checkpoint = one.view.cosigned.signed.checkpoint
        table.add_row(
            str(one.operator),
            f"{checkpoint.size:,}",
            checkpoint.root.hex()[:ROOT_DIGITS],
            " and ".join(str(each) for each in others(one.operator)),
            "[green]as both saw it[/]",
        )
    return table
