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
from ipse.owner.log import View, expect_logged, find_leaves
from ipse.owner.log_memory import LogMemory, visit
from ipse.owner.log_source import DoorSource
from ipse.tlog.logs import log_of
from ipse.wire.charter import Charter

Logged = Mapping[bytes, tuple[OperatorId, ...]]
"""Whose logs a leaf is proved to be in, by leaf."""


def find_logged(views: Mapping[OperatorId, View], leaves: Collection[bytes]) -> Logged:
    """Look for leaves in logs.

    Raises: Unproven: an entry is there, and can't be proved.
    """
    found: dict[bytes, tuple[OperatorId, ...]] = dict.fromkeys(leaves, ())
    for operator, view in sorted(views.items()):
        for leaf, index in find_leaves(view, leaves).items():
            expect_logged(view, leaf, index)
            found[leaf] = (*found[leaf], operator)
    return found


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
