"""The truth: what became of whom, to hold it against what the network says.

An enrolment that was not answered may be true all the same. So of each record one of
three things is known::

    ABSENT --enrolment asked--> OPEN --told that it is there--> THERE
    THERE  --erasure asked----> OPEN --told that it is gone---> ABSENT

What is THERE must be at all three once they are settled, and what is ABSENT at none.
Whose body is whose is known here, so an answer to a match is right or wrong whatever
happened in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Final

from ipse.ground.errors import IpseError, Misbehaved, OutOfTurn
from ipse.ground.names import Handle, OperatorId, Outcome, Purpose
from ipse.owner.verdict import Answer, Reply, Silence, conclude
from ipse.wire.charter import TrustedCharter
from ipse.wire.request import Request
from ipse_lab.network.machine import Machine

OVERDUE: Final = "did not answer within"
"""What a wallet says of an operator that is up, and neither answers nor refuses."""


class Standing(Enum):
    """What is known of a record."""

    ABSENT = auto()
    OPEN = auto()
    THERE = auto()


class Promise(StrEnum):
    """What is promised, by how a report counts that it was broken."""

    KEPT = "lost_records"  # what is confirmed stays, at all three
    RIGHT = "wrong_verdicts"  # what two operators sign is true
    ONCE = "bodies_enrolled_twice"
    PROVED = "unproved_uses"  # no use without a receipt, nor one that was not granted
    ONE_LEDGER = "forked_ledgers"  # all three tell one ledger, and never another
    GONE = "rows_left"  # of what is erased, or never was, nothing is left
    ALIVE = "stuck"  # everybody is answered or refused in time
    FORESEEN = "unforeseen_faults"  # nothing happens that nobody expected


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken promise."""

    promise: Promise
    what: str


@dataclass(slots=True)
class Fate:
    """What is known of one record."""

    body: int
    standing: Standing = Standing.OPEN
    since_s: float = 0.0  # of this standing
    gone_s: float = -1.0  # when it was last known to be absent, after it was not


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, when, and with whose body."""

    request: Request
    body: int | None
    asked_s: float
    was: Standing  # of the record, before


@dataclass(slots=True)
class Truth:
    """What is known of all records."""

    charter: TrustedCharter
    machines: Mapping[OperatorId, Machine]
    is_lied_to: bool = False  # an operator lies: it may stop an answer
    breaches: list[Breach] = field(default_factory=list)
    fates: dict[Handle, Fate] = field(default_factory=dict)
    withdrawn_s: dict[bytes, float] = field(default_factory=dict)  # by grant

    def breach(self, promise: Promise, what: str) -> None:
        """Note a broken promise."""
        self.breaches.append(Breach(promise, what))

    def ask(self, request: Request, body: int | None, now_s: float) -> Question:
        """Note that something is asked."""
        header = request.header
        fate = self.fates.get(header.handle)
        was = Standing.ABSENT if fate is None else fate.standing
        if header.purpose is Purpose.ENROL and was is Standing.ABSENT:
            if fate is None:
                fate = self.fates[header.handle] = Fate(-1 if body is None else body)
            self._stand(fate, Standing.OPEN, now_s)
        if header.purpose is Purpose.ERASE and was is Standing.THERE and fate:
            self._stand(fate, Standing.OPEN, now_s)
        return Question(request, body, now_s, was)

    def hear(
        self, question: Question, replies: Mapping[OperatorId, Reply], now_s: float
    ) -> None:
        """Hold what was answered against what is known."""
        header = question.request.header
        answer = self._concluded(question, replies)
        if answer is None:
            return  # refused or not answered: nothing is known that was not before
        outcome = answer.finding.outcome
        fate = self.fates.get(header.handle)
        if fate is None:
            self._expect(outcome is Outcome.UNKNOWN, question, outcome)
            return
        self._judge(question, fate, outcome, now_s)
        if outcome is Outcome.ENROLLED:
            self._expect_stored(header.handle, answer.signed_by)

    def _judge(
        self, question: Question, fate: Fate, outcome: Outcome, now_s: float
    ) -> None:
        header = question.request.header
        match header.purpose:
            case Purpose.ENROL:
                self._enrolled(question, fate, outcome, now_s)
            case Purpose.ERASE:
                if outcome is Outcome.UNKNOWN:
                    self._expect_not_lost(question, outcome)
                self._stand(fate, Standing.ABSENT, now_s)
            case Purpose.VERIFY:
                self._verified(question, fate, outcome)
                self._expect_not_withdrawn(question, outcome)
            case Purpose.WITHDRAW | Purpose.LEDGER:
                if outcome is Outcome.UNKNOWN:
                    self._expect_not_lost(question, outcome)
                elif header.purpose is Purpose.WITHDRAW:
                    self.withdrawn_s.setdefault(header.grant, now_s)
            case _:
                self._seen(question, fate, outcome, now_s)

    def _concluded(
        self, question: Question, replies: Mapping[OperatorId, Reply]
    ) -> Answer | None:
        """Return what counts of what was replied, as the wallet finds it."""
        for reply in replies.values():
            if isinstance(reply, Silence) and OVERDUE in str(reply.error):
                self.breach(Promise.ALIVE, str(reply.error))
        try:
            answer = conclude(question.request, self.charter, replies)
        except (Misbehaved, OutOfTurn) as fault:
            if not self.is_lied_to or isinstance(fault, OutOfTurn):
                self.breach(Promise.FORESEEN, f"{type(fault).__name__}: {fault}")
            return None
        except IpseError:
            return None
        if answer.dissent and not self.is_lied_to:
            said = answer.finding.outcome
            self.breach(Promise.RIGHT, f"operators signed {said} and another answer")
        return answer

    def _enrolled(
        self, question: Question, fate: Fate, outcome: Outcome, now_s: float
    ) -> None:
        handle = question.request.header.handle
        twins = [
            other
            for name, other in self.fates.items()
            if name != handle and other.body == question.body
        ]
        match outcome:
            case Outcome.ENROLLED:
                if any(
                    twin.standing is Standing.THERE and twin.since_s < question.asked_s
                    for twin in twins
                ):
                    self.breach(Promise.ONCE, f"body {question.body} is enrolled twice")
                self._stand(fate, Standing.THERE, now_s)
            case Outcome.ALREADY_ENROLLED:
                could = question.was is not Standing.ABSENT or any(
                    twin.standing is not Standing.ABSENT
                    or twin.gone_s >= question.asked_s
                    for twin in twins
                )
                self._expect(could, question, outcome)
            case _:
                self._expect(False, question, outcome)  # noqa: FBT003 (it never is)

    def _verified(self, question: Question, fate: Fate, outcome: Outcome) -> None:
        is_own = question.body == fate.body
        match outcome:
            case Outcome.UNKNOWN:
                self._expect_not_lost(question, outcome)
            case Outcome.MATCHED:
                could = is_own and question.was is not Standing.ABSENT
                self._expect(could, question, outcome)
            case _:
                could = not is_own and outcome is Outcome.NOT_MATCHED
                self._expect(could, question, outcome)

    def _expect_not_withdrawn(self, question: Question, outcome: Outcome) -> None:
        grant = question.request.header.grant
        gone_s = self.withdrawn_s.get(grant, question.asked_s)
        if gone_s < question.asked_s and outcome is not Outcome.UNKNOWN:
            self.breach(Promise.PROVED, "a grant was used that had been withdrawn")

    def _seen(
        self, question: Question, fate: Fate, outcome: Outcome, now_s: float
    ) -> None:
        if outcome is Outcome.ACTIVE:
            self._expect(question.was is not Standing.ABSENT, question, outcome)
            self._stand(fate, Standing.THERE, now_s)
        else:
            self._expect_not_lost(question, outcome)

    def _expect(self, could_be: bool, question: Question, outcome: Outcome) -> None:  # noqa: FBT001 (what is expected comes first)
        if not could_be:
            header = question.request.header
            self.breach(
                Promise.RIGHT,
                f"to {header.purpose} with body {question.body} was answered "
                f"{outcome}, and the record was {question.was.name}",
            )

    def _expect_not_lost(self, question: Question, outcome: Outcome) -> None:
        if question.was is Standing.THERE:
            header = question.request.header
            self.breach(
                Promise.KEPT, f"to {header.purpose} a confirmed record is {outcome}"
            )

    def _expect_stored(self, handle: Handle, signed_by: tuple[OperatorId, ...]) -> None:
        """See that whoever signed that a record is enrolled has stored it."""
        for operator in signed_by:
            machine = self.machines.get(operator)
            store = None if machine is None else machine.store
            if store is not None and store.ledger.find(handle) is None:
                self.breach(
                    Promise.KEPT, f"operator {operator} signed and has no record"
                )

    def _stand(self, fate: Fate, standing: Standing, now_s: float) -> None:
        if standing is Standing.ABSENT:
            fate.gone_s = now_s
        if fate.standing is not standing:
            fate.standing, fate.since_s = standing, now_s
