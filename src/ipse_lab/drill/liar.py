"""The liar's drill: one seat lies in a verification, in every way that there is.

For each lie of `ipse_lab.drill.lies` a verification is played, of a mated or a
non-mated pair, by three seats in this process with the network's own code; one of them
says something else than it should. Then each honest seat has answered, or stopped and
said whom it suspects. A wrong answer of an honest seat is a wrong verdict: the liar
would sign it as well.

The same lies are told where nobody proves anything: the bit is computed alike, and
opened by one message. That drill must go wrong, or this one shows nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from ipse.ground.names import Form
from ipse.ground.params import THRESHOLDS
from ipse.matching.claims import Lied
from ipse.matching.rounds import Computation, Message, Received, Round
from ipse.matching.seat import SEATS, Place
from ipse.matching.verify import Answer, verify
from ipse.shares.replicated import Upload
from ipse.shares.shamir import Row
from ipse_lab.drill.lies import BIT, KINDS_OF_LIES, NEXT, Lie, Said, lies
from ipse_lab.people import people
from ipse_lab.table import Table
from ipse_lab.unproved import ROUNDS, believed

THRESHOLD: Final = THRESHOLDS[(Form.FACE,)].verify
PAIRS: Final = 32
"""People whose verifications are lied in, over and over with fresh randomness."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a verification ended at an honest seat."""

    answer: Answer | None = None
    suspects: tuple[int, ...] | None = None  # of a seat that caught somebody


@dataclass(slots=True)
class Tally:
    """What became of lies of one kind."""

    told: int = 0
    wrong: int = 0  # an honest seat gave a wrong answer
    stopped: int = 0  # at least one honest seat stopped
    named: int = 0  # an honest seat named the liar, and nobody else
    named_twice: int = 0  # both did: whoever trusts no seat knows it as well
    slandered: int = 0  # an honest seat named another honest seat alone
    harmless: int = 0  # both answered, rightly
    wrong_unproved: int = 0  # where nothing is proved


@dataclass(slots=True)
class Report:
    """What the drill found."""

    seed: int
    kinds: dict[str, Tally] = field(
        default_factory=lambda: {kind: Tally() for kind in KINDS_OF_LIES}
    )

    def total(self, name: str) -> int:
        """Add up one count over all kinds."""
        return sum(getattr(tally, name) for tally in self.kinds.values())

    @property
    def is_held(self) -> bool:
        """No lie changed an answer or an innocent's name; unproved, some did."""
        return not self.total("wrong") + self.total("slandered") and self.would_pass

    @property
    def would_pass(self) -> bool:
        """Where nothing is proved lies do change answers."""
        return self.total("wrong_unproved") > 0

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        return {
            "runs": self.total("told"),
            "seed": self.seed,
            "wrong_verdicts_accepted": self.total("wrong"),
            "stopped": self.total("stopped"),
            "named": self.total("named"),
            "named_by_both": self.total("named_twice"),
            "innocents_named": self.total("slandered"),
            "harmless": self.total("harmless"),
            "wrong_verdicts_without_proofs": self.total("wrong_unproved"),
            "held": self.is_held,
            "by_kind": {
                kind: {
                    "runs": tally.told,
                    "wrong_verdicts_accepted": tally.wrong,
                    "stopped": tally.stopped,
                    "named": tally.named,
                    "wrong_without_proofs": tally.wrong_unproved,
                }
                for kind, tally in self.kinds.items()
            },
        }


def run(
    runs: int, seed: int, advance: Callable[[int, int], None] = lambda _done, _of: None
) -> Report:
    """Tell so many lies, each in two verifications: proved, and not.

    Args:
        runs: lies; each field of each message comes up in turn.
        seed: of all randomness.
        advance: told how many were told, of how many.
    """
    dice = np.random.default_rng(seed)
    crowd = _Crowd.drawn(dice)
    report = Report(seed)
    for index, lie in enumerate(lies(dice, runs)):
        tally = report.kinds[lie.kind]
        case = crowd.case(int(dice.integers(PAIRS)), is_mated=bool(dice.integers(2)))
        _count(tally, lie, case.expected, case.played(lie, dice))
        unproved = case.played_unproved(lie, dice)
        tally.wrong_unproved += any(
            each.answer not in (None, case.expected) for each in unproved.values()
        )
        advance(index + 1, runs)
    return report


def _count(
    tally: Tally, lie: Lie, expected: Answer, endings: dict[int, Ending]
) -> None:
    """Count one lie."""
    answers = [each.answer for each in endings.values()]
    named = [each.suspects for each in endings.values()]
    tally.told += 1
    tally.wrong += any(answer not in (None, expected) for answer in answers)
    tally.stopped += None in answers
    tally.harmless += answers == [expected] * 2
    tally.named += (lie.said.seat,) in named
    tally.named_twice += named == [(lie.said.seat,)] * 2
    tally.slandered += any(
        suspects and lie.said.seat not in suspects for suspects in named
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """One verification, whose answer is known."""

    uploads: tuple[Upload, ...]
    rows: tuple[Row, ...]
    expected: Answer

    def played(self, lie: Lie, dice: np.random.Generator) -> dict[int, Ending]:
        """Play it as the network does."""
        return _played(
            lie,
            [
                verify(place, {Form.FACE: upload}, row, THRESHOLD)
                for place, upload, row in self._seats(dice)
            ],
        )

    def played_unproved(self, lie: Lie, dice: np.random.Generator) -> dict[int, Ending]:
        """Play it without proofs: what is computed is opened, and believed."""
        if lie.said.round >= ROUNDS and lie.field != BIT:
            return {}  # nothing of this kind is said there
        opening = Said(lie.said.seat, ROUNDS, NEXT, (BIT,))
        return _played(
            replace(lie, said=opening) if lie.field == BIT else lie,
            [
                believed(place, {Form.FACE: upload}, row, THRESHOLD)
                for place, upload, row in self._seats(dice)
            ],
        )

    def _seats(self, dice: np.random.Generator) -> Sequence[tuple[Place, Upload, Row]]:
        places = Table(dice).places()
        return list(zip(places, self.uploads, self.rows, strict=True))


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Enrolled people, and fresh probes of them."""

    table: Table
    references: Any
    probes: Any

    @classmethod
    def drawn(cls, dice: np.random.Generator) -> "_Crowd":
        drawn = people(int(dice.integers(1 << 62)), PAIRS, Form.FACE)
        return cls(Table(dice), drawn.references, drawn.probes)

    def case(self, person: int, *, is_mated: bool) -> _Case:
        reference = self.references[[person]].astype(np.int64)
        probe = self.probes[[person if is_mated else person - 1]].astype(np.int64)
        is_match = int((probe @ reference.T)[0, 0]) >= THRESHOLD
        return _Case(
            self.table.uploads(Form.FACE, probe),
            self.table.rows(Form.FACE, reference),
            Answer.MATCH if is_match else Answer.NO_MATCH,
        )


def _played(lie: Lie, seats: Sequence[Computation[Answer]]) -> dict[int, Ending]:
    """Run three seats in lockstep, one of which lies.

    A seat that stops hangs up: who still waits then stops as well, and suspects nobody.

    Returns: the endings of the honest ones.
    """
    endings: dict[int, Ending] = {}
    asked: dict[int, Round] = {}
    arriving: dict[int, Received | None] = dict.fromkeys(range(SEATS))
    number = 0
    while len(arriving) == SEATS:
        number += 1
        asked.clear()
        for seat, received in arriving.items():
            try:
                asked[seat] = _next(seats[seat], received)
            except StopIteration as end:
                endings[seat] = Ending(end.value)
            except Lied as lied:
                endings[seat] = Ending(suspects=lied.suspects)
        arriving = _carried(lie, number, asked) if len(asked) == SEATS else {}
    for seat in asked:
        endings[seat] = Ending()  # it waits for somebody who hung up
    for each in seats:
        each.close()
    endings.pop(lie.said.seat, None)
    return endings


def _next(seat: Computation[Answer], received: Received | None) -> Round:
    return next(seat) if received is None else seat.send(received)


def _carried(
    lie: Lie, number: int, asked: dict[int, Round]
) -> dict[int, Received | None]:
    """Carry one round's messages, one of which may be a lie."""
    to_next, to_prev = (
        [_bytes(message) for message in messages]
        for messages in zip(
            *((asked[seat].to_next, asked[seat].to_prev) for seat in range(SEATS)),
            strict=True,
        )
    )
    if number == lie.said.round:
        told = to_next if lie.said.to == NEXT else to_prev
        told[lie.said.seat] = lie.told(told[lie.said.seat])
    return {
        seat: Received(to_prev[(seat + 1) % SEATS], to_next[seat - 1])
        for seat in range(SEATS)
    }


def _bytes(message: Message | None) -> bytes:
    if message is None:
        return b""
    return message if isinstance(message, bytes) else message.tobytes()
