"""A job: the wiring of one request at the table, and of the change it may bring.

`Job` performs the effects of `ipse.operator.table`, `Commitment` those of
`ipse.operator.commit`. Both only carry: messages to the links, computations to the
drivers, changes to the records, verdicts to the lobby.
"""

import logging
import time
from typing import Protocol, TypeVar

from ipse.ground.errors import IpseError, Unavailable
from ipse.ground.names import OperatorId, Purpose
from ipse.net import drive
from ipse.net.links import Links
from ipse.operator import commit, table
from ipse.operator.admission import Admitted
from ipse.operator.change import Change, Kind, Planned, seeded_handle
from ipse.operator.commit import CONVENOR, FOLLOWERS
from ipse.operator.desk import Desk, Step
from ipse.operator.places import place_for
from ipse.operator.questions import ask, rows_of
from ipse.operator.records import NO_ROWS, Rows
from ipse.wire.peer import (
    Acknowledged,
    Begin,
    Decision,
    Message,
    Ruling,
    Seated,
    Vote,
)
from ipse.wire.verdict import finding_for, sign_verdict

FLUSH_S = 20.0
"""Seconds in which what was said must have left."""

_log = logging.getLogger(__name__)
M = TypeVar("M", bound=Message)


class Speaking(Protocol):
    """What a job needs of its session."""

    desk: Desk
    links: Links

    def send(self, operator: OperatorId, message: Message) -> None:
        """Say something to another operator."""
        ...

    def expect(self, kind: type[M], operator: OperatorId) -> M:
        """Wait for what another operator must say now."""
        ...


class Job:
    """One request at the table."""

    def __init__(
        self, session: Speaking, begin: Begin, admitted: Admitted, state: table.State
    ) -> None:
        """Seat a request."""
        self._session = session
        self._begin = begin
        self._admitted = admitted
        self._state = state

    def move(self, event: table.Event) -> None:
        """Move the table by one event."""
        self._state = drive.move(
            table.step, self._state, event, store=self._take, perform=self._perform
        )

    def _take(self, state: table.State) -> None:
        self._state = state  # a table lives no longer than its links: in memory

    def _perform(self, effect: table.Effect) -> None:
        desk = self._session.desk
        match effect:
            case table.Show(stances):
                for operator in sorted(FOLLOWERS):
                    self._session.send(operator, Seated(stances))
            case table.Compute():
                self._compute()
            case table.Propose():
                self._propose()
            case table.Answer(outcome, bits):
                request = self._admitted.request
                finding = finding_for(request.header, request.digest, outcome, bits)
                verdict = sign_verdict(
                    finding, desk.operator, desk.clock.now(), desk.keys.sign
                )
                self._flush()
                desk.at_step(Step.ANSWERED)
                desk.lobby.answer(self._begin.request, verdict)
            case table.Fail(error):
                self._flush()
                desk.lobby.fail(self._begin.request, error)

    def _compute(self) -> None:
        session, desk = self._session, self._session.desk
        desk.at_step(Step.SEATED)
        place = place_for(session.links, desk.seat, self._begin.job)
        asked = ask(
            place, self._admitted, desk.records, desk.search, desk.charter.charter
        )
        found = drive.run(asked, session.links)
        desk.at_step(Step.COMPUTED)
        self.move(found)

    def _propose(self) -> None:
        change = self._change()
        adds = change.kind is Kind.ADD
        rows = rows_of(self._admitted, self._session.desk.seat) if adds else NO_ROWS
        commitment = Commitment(self._session, commit.Proposed(change), rows)
        self.move(table.Settled(commitment.run()))

    def _change(self) -> Change:
        header, roll = self._admitted.header, self._session.desk.records.roll
        if header.purpose is Purpose.ERASE:
            record = roll.get(header.handle)
            if record is None:
                raise Unavailable("The record is gone already; ask for its status.")
            planned = Planned(
                header.handle, record.slot, record.owner_key, record.forms
            )
            return Change(header.request, Kind.REMOVE, (planned,))
        handles = [header.handle]
        if header.purpose is Purpose.SEED:
            indices = range(self._admitted.bodies)
            handles = [seeded_handle(header.handle, index) for index in indices]
        records = tuple(
            Planned(handle, slot, header.owner_key, header.forms)
            for handle, slot in zip(handles, self._begin.slots, strict=True)
        )
        return Change(header.request, Kind.ADD, records)

    def _flush(self) -> None:
        """Let the others hear before the wallet does."""
        self._session.links.flush(time.monotonic() + FLUSH_S)


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
            self.move(commit.Ready())
        except Unavailable as fault:
            _log.warning("not prepared: %s", fault)
            self.move(commit.Broken())

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
