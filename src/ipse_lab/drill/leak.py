"""The oracle drill's pieces: each attacks some victims, in a process of its own.

stranger     free      one stranger after another, then rebuilt from the first that
                       was accepted
             metered   as many strangers as may fail in one term
look-alike   both      rebuilt from the most similar of LOOK_ALIKES others
picture      both      rebuilt from another capture
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ipse.ground.params import METER_FAILURES
from ipse_lab.drill.oracle import (
    Course,
    Ints,
    first_strangers,
    plain,
    rebuild,
    rebuild_metered,
    strangers_within,
)
from ipse_lab.drill.victims import (
    ALIKE,
    LOOK_ALIKES,
    Start,
    Victims,
    invented,
    look_alikes,
)

GROUP: Final = 20
"""Victims whose templates are rebuilt at once: bounds the memory of a process."""

CROWD: Final = 1_000
"""Victims, and strangers, of one piece of the blind attack under the meter."""

STRANGERS: Final = 60_000
"""Strangers that are shown to one victim before the drill gives up: six times as many
as it takes half of the time."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the drill that one process plays alone."""

    start: Start
    is_metered: bool
    seed: tuple[int, ...]  # of all randomness
    threshold: int
    victims: int | Victims  # so many invented ones, or these with what is had of them

    @property
    def size(self) -> int:
        """How many victims it has."""
        if isinstance(self.victims, int):
            return self.victims
        return len(self.victims.references)


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What one piece showed."""

    first: Ints  # strangers until one was accepted; empty but of Start.STRANGER, free
    found: Ints  # strangers accepted in a term; empty but of Start.STRANGER, metered
    course: Course | None  # none of Start.STRANGER, metered


_NOBODY: Final = np.zeros(0, np.int64)


def pieces(victims: int, blind: int, seed: int, threshold: int) -> Iterator[Piece]:
    """Cut the drill on invented people into pieces, the slowest first.

    Args:
        victims: whose templates are rebuilt, from each start.
        blind: victims to whom strangers are shown under the meter.
        seed: of all randomness.
        threshold: score from which faces match.
    """
    for number, (is_metered, start) in enumerate(
        (is_metered, start) for is_metered in (True, False) for start in Start
    ):
        is_blind = is_metered and start is Start.STRANGER
        count, size = (blind, CROWD) if is_blind else (victims, GROUP)
        for at in range(0, count, size):
            own = (seed, number, at)
            yield Piece(start, is_metered, own, threshold, min(size, count - at))


def pieces_of(victims: Victims, start: Start, seed: int, threshold: int) -> list[Piece]:
    """Cut the drill on given people into pieces."""
    return [
        Piece(
            start,
            is_metered,
            (seed, at, is_metered),
            threshold,
            Victims(
                victims.references[at : at + GROUP], victims.pictures[at : at + GROUP]
            ),
        )
        for is_metered in (True, False)
        for at in range(0, len(victims.references), GROUP)
    ]


def play(piece: Piece) -> Played:
    """Attack one piece's victims."""
    dice = np.random.default_rng(piece.seed)
    if not isinstance(piece.victims, int):
        return Played(_NOBODY, _NOBODY, _rebuilt(piece, piece.victims, dice))
    seeds = [int(seed) for seed in dice.integers(1 << 62, size=2)]
    victims, others = invented(seeds[0], piece.victims), _NOBODY
    references = victims.references
    match piece.start, piece.is_metered:
        case Start.STRANGER, True:
            strangers = invented(seeds[1], piece.victims).references
            found = strangers_within(
                references, strangers, METER_FAILURES, piece.threshold
            )
            return Played(_NOBODY, found, None)
        case Start.STRANGER, False:
            strangers = invented(seeds[1], STRANGERS).references
            others = first_strangers(references, strangers, piece.threshold)
            met = others > 0
            victims = Victims(references[met], strangers[others[met] - 1])
        case Start.LOOK_ALIKE, _:
            crowd = invented(seeds[1], LOOK_ALIKES).references
            victims = Victims(references, look_alikes(references, crowd))
        case _:
            pass  # another capture is what invented people have
    return Played(others, _NOBODY, _rebuilt(piece, victims, dice))


def _rebuilt(piece: Piece, victims: Victims, dice: np.random.Generator) -> Course:
    attack = rebuild_metered if piece.is_metered else rebuild
    return attack(
        victims.references,
        victims.pictures,
        ALIKE[piece.start],
        piece.threshold,
        dice,
        plain(piece.threshold),
    )
