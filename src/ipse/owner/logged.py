"""Receipts in the logs: each leaf is looked for, and proved to be there.

A leaf is where its operator's ledger put it, and an owner is not told where: so all
entries of a log are read, once for all receipts of a ledger. What was found is proved
against the checkpoint that both witnesses cosigned.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from ipse.ground.errors import IpseError
from ipse.ground.names import OperatorId
from ipse.owner.log import View, expect_logged
from ipse.owner.log_memory import LogMemory, visit
from ipse.owner.log_source import DoorSource
from ipse.tlog.logs import log_of
from ipse.tlog.tiles import ENTRIES, WIDTH, read_entries, tile_of
from ipse.wire.charter import Charter

Logged = Mapping[bytes, tuple[OperatorId, ...]]
"""Whose logs a leaf is proved to be in, by leaf."""


def find_logged(views: Mapping[OperatorId, View], leaves: Collection[bytes]) -> Logged:
    """Look for leaves in logs.

    Raises: Unproven: an entry is there, and can't be proved.
    """
    found: dict[bytes, tuple[OperatorId, ...]] = dict.fromkeys(leaves, ())
    for operator, view in sorted(views.items()):
        for leaf, index in _places(view, leaves).items():
            expect_logged(view, leaf, index)
            found[leaf] = (*found[leaf], operator)
    return found


def _places(view: View, leaves: Collection[bytes]) -> dict[bytes, int]:
    wanted, places = set(leaves), dict[bytes, int]()
    for start in range(0, view.size, WIDTH):
        tile = tile_of(view.size, ENTRIES, start)
        for index, entry in enumerate(read_entries(tile, view.source.tile(tile))):
            if entry in wanted:
                places.setdefault(entry, start + index)
    return places


@dataclass(frozen=True, slots=True)
class Seen:
    """The logs that could be looked at, and why the others could not."""

    views: Mapping[OperatorId, View]
    problems: Mapping[OperatorId, IpseError]


NO_LOGS = Seen({}, {})
"""Where nobody looks at logs."""


@contextmanager
def seen_logs(charter: Charter, memory: LogMemory) -> Iterator[Seen]:
    """Look at all three logs at their doors, and hold them against what was seen."""
    views: dict[OperatorId, View] = {}
    problems: dict[OperatorId, IpseError] = {}
    with ExitStack() as stack:
        for entry in charter.operators:
            door = stack.enter_context(closing(DoorSource(entry)))
            log = log_of(charter, entry.operator)
            try:
                views[entry.operator] = visit(door, log, entry.operator, memory)
            except IpseError as fault:
                problems[entry.operator] = fault
        yield Seen(views, problems)
