"""The desk: what an operator works with in every session, and the steps of its work.

A step is a name for a place in the protocol. `at_step` is called there and does
nothing; whole-network tests pass one that kills the process (`ipse_lab.faults`), so
that every step's crash is played on the real thing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ipse.ground.names import OperatorId, Seat
from ipse.operator.beside import Start
from ipse.operator.commit import CONVENOR
from ipse.operator.complaints import Complaints
from ipse.operator.lobby import Lobby
from ipse.operator.records import Records
from ipse.operator.search import Search
from ipse.operator.uses import Uses
from ipse.ports import Clock, Keys
from ipse.wire.charter import TrustedCharter


class Step(StrEnum):
    """Places in a request's way, in their order."""

    ADMITTED = "admitted"
    CALLED = "called"
    SEATED = "seated"
    COMPUTED = "computed"  # a use is in doubt by now
    DOUBTED = "doubted"  # the change is in the ledger, its rows are not written
    PREPARED = "prepared"
    VOTED = "voted"  # queued: a crash here may lose it
    DECIDED = "decided"  # the convenor's decision is stored, nobody knows it
    ANNOUNCED = "announced"
    COMMITTED = "committed"  # a follower stored the decision
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Desk:
    """One operator's own things."""

    operator: OperatorId
    charter: TrustedCharter
    keys: Keys
    clock: Clock
    lobby: Lobby
    records: Records
    uses: Uses
    complaints: Complaints
    search: Search
    start: Start
    at_step: Callable[[Step], None]

    @property
    def seat(self) -> Seat:
        """Its place in the arithmetic."""
        return Seat(self.operator - 1)

    @property
    def is_convenor(self) -> bool:
        """It orders the jobs, and decides what is committed."""
        return self.operator == CONVENOR


def no_fault(_step: Step) -> None:
    """Pass a step, as production does."""
