"""A job: the wiring of requests that share a table, and of the change they may bring.

    (1) each request is judged by itself; what the records alone say is answered
    (2) those that are left are computed together; what changes nothing is answered
    (3) what they add or remove is one change, and then they are answered

It performs the effects of `ipse.operator.table` and only carries: computations to the
driver, the change to its commitment, verdicts to the lobby.

In the first round each operator also tells both others a digest of the call that it
got. Nothing is opened before all three know that they were called alike.
"""

from collections.abc import Sequence
from typing import Final

from ipse.ground.errors import Misbehaved, OutOfTurn
from ipse.ground.names import Purpose, RequestId, Slot
from ipse.matching.rounds import Computation, Round, together
from ipse.net import drive
from ipse.operator import commit, table
from ipse.operator.admission import Admitted
from ipse.operator.change import Change, Kind, Planned, seeded_handle
from ipse.operator.commitment import Commitment, Speaking
from ipse.operator.desk import Step
from ipse.operator.places import place_for
from ipse.operator.position import position_of
from ipse.operator.questions import ask, rows_of
from ipse.operator.records import NO_ROWS
from ipse.operator.roll import Roll
from ipse.wire.peer import Begin, Ruling, begin_digest
from ipse.wire.verdict import finding_for, sign_verdict

FLUSH_S: Final = 20.0
"""Seconds in which what was said must have left."""


class Job:
    """Requests at one table."""

    def __init__(
        self, session: Speaking, begin: Begin, admitted: Sequence[Admitted]
    ) -> None:
        """Seat the requests, in the order in which they were called."""
        self._session = session
        self._begin = begin
        self._admitted = tuple(admitted)
        self._seated = {seated.request: seated for seated in begin.seated}
        self._states: dict[RequestId, table.State] = {
            each.id: table.Called(each.header.purpose) for each in admitted
        }

    def run(self) -> None:
        """Answer them all. Raises: whatever ends the session."""
        desk = self._session.desk
        desk.at_step(Step.CALLED)
        for admitted in self._admitted:
            position = position_of(admitted, desk.records.roll)
            stances = self._seated[admitted.id].stances
            self._move(admitted, table.Seen(position, stances))
        computing = self._who_is(table.Computing)
        if computing:
            found = self._compute(computing)
            for admitted, computed in zip(computing, found, strict=True):
                self._move(admitted, computed)
        proposing = self._who_is(table.Proposing)
        if proposing:
            settled = table.Settled(self._propose(proposing))
            for admitted in proposing:
                self._move(admitted, settled)

    def _who_is(self, kind: type[table.State]) -> list[Admitted]:
        return [
            each for each in self._admitted if isinstance(self._states[each.id], kind)
        ]

    def _move(self, admitted: Admitted, event: table.Event) -> None:
        """Move one request by one event."""

        def take(state: table.State) -> None:
            # a table lives no longer than its links: in memory
            self._states[admitted.id] = state

        drive.move(
            table.step,
            self._states[admitted.id],
            event,
            store=take,
            perform=lambda effect: self._perform(admitted, effect),
        )

    def _perform(self, admitted: Admitted, effect: table.Effect) -> None:
        desk = self._session.desk
        # let the others hear before the wallet does
        links = self._session.links
        links.flush(links.after(FLUSH_S))
        match effect:
            case table.Answer(outcome, bits):
                request = admitted.request
                finding = finding_for(request.header, request.digest, outcome, bits)
                verdict = sign_verdict(
                    finding, desk.operator, desk.clock.now(), desk.keys.sign
                )
                desk.at_step(Step.ANSWERED)
                desk.lobby.answer(admitted.id, verdict)
            case table.Fail(error):
                desk.lobby.fail(admitted.id, error)

    def _compute(self, computing: list[Admitted]) -> list[table.Computed]:
        session, desk = self._session, self._session.desk
        desk.at_step(Step.SEATED)
        place = place_for(session.links, desk.seat, self._begin.job)
        asked = ask(place, computing, desk.records, desk.search, desk.charter.charter)
        alike = called_alike(begin_digest(self._begin))
        _, found = drive.run(together(alike, asked), session.links)
        desk.at_step(Step.COMPUTED)
        return found

    def _propose(self, proposing: list[Admitted]) -> Ruling:
        desk = self._session.desk
        slots = [self._seated[each.id].slots for each in proposing]
        change = change_of(proposing, slots, desk.records.roll)
        rows = NO_ROWS
        if change.kind is Kind.ADD:
            rows = tuple(row for each in proposing for row in rows_of(each, desk.seat))
        return Commitment(self._session, commit.Proposed(change), rows).run()


def called_alike(digest: bytes) -> Computation[None]:
    """See whether both others got the same call.

    Raises: Misbehaved: they did not.
    """
    received = yield Round(digest, digest, len(digest), len(digest))
    if not bytes(received.from_next) == bytes(received.from_prev) == digest:
        raise Misbehaved(
            "The operators were called to different jobs, so operator 1 told them "
            "different things: nothing was opened or answered."
        )


def change_of(
    requests: Sequence[Admitted], slots: Sequence[tuple[Slot, ...]], roll: Roll
) -> Change:
    """Return the one change that these requests bring, named after the first.

    Raises: OutOfTurn: some add and some remove.
    """
    purposes = {each.header.purpose for each in requests}
    removes = purposes == {Purpose.ERASE}
    if not removes and Purpose.ERASE in purposes:
        raise OutOfTurn("One change adds records or removes them.")
    planned = tuple(
        one
        for admitted, own in zip(requests, slots, strict=True)
        for one in (_removed(admitted, roll) if removes else _added(admitted, own))
    )
    return Change(requests[0].id, Kind.REMOVE if removes else Kind.ADD, planned)


def _removed(admitted: Admitted, roll: Roll) -> list[Planned]:
    handle = admitted.header.handle
    record = roll.get(handle)
    if record is None:
        raise OutOfTurn("A record is to be removed that is not there.")
    return [Planned(handle, record.slot, record.owner_key, record.forms)]


def _added(admitted: Admitted, slots: tuple[Slot, ...]) -> list[Planned]:
    header = admitted.header
    handles = [header.handle]
    if header.purpose is Purpose.SEED:
        indices = range(admitted.bodies)
        handles = [seeded_handle(header.handle, index) for index in indices]
    return [
        Planned(handle, slot, header.owner_key, header.forms)
        for handle, slot in zip(handles, slots, strict=True)
    ]
