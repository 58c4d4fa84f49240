"""What somebody who hears only yes and no comes to believe about a template.

    R ~ Normal(mean, spread)          the template that can't be seen
    yes  iff  <x, R> >= threshold     an answer to the well-formed vector x

Each answer cuts the belief along a plane; the cut bell is replaced by the bell of the
same mean and spread, which is again two numbers an axis (assumed density filtering:
T. Minka, "A family of algorithms for approximate Bayesian inference", MIT 2001,
chapter 3). A question is turned from the mean toward where the belief is widest, so far
that a yes is as likely as was wished: at 1/2 each answer is a whole bit; nearer to 1 it
is less, and a no is rare.

Many victims at once, one row each. Shapes: vectors are float64[victims, length],
spreads float64[victims, length, length].
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LENGTH_AIMED: Final = 112.0
"""Length of a question before it is rounded: longer vectors score higher, and from here
it takes seven standard deviations of the rounding to be too long (NORM_SLACK)."""

ANGLES: Final = np.linspace(0, np.pi / 2, 48, endpoint=False)
HALVINGS: Final = 10
"""Angles between the mean and the widest direction that are weighed first, in radians;
and how often the step beyond the chosen one is halved then."""

SOFTNESS: Final = 10.0
"""Standard deviation, in scores, with which an answer is doubted. Belief is a bell and
what is known is not: without a doubt the two drift apart after some hundred answers."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Belief:
    """What is believed about each victim's template."""

    mean: Floats
    spread: Floats  # covariance


def resembling(pictures: Floats, alike: float, norm: float) -> Belief:
    """Believe that a template is this near to a picture's, and nothing else.

    Args:
        pictures: templates that were made of pictures, one a victim.
        alike: cosine that is expected; 0 for no idea at all.
        norm: length of templates.
    """
    count, length = pictures.shape
    unit = pictures / np.linalg.norm(pictures, axis=1, keepdims=True)
    free = np.eye(length) * (norm**2 * (1 - alike**2) / length)
    return Belief(alike * norm * unit, np.tile(free, (count, 1, 1)))


def questions(
    belief: Belief, sureness: float, threshold: int, dice: np.random.Generator
) -> Floats:
    """Draw one vector a victim that is accepted with this chance, or nearly.

    Where no vector is, the likeliest is drawn.

    Returns: integers.
    """
    middle = _unit(belief.mean)
    # twice through the spread: random, and mostly along its widest directions
    wide = dice.standard_normal(middle.shape)
    for _ in range(2):
        wide = _unit(_through(belief.spread, wide))
    wide = _unit(wide - middle * _dot(wide, middle)[:, None])
    plane = _Plane(belief, middle, wide, threshold)
    # the widest angle that is sure enough, else the surest
    chance = plane.chance(np.tile(ANGLES, (len(middle), 1)))
    is_sure = chance >= sureness
    place = len(ANGLES) - 1 - np.argmax(is_sure[:, ::-1], axis=1)
    place = np.where(is_sure.any(axis=1), place, np.argmax(chance, axis=1))
    low, step = ANGLES[place], ANGLES[1]
    for _ in range(HALVINGS):
        step /= 2
        is_wide = plane.chance((low + step)[:, None])[:, 0] >= sureness
        low = np.where(is_wide, low + step, low)
    rounded: Floats = np.rint(plane.vectors(low))
    return rounded


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class _Plane:
    """Vectors of LENGTH_AIMED in the plane of two unit vectors, by their angle."""

    belief: Belief
    middle: Floats
    wide: Floats
    threshold: int

    def vectors(self, angles: Floats) -> Floats:
        """One vector a victim."""
        turned = np.cos(angles)[:, None] * self.middle + (
            np.sin(angles)[:, None] * self.wide
        )
        return np.asarray(LENGTH_AIMED * turned)

    def chance(self, angles: Floats) -> Floats:
        """Chances of a yes at some angles: float64[victims, angles] both."""
        cosine, sine = LENGTH_AIMED * np.cos(angles), LENGTH_AIMED * np.sin(angles)
        along = _through(self.belief.spread, self.middle)
        across = _through(self.belief.spread, self.wide)
        expected = _dot(self.belief.mean, self.middle)[:, None] * cosine
        variance = (
            _dot(self.middle, along)[:, None] * cosine**2
            + _dot(self.wide, along)[:, None] * 2 * cosine * sine
            + _dot(self.wide, across)[:, None] * sine**2
        )
        return _below((expected - self.threshold) / np.sqrt(variance + SOFTNESS**2))


def heard(
    belief: Belief, asked: Floats, is_yes: npt.NDArray[np.bool_], threshold: int
) -> Belief:
    """Believe what the answers say."""
    through = _through(belief.spread, asked)
    deviation = np.sqrt(_dot(asked, through) + SOFTNESS**2)
    sign = np.where(is_yes, 1.0, -1.0)
    # scores are integers: no is at most threshold - 1
    surprise = sign * (_dot(asked, belief.mean) - (threshold - 0.5)) / deviation
    shift = _bell(surprise) / _below(surprise)
    shrink = shift * (shift + surprise)
    step = through / deviation[:, None]
    mean = belief.mean + step * (sign * shift)[:, None]
    spread = belief.spread - (shrink[:, None] * step)[:, :, None] * step[:, None, :]
    return Belief(mean, spread)


def nearness(belief: Belief, references: Floats) -> Floats:
    """Cosine between what is believed and what is so."""
    return _dot(_unit(belief.mean), _unit(references))


def _dot(one: Floats, other: Floats) -> Floats:
    return np.asarray((one * other).sum(axis=1))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _through(spread: Floats, vectors: Floats) -> Floats:
    return np.asarray((spread @ vectors[:, :, None])[:, :, 0])


_FARTHEST: Final = 30.0
"""Standard deviations beyond which nothing is told apart: a double ends at 37."""
_HALF_ERFC: Final = np.frompyfunc(lambda z: math.erfc(-z / math.sqrt(2)) / 2, 1, 1)


def _below(deviations: Floats) -> Floats:
    """Chance that a normal variable is below."""
    near = np.clip(deviations, -_FARTHEST, _FARTHEST)
    return np.asarray(_HALF_ERFC(near), np.float64)


def _bell(deviations: Floats) -> Floats:
    near = np.clip(deviations, -_FARTHEST, _FARTHEST)
    return np.asarray(np.exp(-(near**2) / 2) / math.sqrt(2 * math.pi))
