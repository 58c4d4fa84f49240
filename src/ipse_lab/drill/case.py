"""A case: one verification by three seats, one of which lies, played to its end.

    honest seat  --Round-->  the two others
    liar         --Round-->  lie  --another Round-->  the two others

The seats run the network's own code. The liar says something else in one message, or
computes with something else than it was given. A seat that catches it stops.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np

from ipse.ground.names import Form
from ipse.ground.params import THRESHOLDS
from ipse.matching.claims import Lied
from ipse.matching.rounds import Computation, Received, Round
from ipse.matching.seat import SEATS, Place
from ipse.matching.verify import Answer, verify
from ipse.shares.replicated import Upload
from ipse.shares.shamir import Row
from ipse_lab.drill.lies import BIT, NEXT, Given, Instead, Lie, Said, Untruth
from ipse_lab.lying import lying, spelled
from ipse_lab.people import people
from ipse_lab.table import Table
from ipse_lab.unproved import ROUNDS, believed

THRESHOLD: Final = THRESHOLDS[(Form.FACE,)].verify
PAIRS: Final = 32
"""People whose verifications are lied in, over and over with fresh randomness."""

_Seat: TypeAlias = tuple[Place, Mapping[Form, Upload], Row, int]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a verification ended at an honest seat."""

    answer: Answer | None = None
    suspects: tuple[int, ...] | None = None  # of a seat that caught somebody


@dataclass(frozen=True, slots=True)
class Case:
    """One verification, whose answer is known."""

    uploads: tuple[Upload, ...]
    rows: tuple[Row, ...]
    expected: Answer

    def played(self, lie: Untruth, dice: np.random.Generator) -> dict[int, Ending]:
        """Play it as the network does."""
        return _played(lie, [verify(*seat) for seat in self._seats(lie, dice)])

    def played_unproved(
        self, lie: Untruth, dice: np.random.Generator
    ) -> dict[int, Ending]:
        """Play it without proofs: what is computed is opened, and believed."""
        if isinstance(lie, Lie) and lie.said.round >= ROUNDS:
            if lie.field != BIT:
                return {}  # nothing of this kind is said there
            lie = replace(lie, said=Said(lie.seat, ROUNDS, NEXT, (BIT,)))
        return _played(lie, [believed(*seat) for seat in self._seats(lie, dice)])

    def _seats(self, lie: Untruth, dice: np.random.Generator) -> list[_Seat]:
        places = Table(dice).places()
        given = [
            Given(upload, row, THRESHOLD)
            for upload, row in zip(self.uploads, self.rows, strict=True)
        ]
        if isinstance(lie, Instead):
            given[lie.seat] = lie.taken(given[lie.seat])
        return [
            (place, {Form.FACE: each.upload}, each.row, each.threshold)
            for place, each in zip(places, given, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Enrolled people, and fresh probes of them."""

    table: Table
    references: Any
    probes: Any

    @classmethod
    def drawn(cls, dice: np.random.Generator) -> "Crowd":
        """Invent them."""
        drawn = people(int(dice.integers(1 << 62)), PAIRS, Form.FACE)
        return cls(Table(dice), drawn.references, drawn.probes)

    def case(self, person: int, *, is_mated: bool) -> Case:
        """Let somebody verify, or somebody else in their place."""
        reference = self.references[[person]].astype(np.int64)
        probe = self.probes[[person if is_mated else person - 1]].astype(np.int64)
        is_match = int((probe @ reference.T)[0, 0]) >= THRESHOLD
        return Case(
            self.table.uploads(Form.FACE, probe),
            self.table.rows(Form.FACE, reference),
            Answer.MATCH if is_match else Answer.NO_MATCH,
        )


def _played(lie: Untruth, seats: list[Computation[Answer]]) -> dict[int, Ending]:
    """Run three seats in lockstep, one of which lies.

    A seat that stops hangs up: who still waits then stops as well, and suspects nobody.

    Returns: the endings of the honest ones.
    """
    if isinstance(lie, Lie):
        seats[lie.seat] = lying(seats[lie.seat], lie)
    endings: dict[int, Ending] = {}
    asked: dict[int, Round] = {}
    arriving: dict[int, Received | None] = dict.fromkeys(range(SEATS))
    while len(arriving) == SEATS:
        asked.clear()
        for seat, received in arriving.items():
            try:
                asked[seat] = _next(seats[seat], received)
            except StopIteration as end:
                endings[seat] = Ending(end.value)
            except Lied as lied:
                endings[seat] = Ending(suspects=lied.suspects)
        arriving = _carried(asked) if len(asked) == SEATS else {}
    for seat in asked:
        endings[seat] = Ending()  # it waits for somebody who hung up
    for each in seats:
        each.close()
    endings.pop(lie.seat, None)
    return endings


def _next(seat: Computation[Answer], received: Received | None) -> Round:
    return next(seat) if received is None else seat.send(received)


def _carried(asked: dict[int, Round]) -> dict[int, Received | None]:
    """Carry one round's messages."""
    return {
        seat: Received(
            spelled(asked[(seat + 1) % SEATS].to_prev),
            spelled(asked[(seat - 1) % SEATS].to_next),
        )
        for seat in range(SEATS)
    }
