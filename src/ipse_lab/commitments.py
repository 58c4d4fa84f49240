"""A simulator of the commit machine: three nodes, their disks, and whatever goes wrong.

    play = Play(faults)         a fault for each chance that one could strike
    play.change(...)            one change, from proposal on, until done or broken
    play.settle()               links come back, and what was decided is told

At each chance the next fault is taken: nothing, or a crash of the acting node before
its write, after its write, or after its effects; or the loss of all links; or a node
that sees another outcome than the others. A crash loses what is in memory and on the
links, never what was written. When the faults are used up everything works, as it must
some day.

A use is opened once all three have prepared it, and not before: from then on somebody
may know its bit.

The machine is `ipse.operator.commit`, unchanged; only disks and links are played.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from ipse.ground.names import OPERATORS, OperatorId, Outcome
from ipse.operator import commit
from ipse.operator.commit import CONVENOR, FOLLOWERS
from ipse.wire.change import Change, Kind
from ipse.wire.peer import Ruling


class Fault(Enum):
    """What strikes at a chance."""

    NOTHING = auto()
    BEFORE_WRITE = auto()
    AFTER_WRITE = auto()
    AFTER_EFFECTS = auto()
    LINKS_LOST = auto()
    DISK_FULL = auto()
    SEES_OTHERWISE = auto()


class Struck(Exception):
    """A fault ended the session."""


@dataclass(slots=True)
class Disk:
    """What survives."""

    doubts: dict[bytes, Change] = field(default_factory=dict)
    committed: dict[bytes, commit.Outcomes] = field(default_factory=dict)
    unheard: dict[bytes, commit.Committed] = field(default_factory=dict)


class Play:
    """Three nodes that work on one change at a time."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Begin with empty disks."""
        self._faults = deque(faults)
        self.disks = {operator: Disk() for operator in OPERATORS}
        self.told: dict[bytes, set[tuple[Ruling, commit.Outcomes]]] = {}
        self.opened: set[bytes] = set()
        self._states: dict[OperatorId, commit.State] = {}
        self._sent: deque[tuple[OperatorId, commit.Event]] = deque()

    def change(self, change: Change) -> None:
        """Propose one change to all three, until it is decided or the session ends."""
        self._sent.clear()
        self._states = {operator: commit.Proposed(change) for operator in OPERATORS}
        try:
            for operator in OPERATORS:
                self._prepare(operator)
            if change.kind is Kind.USE:
                self.opened.add(change.request)
            for operator, state in self._states.items():
                if isinstance(state, commit.Prepared):
                    self._move(operator, commit.Seen(self._outcomes(change)))
            while self._sent:
                self._move(*self._sent.popleft())
        except Struck:
            self._lose_links()

    def settle(self) -> None:
        """Let the links come back, as often as faults end the session again."""
        while not self._settle_once():
            pass

    def _settle_once(self) -> bool:
        own = self.disks[CONVENOR]
        try:
            for change in list(own.doubts.values()):
                self._states[CONVENOR] = commit.Prepared(change)
                self._move(CONVENOR, commit.Lost())
            self._sent.clear()  # all of it is told once more
            for operator in sorted(FOLLOWERS):
                for decided in list(own.unheard.values()):
                    if operator in decided.unheard:
                        self._be_told(operator, decided)
                for change in list(self.disks[operator].doubts.values()):
                    self._states[operator] = commit.Prepared(change)
                    self._move(operator, commit.Ruled(Ruling.ABORT))
                for request in list(own.unheard):  # Settled: no doubts left there
                    self._hear(request, operator)
        except Struck:
            self._lose_links()
            return False
        return True

    def _be_told(self, operator: OperatorId, decided: commit.Committed) -> None:
        disk, request = self.disks[operator], decided.change.request
        if request in disk.committed:
            return
        if request not in disk.doubts and decided.change.kind is not Kind.USE:
            raise AssertionError("a change was committed that a follower lacks")
        change = disk.doubts.get(request, decided.change)
        self._states[operator] = commit.Prepared(change)
        self._move(operator, commit.Ruled(Ruling.COMMIT, decided.outcomes))
        self._move(operator, commit.Kept())

    def _prepare(self, operator: OperatorId) -> None:
        if self._faults and self._faults[0] is Fault.DISK_FULL:
            self._faults.popleft()
            self._move(operator, commit.Broken())
            if self._states[operator].change.kind is Kind.USE:
                raise Struck  # the others wait for its computation, not for a vote
        else:
            self._move(operator, commit.Ready())

    def _outcomes(self, change: Change) -> commit.Outcomes:
        """Return what a node sees that the uses of a change end in."""
        if change.kind is not Kind.USE:
            return (Outcome.ENROLLED,) * len(change.uses)
        if self._faults and self._faults[0] is Fault.SEES_OTHERWISE:
            self._faults.popleft()
            return (Outcome.MATCHED,) * len(change.uses)
        return (Outcome.NOT_MATCHED,) * len(change.uses)

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
            case commit.Committed(_, outcomes, unheard):
                disk.doubts.pop(request, None)
                disk.committed[request] = outcomes
                disk.unheard[request] = state
                if not unheard:
                    del disk.unheard[request]
            case commit.Aborted():
                disk.doubts.pop(request, None)
            case commit.Proposed() | commit.Told():
                pass
        self._states[operator] = state

    def _perform(
        self, operator: OperatorId, request: bytes, effect: commit.Effect
    ) -> None:
        match effect:
            case commit.CastVote(is_prepared, outcomes):
                vote = commit.Voted(operator, is_prepared, outcomes)
                self._sent.append((CONVENOR, vote))
            case commit.Announce(ruling, outcomes):
                ruled = commit.Ruled(ruling, outcomes)
                self._sent.extend((n, ruled) for n in sorted(FOLLOWERS))
            case commit.Acknowledge():
                self._sent.append((CONVENOR, commit.Heard(operator)))
            case commit.Conclude(ruling, outcomes):
                self.told.setdefault(request, set()).add((ruling, outcomes))
                if isinstance(self._states[operator], commit.Told):
                    self._sent.append((operator, commit.Kept()))

    def _hear(self, request: bytes, operator: OperatorId) -> None:
        own = self.disks[CONVENOR].unheard
        left = own[request].unheard - {operator}
        own[request] = replace(own[request], unheard=left)
        if not left:
            del own[request]

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
