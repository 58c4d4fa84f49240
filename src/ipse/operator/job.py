"""A job: the wiring of requests that share a table, and of the change they may bring.

    (1) each request is judged by itself; what the records alone say is answered
    (2) those that are left are computed together; what brings no change is answered,
        and what is a use was in doubt at this operator before a bit was opened
    (3) what they add, remove, use or withdraw is one change, and then they are answered

It performs the effects of `ipse.operator.table` and only carries: computations to the
driver, the change to its commitment, verdicts to the lobby.

In the first round each operator also tells both others a digest of the call that it
got. Nothing is opened before all three know that they were called alike. Who is lied to
keeps a signed complaint (`ipse.operator.complaints`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from ipse.ground.errors import Misbehaved, Unavailable
from ipse.ground.names import Outcome, Purpose, RequestId
from ipse.matching.claims import Lied
from ipse.matching.rounds import Computation, Round, together
from ipse.net import drive
from ipse.operator import commit, table
from ipse.operator.admission import Admitted
from ipse.operator.beside import NOTHING_BESIDE, Beside
from ipse.operator.brought import (
    Presented,
    is_use,
    planned_by,
    presented_by,
    use_of,
)
from ipse.operator.commitment import Commitment, Decided, Speaking
from ipse.operator.desk import Step
from ipse.operator.places import place_for
from ipse.operator.position import position_of
from ipse.operator.questions import ask, rows_of
from ipse.operator.records import NO_ROWS
from ipse.wire.change import Change, Kind
from ipse.wire.peer import Begin, Ruling, begin_digest
from ipse.wire.receipt import SignedReceipt
from ipse.wire.verdict import Verdict, finding_for, sign_verdict

FLUSH_S: Final = 20.0
"""Seconds in which what was said must have left."""

NOT_TOLD: Final = (
    "An operator could not store what its owner must hear of this body, so nothing was "
    "answered. Try again later."
)

KINDS: Final = {
    Purpose.ENROL: Kind.ADD,
    Purpose.SEED: Kind.ADD,
    Purpose.ERASE: Kind.REMOVE,
    Purpose.VERIFY: Kind.USE,
    Purpose.WITHDRAW: Kind.WITHDRAW,
}
"""What kind of change a purpose brings."""


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
        self._receipts: Mapping[RequestId, SignedReceipt] = {}

    def run(self) -> None:
        """Answer them all. Raises: whatever ends the session."""
        desk = self._session.desk
        desk.at_step(Step.CALLED)
        tally = desk.uses.tally(self._begin.at)
        for admitted in self._admitted:
            stances = self._seated[admitted.id].stances
            # what is not the same at all three is refused, and must not be counted
            is_alike = len({stance.asked for stance in stances}) == 1
            counting = tally if is_alike else desk.uses.tally(self._begin.at)
            position = position_of(admitted, desk.records.roll, counting)
            self._move(admitted, table.Seen(position, stances))
        computing = self._who_is(table.Computing)
        if computing and KINDS.get(computing[0].header.purpose) is Kind.USE:
            self._use(computing)
            return
        if computing:
            self._present(self._compute(computing, NOTHING_BESIDE))
        if proposing := self._who_is(table.Proposing):
            self._propose(proposing)

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
        self._flush()  # let the others hear before the wallet does
        match effect:
            case table.Answer(outcome, bits):
                verdict = self._verdict(admitted, outcome, bits)
                desk.at_step(Step.ANSWERED)
                desk.lobby.answer(admitted.id, verdict)
            case table.Fail(error):
                desk.lobby.fail(admitted.id, error)

    def _flush(self) -> None:
        links = self._session.links
        links.flush(links.after(FLUSH_S))

    def _verdict(self, admitted: Admitted, outcome: Outcome, bits: bytes) -> Verdict:
        """Sign what was found, and hand over the receipts that belong to it."""
        desk, request = self._session.desk, admitted.request
        receipt, receipts = b"", tuple[SignedReceipt, ...]()
        if outcome is Outcome.LISTED:
            handle = request.header.handle
            receipt = desk.uses.head(handle)
            receipts = desk.uses.page(handle, request.header.since)
        elif admitted.id in self._receipts:
            receipts = (self._receipts[admitted.id],)
            receipt = receipts[0].digest
        finding = finding_for(request.header, request.digest, outcome, bits, receipt)
        now, sign = desk.clock.now(), desk.keys.sign
        return sign_verdict(finding, desk.operator, now, sign, receipts)

    def _use(self, computing: list[Admitted]) -> None:
        """Compute what is a use: it is in doubt at all three before a bit is opened."""
        change = self._change(Kind.USE, computing)
        commitment = Commitment(self._session, commit.Proposed(change), NO_ROWS)
        beside = Beside(commitment.prepare, self._session.desk.start)
        try:
            self._compute(computing, beside)
        finally:
            beside.join()
        decided = commitment.decide(self._seen(computing))
        self._settle(computing, decided)
        commitment.keep()
        self._flush()  # somebody waits for the acknowledgement

    def _compute(self, computing: list[Admitted], beside: Beside) -> Presented:
        """Compute, and move on whoever has nobody else's body.

        Returns: those who have, and whose it is.
        """
        session, desk = self._session, self._session.desk
        desk.at_step(Step.SEATED)
        place = place_for(session.links, desk.seat, self._begin.job)
        rules = desk.charter.charter
        asked = ask(place, computing, desk.records, desk.search, rules, beside)
        alike = called_alike(begin_digest(self._begin))
        try:
            _, found = drive.run(together(alike, asked), session.links)
        except Lied as lied:
            # before the session ends, and the wallets hear of it
            call = begin_digest(self._begin)
            desk.complaints.complain(call, self._begin.at, lied)
            raise
        desk.at_step(Step.COMPUTED)
        presented: Presented = {}
        for admitted, computed in zip(computing, found, strict=True):
            if computed.found:
                presented[admitted.id] = admitted, computed
            else:
                self._move(admitted, computed)
        return presented

    def _present(self, presented: Presented) -> None:
        """Tell the owners of enrolled bodies that somebody came with them; then answer.

        Raises: Unavailable: an operator could not store it.
        """
        desk = self._session.desk
        uses = presented_by(presented, desk.records.roll)
        if uses:
            at, leaf = self._begin.at, desk.uses.leaves()
            change = Change(uses[0].request, Kind.PRESENT, at, leaf, (), uses)
            commitment = Commitment(self._session, commit.Proposed(change), NO_ROWS)
            commitment.prepare()
            decided = commitment.decide((Outcome.PRESENTED,) * len(uses))
            commitment.keep()
            if decided.ruling is not Ruling.COMMIT:
                raise Unavailable(NOT_TOLD)
        for admitted, computed in presented.values():
            self._move(admitted, computed)

    def _propose(self, proposing: list[Admitted]) -> None:
        desk = self._session.desk
        kind = KINDS[proposing[0].header.purpose]
        change = self._change(kind, proposing)
        rows = NO_ROWS
        if kind is Kind.ADD:
            rows = tuple(row for each in proposing for row in rows_of(each, desk.seat))
        commitment = Commitment(self._session, commit.Proposed(change), rows)
        commitment.prepare()
        outcomes = self._seen(proposing) if change.uses else ()
        decided = commitment.decide(outcomes)
        commitment.keep()
        self._settle(proposing, decided)

    def _seen(self, proposing: list[Admitted]) -> commit.Outcomes:
        states = [self._states[each.id] for each in proposing]
        return tuple(one.outcome for one in states if isinstance(one, table.Proposing))

    def _settle(self, proposing: list[Admitted], decided: Decided) -> None:
        self._receipts = decided.receipts
        outcomes = decided.outcomes or (None,) * len(proposing)
        for admitted, outcome in zip(proposing, outcomes, strict=True):
            self._move(admitted, table.Settled(decided.ruling, outcome))

    def _change(self, kind: Kind, requests: list[Admitted]) -> Change:
        desk = self._session.desk
        slots = [self._seated[each.id].slots for each in requests]
        planned = planned_by(kind, requests, slots, desk.records.roll)
        uses = tuple(use_of(each) for each in requests if is_use(each))
        at, leaf = self._begin.at, desk.uses.leaves()
        return Change(requests[0].id, kind, at, leaf, planned, uses)


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
