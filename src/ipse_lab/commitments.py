"""A simulator of the commit machine: three nodes, their disks, and whatever goes wrong.

    play = Play(faults)         a fault for each chance that one could strike
    play.change(...)            one change, from proposal on, until done or broken
    play.settle()               links come back: who is in doubt asks, as in a session

At each chance the next fault is taken: nothing, or a crash of the acting node before
its write, after its write, or after its effects; or the loss of all links. A crash
loses what is in memory and on the links, never what was written. When the faults are
used up everything works, as it must some day.

The machine is `ipse.operator.commit`, unchanged; only disks and links are played.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator import commit
from ipse.operator.change import Change
from ipse.operator.commit import CONVENOR, FOLLOWERS
from ipse.wire.peer import Ruling


class Fault(Enum):
    """What strikes at a chance."""

    NOTHING = auto()
    BEFORE_WRITE = auto()
    AFTER_WRITE = auto()
    AFTER_EFFECTS = auto()
    LINKS_LOST = auto()
    DISK_FULL = auto()


class Struck(Exception):
    """A fault ended the session."""


@dataclass(slots=True)
class Disk:
    """What survives."""

    doubts: dict[bytes, Change] = field(default_factory=dict)
    committed: set[bytes] = field(default_factory=set)
    unheard: dict[bytes, frozenset[OperatorId]] = field(default_factory=dict)


class Play:
    """Three nodes that work on one change at a time."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Begin with empty disks."""
        self._faults = deque(faults)
        self.disks = {operator: Disk() for operator in OPERATORS}
        self.told: dict[bytes, set[Ruling]] = {}
        self._states: dict[OperatorId, commit.State] = {}
        self._sent: deque[tuple[OperatorId, commit.Event]] = deque()

    def change(self, change: Change) -> None:
        """Propose one change to all three, until it is decided or the session ends."""
        self._sent.clear()
        self._states = {operator: commit.Proposed(change) for operator in OPERATORS}
        try:
            for operator in OPERATORS:
                self._prepare(operator)
            while self._sent:
                self._move(*self._sent.popleft())
        except Struck:
            self._lose_links()

    def settle(self) -> None:
        """Let the links come back, as often as faults end the session again."""
        while not self._settle_once():
            pass

    def _settle_once(self) -> bool:
        self._sent.clear()
        own = self.disks[CONVENOR]
        try:
            for change in list(own.doubts.values()):
                self._states[CONVENOR] = commit.Prepared(change)
                self._move(CONVENOR, commit.Lost())
            for operator in sorted(FOLLOWERS):
                for request, change in list(self.disks[operator].doubts.items()):
                    is_true = request in own.unheard
                    ruling = Ruling.COMMIT if is_true else Ruling.ABORT
                    self._states[operator] = commit.Prepared(change)
                    self._move(operator, commit.Ruled(ruling))
                for request in list(own.unheard):  # Settled: no doubts left there
                    self._hear(request, operator)
        except Struck:
            self._lose_links()
            return False
        return True

    def _prepare(self, operator: OperatorId) -> None:
        if self._faults and self._faults[0] is Fault.DISK_FULL:
            self._faults.popleft()
            self._move(operator, commit.Broken())
        else:
            self._move(operator, commit.Ready())

    def _move(self, operator: OperatorId, event: commit.Event) -> None:
        fault = self._faults.popleft() if self._faults else Fault.NOTHING
        if fault is Fault.LINKS_LOST:
            raise Struck
        if fault is Fault.BEFORE_WRITE:
            self._crash(operator)
        step = commit.convene if operator == CONVENOR else commit.follow
        state, effects = step(self._states[operator], event)
        self._write(operator, state)
        if fault is Fault.AFTER_WRITE:
            self._crash(operator)
        for effect in effects:
            self._perform(operator, state.change.request, effect)
        if fault is Fault.AFTER_EFFECTS:
            self._crash(operator)

    def _write(self, operator: OperatorId, state: commit.State) -> None:
        disk, request = self.disks[operator], state.change.request
        match state:
            case commit.Prepared(change):
                disk.doubts[request] = change
            case commit.Committed(_, unheard):
                disk.doubts.pop(request, None)
                disk.committed.add(request)
                disk.unheard[request] = unheard
                if not unheard:
                    del disk.unheard[request]
            case commit.Aborted():
                disk.doubts.pop(request, None)
            case commit.Proposed():
                pass
        self._states[operator] = state

    def _perform(
        self, operator: OperatorId, request: bytes, effect: commit.Effect
    ) -> None:
        match effect:
            case commit.CastVote(is_prepared):
                self._sent.append((CONVENOR, commit.Voted(operator, is_prepared)))
            case commit.Announce(ruling):
                self._sent.extend((n, commit.Ruled(ruling)) for n in sorted(FOLLOWERS))
            case commit.Acknowledge():
                self._sent.append((CONVENOR, commit.Heard(operator)))
            case commit.Conclude(ruling):
                self.told.setdefault(request, set()).add(ruling)

    def _hear(self, request: bytes, operator: OperatorId) -> None:
        unheard = self.disks[CONVENOR].unheard
        unheard[request] -= {operator}
        if not unheard[request]:
            del unheard[request]

    def _crash(self, operator: OperatorId) -> None:
        self._states.pop(operator, None)
        raise Struck

    def _lose_links(self) -> None:
        """Everybody whose process lives learns that the links are gone."""
        self._sent.clear()
        step = {
            n: commit.convene if n == CONVENOR else commit.follow for n in OPERATORS
        }
        for operator, state in list(self._states.items()):
            if isinstance(state, commit.Proposed | commit.Prepared):
                following, effects = step[operator](state, commit.Lost())
                self._write(operator, following)
                for effect in effects:
                    self._perform(operator, state.change.request, effect)
        self._sent.clear()
        self._states.clear()
