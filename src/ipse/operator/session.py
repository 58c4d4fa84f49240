"""A session: what one operator does between the meeting of links and their loss.

    try out    questions with known answers are answered rightly; crews meet
    settle     changes left in doubt by a crash are decided, so all have one roll
    serve      one request after the other, in the convenor's order

This file is the wiring: it turns messages into events of the table and of the commit
machine, and performs their effects. What is decided is decided there. Whatever goes
wrong on a link ends the session; the request at the table fails, nothing is lost, and
the next session begins by settling.
"""

import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from ipse.ground.errors import Misbehaved, Unavailable
from ipse.ground.names import OperatorId, Purpose, RequestId
from ipse.net import drive
from ipse.net.links import Links
from ipse.operator import commit, table, trial
from ipse.operator.admission import Admitted
from ipse.operator.commit import CONVENOR, FOLLOWERS
from ipse.operator.desk import Desk, Step
from ipse.operator.job import Commitment, Job
from ipse.operator.places import place_for
from ipse.operator.records import NO_ROWS
from ipse.operator.stance import take_stance
from ipse.wire.peer import (
    Acknowledged,
    Arrived,
    Asking,
    Begin,
    Decision,
    Message,
    Ruling,
    Seated,
    Settled,
    Stance,
)

MESSAGE_S: Final = 20.0
"""Seconds that an operator may take to say what is due."""

TICK_S: Final = 1.0
"""Seconds after which an idle table looks around."""

REMEMBERED: Final = 4_096
"""Arrivals that the convenor remembers for requests that have not reached it."""

_log = logging.getLogger(__name__)
M = TypeVar("M", bound=Message)


class Session:
    """One session of one operator."""

    def __init__(self, desk: Desk, links: Links) -> None:
        """Begin with fresh links, whose keys no job has used."""
        self.desk = desk
        self.links = links
        self._next_job = trial.JOB + 1
        self._arrived: dict[RequestId, set[OperatorId]] = {}
        self._announced: set[RequestId] = set()

    # --- settling -----------------------------------------------------------------

    def settle(self) -> None:
        """Decide what a crash left in doubt, until all three have the same roll.

        Raises: Misbehaved: they still differ.
        """
        own = self.desk.records
        if not self.desk.is_convenor:
            for change in own.doubts():
                self.send(CONVENOR, Asking(change.request))
                ruling = self.expect(Decision, CONVENOR).ruling
                follower = Commitment(self, commit.Prepared(change), NO_ROWS)
                follower.move(commit.Ruled(ruling))
                _log.info("settled a change in doubt: %s", ruling)
            self.links.send(CONVENOR, Settled(self.desk.operator, own.roll.digest()))
            self.links.flush(time.monotonic() + MESSAGE_S)
            return
        for change in own.doubts():
            own.abort(change)  # prepared here, never decided here
            _log.info("settled a change in doubt: abort")
        for operator in sorted(FOLLOWERS):
            self._hear_out(operator)

    def _hear_out(self, operator: OperatorId) -> None:
        """As the convenor, tell a follower what was decided, until it is settled."""
        own = self.desk.records
        while True:
            match self._hear(operator):
                case Asking(request):
                    ruling = (
                        Ruling.COMMIT if own.is_committed(request) else Ruling.ABORT
                    )
                    self.send(operator, Decision(request, ruling))
                case Acknowledged(request):
                    own.heard(request, operator)
                case Settled(roll=roll) if roll == own.roll.digest():
                    own.heard_all(operator)  # it has no doubts left
                    return
                case Settled():
                    raise Misbehaved(
                        f"Operator {operator} has other records than operator "
                        f"{CONVENOR}: restore the one that lost some from its backup."
                    )
                case message:
                    raise _unexpected(operator, message)

    def try_out(self) -> None:
        """Answer what is known, then agree on who searches.

        Raises: Misbehaved: somebody answers otherwise.
        """
        place = place_for(self.links, self.desk.seat, trial.JOB)
        asked = trial.try_out(place, self.desk.charter.charter)
        drive.run(asked, self.links, trial.ROUND_S)
        drive.run(self.desk.search.begin(place), self.links, trial.ROUND_S)

    # --- serving ------------------------------------------------------------------

    def serve(self, is_over: Callable[[], bool]) -> None:
        """Serve requests until it is over. Raises: whatever ends the session."""
        self.desk.lobby.on_arrival(self.links.wake)
        while not is_over():
            if self.desk.is_convenor:
                self._convene()
            else:
                self._attend()

    def _convene(self) -> None:
        for admitted in self.desk.lobby.everyone():
            if self._arrived.get(admitted.id, set()) >= FOLLOWERS:
                self._call(admitted.id)
                return
        heard = self.links.receive(time.monotonic() + TICK_S, until_woken=True)
        match heard:
            case None:
                pass
            case operator, Arrived(request):
                self._note_arrival(operator, request)
            case operator, message:
                raise _unexpected(operator, message)

    def _attend(self) -> None:
        waiting = {admitted.id for admitted in self.desk.lobby.everyone()}
        for request in waiting - self._announced:
            self.links.send(CONVENOR, Arrived(request))
        self._announced = waiting
        heard = self.links.receive(time.monotonic() + TICK_S, until_woken=True)
        match heard:
            case None:
                pass
            case operator, Begin() as begin if operator == CONVENOR:
                self._answer_call(begin)
            case operator, message:
                raise _unexpected(operator, message)

    def _note_arrival(self, operator: OperatorId, request: RequestId) -> None:
        self._arrived.setdefault(request, set()).add(operator)
        while len(self._arrived) > REMEMBERED:
            self._arrived.pop(next(iter(self._arrived)))

    # --- jobs ---------------------------------------------------------------------

    def _call(self, request: RequestId) -> None:
        """Run a job as the convenor."""
        desk = self.desk
        self._arrived.pop(request, None)
        admitted = desk.lobby.seat(request)
        if admitted is None:
            return
        adds = admitted.header.purpose in (Purpose.ENROL, Purpose.SEED)
        slots = desk.records.roll.free_slots(admitted.bodies) if adds else ()
        begin = Begin(self._next_job, request, slots)
        self._next_job += 1
        for operator in sorted(FOLLOWERS):
            self.send(operator, begin)
        job = Job(self, begin, admitted, table.Calling(admitted.header.purpose))
        job.move(table.Took(self._stance(begin, admitted)))
        for operator in sorted(FOLLOWERS):
            job.move(table.Took(self.expect(Stance, operator)))

    def _answer_call(self, begin: Begin) -> None:
        """Take part in a job of the convenor's."""
        admitted = self.desk.lobby.seat(begin.request)
        stance = self._stance(begin, admitted)
        self.send(CONVENOR, stance)
        seated = self.expect(Seated, CONVENOR)
        if seated.stances[self.desk.seat] != stance:
            raise Misbehaved(
                f"Operator {CONVENOR} changed what operator {stance.operator} said."
            )
        if admitted is not None:
            job = Job(self, begin, admitted, table.Waiting(admitted.header.purpose))
            job.move(table.Saw(seated.stances))

    def _stance(self, begin: Begin, admitted: Admitted | None) -> Stance:
        desk = self.desk
        desk.at_step(Step.CALLED)
        return take_stance(
            desk.operator, begin, admitted, desk.records.roll, self.links
        )

    # --- speaking -----------------------------------------------------------------

    def send(self, operator: OperatorId, message: Message) -> None:
        """Say something to another operator; it leaves when this one next waits."""
        self.links.send(operator, message)

    def expect(self, kind: type[M], operator: OperatorId) -> M:
        """Return the next message of one operator; arrivals may come before it."""
        while True:
            match self._hear(operator):
                case Arrived(request) if self.desk.is_convenor:
                    self._note_arrival(operator, request)
                case message if isinstance(message, kind):
                    return message
                case message:
                    raise _unexpected(operator, message)

    def _hear(self, operator: OperatorId) -> Message:
        heard = self.links.receive(time.monotonic() + MESSAGE_S, of=operator)
        if heard is None:
            raise Unavailable(
                f"Operator {operator} is silent; nothing was lost, try again later."
            )
        return heard[1]


def _unexpected(operator: OperatorId, message: Message) -> Misbehaved:
    return Misbehaved(
        f"Operator {operator} sent {type(message).__name__} where it does not belong."
    )
