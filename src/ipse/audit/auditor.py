"""The auditor: asks at random times what it knows, and keeps the evidence of a lie.

    pause -> choose -> write down -> ask -> judge -> write down
                                               '-- wrong: keep the evidence

    enter     enrol an invented newcomer     must end in enrolled; a canary from then on
    present   enrol a canary's body again    must end in already-enrolled; it is spent
    leave     erase a canary that is spent

Pauses are exponential, so how long ago the last test was says nothing about the next.
Operators see an enrolment or an erasure like any other: which of the two enrolments it
is follows from the answer alone.

How a question reaches the operators is a port: the door of the command line asks them
as any wallet does.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, TypeVar

import numpy as np

from ipse.audit import diary as notes
from ipse.audit.canary import Body, invented, nearby
from ipse.audit.diary import Canary, Diary, Stage
from ipse.audit.evidence import body_of
from ipse.crypto import signature
from ipse.ground.errors import Refused, Unavailable, Unproven
from ipse.ground.names import HANDLE_BYTES, Form, Handle, Outcome, Purpose
from ipse.keys import durable
from ipse.ports import Entropy
from ipse.wire.charter import Charter, TrustedCharter
from ipse.wire.known_answer import KNOWN_ANSWER, KnownAnswer, Sent

LEAVING: Final = 1 / 2
"""Chance that a turn erases a spent canary, if there is one, instead of a test. A test
leaves one at most, so they don't pile up."""

DIGITS: Final = 16
"""Digits of evidence's digest in its file's name."""

T = TypeVar("T")


class Asker(Protocol):
    """Asks the network in a canary's name."""

    def ask(self, canary: Canary, purpose: Purpose, body: Body | None) -> Sent:
        """Send a request and wait for its answer, which two operators signed.

        Raises: IpseError: there is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of one question."""

    purpose: Purpose
    outcome: Outcome | None  # none if there was no answer
    evidence: Path | None = None  # where it is, if the answer is wrong
    remark: str = ""  # why there was no answer
    is_test: bool = True


@dataclass(slots=True)
class Auditor:
    """One operator's auditor."""

    charter: TrustedCharter
    asker: Asker
    entropy: Entropy
    path: Path  # of the diary; evidence is kept beside it
    most: int  # canaries that wait at once
    diary: Diary

    def pause_s(self, mean_s: float) -> float:
        """Draw the seconds until the next turn."""
        return -mean_s * math.log(1.0 - self._chance())

    def turn(self) -> Turn:
        """Ask one question. Raises: Unavailable: the diary can't be written."""
        waiting, spent = (self.diary.at(one) for one in (Stage.WAITING, Stage.SPENT))
        is_full = len(self.diary.canaries) >= notes.CANARIES
        if spent and (is_full or self._chance() < LEAVING):
            return self._leave(self._one(spent))
        if waiting and (len(waiting) >= self.most or self._chance() < 1 / 2):
            return self._present(self._one(waiting))
        return self._enter()

    def end(self) -> list[Turn]:
        """Erase every canary; one whose erasure was not answered stays written down."""
        return [self._leave(canary) for canary in self.diary.canaries]

    def _enter(self) -> Turn:
        """Enrol an invented newcomer."""
        forms = self._one(forms_of(self.charter.charter))
        newcomer = self._drawn()
        self._keep(self.diary.having(newcomer))
        body = invented(self._dice(), forms)
        sent = self._answered(newcomer, Purpose.ENROL, body)
        if not isinstance(sent, Sent):
            return self._unanswered(newcomer, Purpose.ENROL, sent)
        outcome = _outcome(sent)
        is_wrong = outcome is not Outcome.ENROLLED
        written = replace(newcomer, stage=Stage.WAITING, enrolled=(sent,))
        book = self.diary.without(newcomer) if is_wrong else self.diary.having(written)
        book = replace(book, newcomers=book.newcomers + 1, wrong=book.wrong + is_wrong)
        return self._judged(book, sent, KnownAnswer((), sent) if is_wrong else None)

    def _present(self, canary: Canary) -> Turn:
        """Enrol a canary's body again, as somebody else."""
        stranger = self._drawn()
        spent = replace(canary, stage=Stage.SPENT)
        self._keep(self.diary.having(spent).having(stranger))
        (enrolled,) = canary.enrolled
        body = nearby(self._dice(), body_of(enrolled))
        sent = self._answered(stranger, Purpose.ENROL, body)
        if not isinstance(sent, Sent):
            return self._unanswered(stranger, Purpose.ENROL, sent)
        is_wrong = _outcome(sent) is not Outcome.ALREADY_ENROLLED
        is_enrolled = _outcome(sent) is Outcome.ENROLLED
        late = replace(stranger, stage=Stage.SPENT)
        book = self.diary
        book = book.having(late) if is_enrolled else book.without(stranger)
        book = replace(book, presented=book.presented + 1, wrong=book.wrong + is_wrong)
        wrong = KnownAnswer((enrolled,), sent) if is_wrong else None
        return self._judged(book, sent, wrong)

    def _leave(self, canary: Canary) -> Turn:
        """Erase a canary, or whatever a test that was cut off left."""
        sent = self._answered(canary, Purpose.ERASE, None)
        if not isinstance(sent, Sent):
            return Turn(Purpose.ERASE, outcome=None, remark=sent, is_test=False)
        self._keep(self.diary.without(canary))
        return Turn(Purpose.ERASE, outcome=_outcome(sent), remark="", is_test=False)

    def _answered(
        self, canary: Canary, purpose: Purpose, body: Body | None
    ) -> Sent | str:
        """Return what was sent and answered, or why there is no answer."""
        try:
            return self.asker.ask(canary, purpose, body)
        except (Refused, Unavailable, Unproven) as error:
            return str(error)

    def _unanswered(self, canary: Canary, purpose: Purpose, why: str) -> Turn:
        """Count it for nothing, and have it erased: it may be enrolled after all."""
        self._keep(self.diary.having(replace(canary, stage=Stage.SPENT)))
        return Turn(purpose, outcome=None, remark=why)

    def _judged(self, book: Diary, sent: Sent, wrong: KnownAnswer | None) -> Turn:
        """Keep the evidence before the diary: what is counted can be shown."""
        place = None
        if wrong is not None:
            encoded = KNOWN_ANSWER.encode(wrong)
            name = sent.request.header.request.hex()[:DIGITS]
            place = self.path.with_name(f"known-answer-{name}.cbor")
            durable.replace(place, encoded, self.entropy)
        self._keep(book)
        return Turn(Purpose.ENROL, _outcome(sent), evidence=place)

    def _drawn(self) -> Canary:
        draw = self.entropy.draw
        handle, seed = Handle(draw(HANDLE_BYTES)), draw(signature.KEY_BYTES)
        return Canary(handle, seed, Stage.ENTERING, ())

    def _keep(self, diary: Diary) -> None:
        notes.keep(self.path, diary, self.entropy)
        self.diary = diary

    def _chance(self) -> float:
        """Draw a number from 0 to 1."""
        return int.from_bytes(self.entropy.draw(8)) / 2.0**64

    def _one(self, some: tuple[T, ...]) -> T:
        return some[int(self._chance() * len(some))]

    def _dice(self) -> np.random.Generator:
        return np.random.default_rng(int.from_bytes(self.entropy.draw(32)))


def forms_of(charter: Charter) -> tuple[tuple[Form, ...], ...]:
    """Return the sets of forms that a body may be enrolled with and searched by."""
    return tuple(
        each.forms
        for each in charter.thresholds
        if Form.FACE in each.forms or Form.CODE in each.forms
    )


def begun(
    charter: TrustedCharter, asker: Asker, entropy: Entropy, path: Path, most: int
) -> Auditor:
    """Take up the diary. Raises: Refused, Malformed: it is no diary of ours."""
    return Auditor(charter, asker, entropy, path, most, notes.opened(path, charter))


def _outcome(sent: Sent) -> Outcome:
    return sent.verdicts[0].finding.outcome
