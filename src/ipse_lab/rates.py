"""Error rates of a comparison, from all pairs, with intervals over people.

    FMR(t)  = share of non-mated pairs with score >= t     a stranger gets in
    FNMR(t) = share of mated pairs with score < t          the owner is turned away

Scores are the network's integers, and a threshold is one, so both are exact step
functions and no rate is read off between two scores. EER: at the threshold where the
two are nearest, their mean. FNMR at an FMR: at the least threshold whose FMR is no
larger.

Pairs of one person are not independent, so intervals come from drawing people, not
pairs: a person drawn n times weighs n in its mated pairs, and a pair of people drawn n
and m times weighs n m.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]

FMRS: Final = (1e-2, 1e-3, 1e-4, 1e-5)
MIN_FALSE_MATCHES: Final = 10
"""False matches that a rate must rest on. With 10, its relative standard error is a
third at best; with fewer, it is a story about single pairs."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Scores of all pairs, and the two people of each."""

    scores: Integers  # integers[pairs]
    first: Integers  # person of the one sample
    second: Integers  # person of the other

    @property
    def is_mated(self) -> npt.NDArray[np.bool_]:
        """Whether both samples are one person's: bool[pairs]."""
        return np.asarray(self.first == self.second)


@dataclass(frozen=True, slots=True)
class Curve:
    """FMR and FNMR at every integer threshold from the least score to one above all."""

    thresholds: npt.NDArray[np.int64]
    fmr: Floats
    fnmr: Floats

    def eer(self) -> float:
        """The rate at which both errors are equally frequent."""
        at = int(np.argmin(np.abs(self.fmr - self.fnmr)))
        return float((self.fmr[at] + self.fnmr[at]) / 2)

    def fnmr_at(self, fmr: float) -> float:
        """FNMR at the least threshold whose FMR is no larger."""
        return float(self.fnmr[self._at(fmr)])

    def threshold_at(self, fmr: float) -> int:
        """The least threshold whose FMR is no larger."""
        return int(self.thresholds[self._at(fmr)])

    def at(self, threshold: int) -> tuple[float, float]:
        """FMR and FNMR at a threshold."""
        place = threshold - int(self.thresholds[0])
        place = min(max(place, 0), len(self.thresholds) - 1)
        return float(self.fmr[place]), float(self.fnmr[place])

    def _at(self, fmr: float) -> int:
        return int(np.argmax(self.fmr <= fmr))


class Counter:
    """Pairs sorted into mated and non-mated once, so that they can be weighed often."""

    def __init__(self, pairs: Pairs) -> None:
        """Sort the pairs.

        Raises:
            ValueError: there are no mated, or no non-mated pairs.
        """
        mated = pairs.is_mated
        if mated.all() or not mated.any():
            raise ValueError("pairs: no mated or no non-mated ones")
        self._low = int(pairs.scores.min())
        self._size = int(pairs.scores.max()) - self._low + 1
        places = (pairs.scores - self._low).astype(np.int32)
        self._mated = places[mated], pairs.first[mated].astype(np.int32)
        self._other = (
            places[~mated],
            pairs.first[~mated].astype(np.int32),
            pairs.second[~mated].astype(np.int32),
        )

    @property
    def counts(self) -> tuple[int, int]:
        """Numbers of mated and of non-mated pairs."""
        return len(self._mated[0]), len(self._other[0])

    def can_weigh(self, weights: Floats) -> bool:
        """Whether some mated and some non-mated pairs have weight."""
        mated = weights[self._mated[1]].any()
        return bool(mated and np.count_nonzero(weights) > 1)

    def curve(self, weights: Floats) -> Curve:
        """Both rates, with a weight for each person: all 1 for the plain ones."""
        places, person = self._mated
        same = np.bincount(places, weights[person], self._size)
        places, first, second = self._other
        other = np.bincount(places, weights[first] * weights[second], self._size)
        below = np.concatenate([[0.0], np.cumsum(same)])
        above = np.concatenate([np.cumsum(other[::-1])[::-1], [0.0]])
        thresholds = self._low + np.arange(self._size + 1, dtype=np.int64)
        return Curve(thresholds, above / above[0], below / below[-1])


@dataclass(frozen=True, slots=True)
class Rates:
    """What is reported of one curve."""

    eer: float
    fnmr: dict[float, float]  # by FMR


def rates_of(curve: Curve, fmrs: tuple[float, ...] = FMRS) -> Rates:
    """Read off the rates that are reported."""
    return Rates(curve.eer(), {fmr: curve.fnmr_at(fmr) for fmr in fmrs})


def is_resolved(fmr: float, non_mated: int) -> bool:
    """Whether so many non-mated pairs can speak about an FMR."""
    return fmr * non_mated >= MIN_FALSE_MATCHES


def bootstrap(
    counter: Counter,
    people: int,
    draws: int,
    seed: int,
    fmrs: tuple[float, ...] = FMRS,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Rates]:
    """Rates over people drawn with replacement, `draws` times.

    Draws in which nobody has a mated pair, or all are one person, are drawn again.
    """
    generator = np.random.default_rng(seed)
    drawn: list[Rates] = []
    while len(drawn) < draws:
        picked = generator.integers(0, people, people)
        weights = np.bincount(picked, minlength=people).astype(np.float64)
        if counter.can_weigh(weights):
            drawn.append(rates_of(counter.curve(weights), fmrs))
            told(len(drawn), draws)
    return drawn


def interval(values: list[float]) -> tuple[float, float]:
    """The middle 95 % of bootstrap values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
