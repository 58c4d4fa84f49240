"""A commitment: the wiring of one change on its way to all three, or to none.

It performs the effects of `ipse.operator.commit`: promises to the links, changes to the
records. What is decided is decided there.
"""

import logging
from typing import Protocol, TypeVar

from ipse.ground.errors import IpseError, Unavailable
from ipse.ground.names import OperatorId
from ipse.net import drive
from ipse.net.links import Links
from ipse.operator import commit
from ipse.operator.change import Kind
from ipse.operator.commit import CONVENOR, FOLLOWERS
from ipse.operator.desk import Desk, Step
from ipse.operator.records import Rows
from ipse.wire.peer import Acknowledged, Decision, Message, Ruling, Vote

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


class Commitment:
    """One change on its way to all three, or to none."""

    def __init__(
        self, session: Speaking, state: commit.State, rows: tuple[Rows, ...]
    ) -> None:
        """Take up a change; `rows` are needed where it is not prepared yet."""
        self._session = session
        self._state = state
        self._rows = rows
        self._ruling: Ruling | None = None

    def run(self) -> Ruling:
        """Bring a proposed change to its end. Raises: whatever ends the session."""
        session = self._session
        try:
            self._prepare()
            if session.desk.is_convenor:
                for operator in sorted(FOLLOWERS):
                    vote = session.expect(Vote, operator)
                    self.move(commit.Voted(operator, vote.is_prepared))
                for operator in sorted(FOLLOWERS):
                    session.expect(Acknowledged, operator)
                    self.move(commit.Heard(operator))
            else:
                self.move(commit.Ruled(session.expect(Decision, CONVENOR).ruling))
        except IpseError:
            if isinstance(self._state, commit.Prepared | commit.Proposed):
                self.move(commit.Lost())
            raise
        if self._ruling is None:
            raise Unavailable("The change was not decided; ask for its status.")
        return self._ruling

    def move(self, event: commit.Event) -> None:
        """Move the commit machine by one event."""
        step = commit.convene if self._session.desk.is_convenor else commit.follow
        self._state = drive.move(
            step, self._state, event, store=self._store, perform=self._perform
        )

    def _prepare(self) -> None:
        try:
            self._expect_free()
            self.move(commit.Ready())
        except Unavailable as fault:
            _log.warning("not prepared: %s", fault)
            self.move(commit.Broken())

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
            case commit.Committed(change, unheard) if isinstance(
                self._state, commit.Prepared
            ):
                desk.records.commit(change, unheard)
                desk.at_step(Step.DECIDED if desk.is_convenor else Step.COMMITTED)
                desk.records.wipe(change)
                if change.kind is Kind.REMOVE:
                    desk.search.forget([planned.slot for planned in change.records])
            case commit.Committed(change, unheard) if isinstance(
                self._state, commit.Committed
            ):
                for operator in self._state.unheard - unheard:
                    desk.records.heard(change.request, operator)
            case commit.Aborted(change):
                desk.records.abort(change)
            case _:
                pass  # votes are counted in memory: a crash before the last one aborts
        self._state = state

    def _perform(self, effect: commit.Effect) -> None:
        session, desk = self._session, self._session.desk
        request = self._state.change.request
        match effect:
            case commit.CastVote(is_prepared):
                session.send(CONVENOR, Vote(request, is_prepared))
                desk.at_step(Step.VOTED)
            case commit.Announce(ruling):
                for operator in sorted(FOLLOWERS):
                    session.send(operator, Decision(request, ruling))
                desk.at_step(Step.ANNOUNCED)
            case commit.Acknowledge():
                session.send(CONVENOR, Acknowledged(request))
                desk.at_step(Step.ACKNOWLEDGED)
            case commit.Conclude(ruling):
                self._ruling = ruling
