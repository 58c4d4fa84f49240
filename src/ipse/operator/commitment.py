"""A commitment: the wiring of one change on its way to all three, or to none.

It performs the effects of `ipse.operator.commit`: promises to the links, changes to the
records. What is decided is decided there.

    prepare    the change is in doubt here
    decide     it is true at the convenor, or is not, and this one knows
    keep       it is true at all three, or at none
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from ipse.ground.errors import IpseError, Unavailable
from ipse.ground.names import OperatorId, RequestId
from ipse.net import drive
from ipse.net.links import Links
from ipse.operator import commit
from ipse.operator.commit import CONVENOR, FOLLOWERS
from ipse.operator.desk import Desk, Step
from ipse.operator.records import Rows
from ipse.operator.uses import receipts_of
from ipse.store.uses import Written
from ipse.wire.change import Change, Kind
from ipse.wire.peer import (
    DECISION,
    Acknowledged,
    Decision,
    Message,
    Ruling,
    Vote,
)
from ipse.wire.receipt import SignedReceipt

FLUSH_S: Final = 20.0
"""Seconds in which a vote must have left."""

_log = logging.getLogger(__name__)
M = TypeVar("M", bound=Message)


class Speaking(Protocol):
    """What jobs and commitments need of their session."""

    desk: Desk
    links: Links

    def send(self, operator: OperatorId, message: Message) -> None:
        """Say something to another operator."""
        ...

    def expect(self, kind: type[M], operator: OperatorId) -> M:
        """Wait for what another operator must say now."""
        ...


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a change."""

    ruling: Ruling
    outcomes: commit.Outcomes  # use by use; none if it was aborted
    receipts: Mapping[RequestId, SignedReceipt]  # of its uses, signed here


class Commitment:
    """One change on its way to all three, or to none."""

    def __init__(
        self, session: Speaking, state: commit.State, rows: tuple[Rows, ...]
    ) -> None:
        """Take up a change; `rows` are needed where it is not prepared yet."""
        self._session = session
        self._state = state
        self._rows = rows
        self._concluded: commit.Conclude | None = None
        self._receipts: Mapping[RequestId, SignedReceipt] = {}
        self._written: Written | None = None
        self._written_for: commit.Outcomes = ()

    def prepare(self) -> None:
        """Prepare a proposed change, or say that it can't be.

        Raises: Unavailable: a use can't be begun here.
        """
        try:
            self._expect_free()
            self.move(commit.Ready())
        except Unavailable as fault:
            _log.warning("not prepared: %s", fault)
            self.move(commit.Broken())
            if self._state.change.kind is Kind.USE:
                raise  # the others wait for its computation, not for a vote

    def decide(self, outcomes: commit.Outcomes) -> Decided:
        """Bring a change to its end, whose uses ended so here.

        Raises: whatever ends the session.
        """
        session = self._session
        try:
            if isinstance(self._state, commit.Prepared):
                self.move(commit.Seen(outcomes))
                session.links.flush(session.links.after(FLUSH_S))
                # while votes and decision travel: they will hardly be others
                self._write(self._state.change, outcomes)
            if session.desk.is_convenor:
                for operator in sorted(FOLLOWERS):
                    vote = session.expect(Vote, operator)
                    self.move(commit.Voted(operator, vote.is_prepared, vote.outcomes))
            else:
                told = session.expect(Decision, CONVENOR)
                self.move(commit.Ruled(told.ruling, told.outcomes))
        except IpseError:
            if isinstance(self._state, commit.Prepared | commit.Proposed):
                self.move(commit.Lost())
            raise
        if self._concluded is None:
            raise Unavailable("The change was not decided; ask for its status.")
        ended = self._concluded
        return Decided(ended.ruling, ended.outcomes, self._receipts)

    def keep(self) -> None:
        """Store what was decided; as the convenor, wait until both others have."""
        if self._session.desk.is_convenor:
            for operator in sorted(FOLLOWERS):
                self._session.expect(Acknowledged, operator)
                self.move(commit.Heard(operator))
        elif isinstance(self._state, commit.Told):
            self.move(commit.Kept())

    def move(self, event: commit.Event) -> None:
        """Move the commit machine by one event."""
        step = commit.convene if self._session.desk.is_convenor else commit.follow
        self._state = drive.move(
            step, self._state, event, store=self._store, perform=self._perform
        )

    def _expect_free(self) -> None:
        """See that a new record's place is free here, where the convenor chose it."""
        change, roll = self._state.change, self._session.desk.records.roll
        if change.kind is Kind.ADD and not all(
            roll.is_free(planned.slot) for planned in change.records
        ):
            raise Unavailable("The place for a new record is not free here.")

    def _store(self, state: commit.State) -> None:
        desk = self._session.desk
        match state:
            case commit.Prepared(change) if isinstance(self._state, commit.Proposed):
                desk.records.doubt(change)
                desk.at_step(Step.DOUBTED)
                desk.records.write(change, self._rows)
                desk.at_step(Step.PREPARED)
            case commit.Told(change, outcomes):
                self._write(change, outcomes)
            case commit.Committed() if isinstance(
                self._state, commit.Prepared | commit.Told
            ):
                self._make_true(state)
            case commit.Committed(change, unheard=unheard) if isinstance(
                self._state, commit.Committed
            ):
                if not unheard:  # of a first one a crash may forget
                    desk.records.heard(change.request, *FOLLOWERS)
            case commit.Aborted(change):
                desk.records.abort(change)
            case _:
                pass  # what was seen and voted is in memory: a crash cuts it off
        self._state = state

    def _make_true(self, state: commit.Committed) -> None:
        desk, change = self._session.desk, state.change
        self._write(change, state.outcomes)
        decision = b""
        if state.unheard:
            missed = (change,) if change.kind is Kind.USE else ()
            told = Decision(change.request, Ruling.COMMIT, state.outcomes, missed)
            decision = DECISION.encode(told)
        desk.records.commit(
            change, self._written, unheard=state.unheard, decision=decision
        )
        desk.at_step(Step.DECIDED if desk.is_convenor else Step.COMMITTED)
        desk.records.wipe(change)
        if change.kind is Kind.REMOVE:
            desk.search.forget([planned.slot for planned in change.records])

    def _write(self, change: Change, outcomes: commit.Outcomes) -> None:
        """Write and sign the receipts, once; they are stored when the change is."""
        if change.uses and outcomes != self._written_for:
            self._written_for = outcomes
            self._written = self._session.desk.uses.written(change, outcomes)
            self._receipts = receipts_of(change, self._written)

    def _perform(self, effect: commit.Effect) -> None:
        session, desk = self._session, self._session.desk
        request = self._state.change.request
        match effect:
            case commit.CastVote(is_prepared, outcomes):
                session.send(CONVENOR, Vote(request, is_prepared, outcomes))
                desk.at_step(Step.VOTED)
            case commit.Announce(ruling, outcomes, missed):
                told = Decision(request, ruling, outcomes, missed)
                for operator in sorted(FOLLOWERS):
                    session.send(operator, told)
                desk.at_step(Step.ANNOUNCED)
            case commit.Acknowledge():
                session.send(CONVENOR, Acknowledged(request))
                desk.at_step(Step.ACKNOWLEDGED)
            case commit.Conclude():
                self._concluded = effect
