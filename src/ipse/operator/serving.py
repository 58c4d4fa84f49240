"""Serving: who calls a job, and who answers a call.

    follower    a request is in its lobby  --Stance-->  convenor
    convenor    all three have it          --Begin--->  followers
    all         the job (ipse.operator.job)

A follower keeps what it told the convenor of until it is called, even if its wallet
went away meanwhile: then it says `Gone`, and forgets it when the convenor says so as
well. So whoever is called has what it is called for, and no job waits for an answer to
the call: rounds begin with it.

A request that one operator lacks is not called, and stops nobody: its wallet is told
when its patience ends.
"""

from typing import Final, Protocol

from ipse.ground.errors import Misbehaved, Unavailable
from ipse.ground.names import OperatorId, Purpose, RequestId, Slot
from ipse.operator import trial
from ipse.operator.admission import Admitted
from ipse.operator.commit import CONVENOR, FOLLOWERS
from ipse.operator.commitment import Speaking
from ipse.operator.job import Job
from ipse.operator.lobby import Waiting
from ipse.operator.schedule import Candidate, next_batch
from ipse.operator.stance import take_stance
from ipse.wire.peer import Begin, Gone, Message, Seated, Stance

TICK_S: Final = 1.0
"""Seconds after which an idle table looks around."""

CLOCKS_APART_MS: Final = 5_000
"""Milliseconds that a follower's clock may differ from the convenor's, whose time a
job goes by: grants begin and end by it. Clocks that are kept by NTP differ by some 10
ms; a wallet's window allows for as much as this (ipse.owner.request)."""

REMEMBERED: Final = 4_096
"""Stances that the convenor remembers for requests that have not reached it: more than
the lobbies of both others hold."""

LATE: Final = (
    "Too many requests came before this one, so it could not be answered in its time: "
    "nothing was lost, try again in a minute."
)


class Serving(Protocol):
    """One operator's part in serving."""

    def turn(self) -> None:
        """Do one job, or wait for something to happen."""
        ...

    def take(self, operator: OperatorId, message: Message) -> None:
        """Note what another operator says of its lobby, whenever it comes.

        Raises: Misbehaved: it does not belong here.
        """
        ...


class Convening:
    """The convenor's part."""

    def __init__(self, session: Speaking) -> None:
        """Begin with fresh links: nothing was said on them."""
        self._session = session
        self._next_job = trial.JOB + 1
        self._said: dict[RequestId, dict[OperatorId, Stance]] = {}

    def turn(self) -> None:
        """Call whose turn it is; if nobody can be called, wait."""
        while self._listen(0.0):
            pass  # all that was said during the last job
        desk = self._session.desk
        ready = {
            waiting.admitted.id: waiting
            for waiting in desk.lobby.everyone()
            if self._said.get(waiting.admitted.id, {}).keys() >= FOLLOWERS
        }
        plan = next_batch(map(_candidate, ready.values()), desk.clock.now())
        for request in plan.late:
            desk.lobby.fail(request, Unavailable(LATE))
        admitted = [desk.lobby.seat(request) for request in plan.batch]
        called = [each for each in admitted if each is not None]  # some just left
        if called:
            self._call(called)
        elif not plan.batch:
            self._listen(TICK_S)

    def take(self, operator: OperatorId, message: Message) -> None:
        """Note a follower's stance, or that a request is gone from its lobby."""
        match message:
            case Stance() if message.operator == operator:
                self._said.setdefault(message.request, {})[operator] = message
                while len(self._said) > REMEMBERED:
                    self._said.pop(next(iter(self._said)))
            case Gone(request):
                self._said.get(request, {}).pop(operator, None)
                if not self._said.get(request):
                    self._said.pop(request, None)
                self._session.send(operator, Gone(request))
            case _:
                raise out_of_place(operator, message)

    def _listen(self, within_s: float) -> bool:
        links = self._session.links
        heard = links.receive(links.after(within_s), until_woken=True)
        if heard is not None:
            self.take(*heard)
        return heard is not None

    def _call(self, called: list[Admitted]) -> None:
        session, desk = self._session, self._session.desk
        seated = [
            Seated(self._stances(admitted), slots)
            for admitted, slots in zip(called, self._slots(called), strict=True)
        ]
        begin = Begin(
            self._next_job,
            desk.clock.now(),
            desk.records.roll.digest(),
            desk.uses.trail(),
            tuple(seated),
        )
        self._next_job += 1
        for operator in sorted(FOLLOWERS):
            session.send(operator, begin)
        Job(session, begin, called).run()

    def _stances(self, admitted: Admitted) -> tuple[Stance, ...]:
        own = take_stance(CONVENOR, admitted, self._session.links)
        said = self._said.pop(admitted.id)
        return (own, *(said[operator] for operator in sorted(FOLLOWERS)))

    def _slots(self, called: list[Admitted]) -> list[tuple[Slot, ...]]:
        """Find places for what these requests would add."""
        wanted = [_new_records(admitted) for admitted in called]
        free = iter(self._session.desk.records.roll.free_slots(sum(wanted)))
        return [tuple(next(free) for _ in range(count)) for count in wanted]


class Attending:
    """A follower's part."""

    def __init__(self, session: Speaking) -> None:
        """Begin with fresh links: nothing was said on them."""
        self._session = session
        self._told: dict[RequestId, tuple[Admitted, Stance]] = {}
        self._leaving: set[RequestId] = set()

    def turn(self) -> None:
        """Tell the convenor who came and who went, and answer a call."""
        waiting = [each.admitted for each in self._session.desk.lobby.everyone()]
        for admitted in waiting:
            if admitted.id not in self._told:
                self._tell(admitted)
        for request in self._told.keys() - {one.id for one in waiting} - self._leaving:
            self._leaving.add(request)
            self._session.send(CONVENOR, Gone(request))
        links = self._session.links
        heard = links.receive(links.after(TICK_S), of=CONVENOR, until_woken=True)
        match heard:
            case None:
                pass
            case _, Begin() as begin:
                self._answer(begin)
            case operator, message:
                self.take(operator, message)

    def take(self, operator: OperatorId, message: Message) -> None:
        """Forget what will not be called."""
        match message:
            case Gone(request) if operator == CONVENOR:
                self._forget(request)
            case _:
                raise out_of_place(operator, message)

    def _tell(self, admitted: Admitted) -> None:
        session = self._session
        stance = take_stance(session.desk.operator, admitted, session.links)
        self._told[admitted.id] = (admitted, stance)
        session.send(CONVENOR, stance)

    def _answer(self, begin: Begin) -> None:
        """Take part in a job.

        Raises:
            Misbehaved: the convenor changed what was said, or miscounted.
            Unavailable: the operators' records differ, or their clocks.
        """
        desk = self._session.desk
        own = (desk.records.roll.digest(), desk.uses.trail())
        if (begin.roll, begin.trail) != own:
            raise Unavailable(
                "The operators do not have the same records, so nothing was answered "
                "and nothing was lost; they must settle this before they serve again."
            )
        called = []
        for seated in begin.seated:
            admitted, stance = self._told.get(seated.request, (None, None))
            if admitted is None or seated.stances[desk.seat] != stance:
                raise Misbehaved(
                    f"Operator {CONVENOR} changed what operator {desk.operator} said."
                )
            if len(seated.slots) != _new_records(admitted):
                raise Misbehaved(f"Operator {CONVENOR} miscounts slots.")
            called.append(admitted)
        for admitted in called:
            self._forget(admitted.id)
            desk.lobby.seat(admitted.id)
        if abs(begin.at - desk.clock.now()) > CLOCKS_APART_MS:
            raise Unavailable(
                f"The clocks of operators {CONVENOR} and {desk.operator} are more than "
                f"{CLOCKS_APART_MS // 1_000} s apart, so nothing was answered and "
                "nothing was lost: they must set them."
            )
        Job(self._session, begin, called).run()

    def _forget(self, request: RequestId) -> None:
        self._told.pop(request, None)
        self._leaving.discard(request)


def _new_records(admitted: Admitted) -> int:
    is_new = admitted.header.purpose in (Purpose.ENROL, Purpose.SEED)
    return admitted.bodies if is_new else 0


def _candidate(waiting: Waiting) -> Candidate:
    header = waiting.admitted.header
    return Candidate(
        header.request, header.purpose, header.forms, header.handle, waiting.deadline
    )


def out_of_place(operator: OperatorId, message: Message) -> Misbehaved:
    """Say that a message does not belong here."""
    return Misbehaved(
        f"Operator {operator} sent {type(message).__name__} where it does not belong."
    )
