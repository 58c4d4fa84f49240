"""What a hostile wallet may send: shares that no honest template gives.

A kind is a name, the form it pretends to be, and how to draw many of it. Each breaks
one rule on purpose, as cleverly as we could: where a kind is stopped by the norm
alone, another of its family keeps the norm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, ENTRY_BOUND, LENGTH, SCALE
from ipse.shares.replicated import Part
from ipse_lab.people import people
from ipse_lab.table import Table

Ints: TypeAlias = npt.NDArray[np.int64]
Triple: TypeAlias = tuple[Part, Part, Part]
_WIDTH: Final = LENGTH[Form.FACE]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of attack."""

    name: str
    form: Form
    vectors: Callable[[int, np.random.Generator], Ints]
    is_torn: bool = False  # one holder of a component is told another one

    def draw(self, table: Table, count: int) -> Triple:
        """What the three seats are sent of `count` vectors."""
        parts = table.raw_parts(self.form, self.vectors(count, table.dice))
        if not self.is_torn:
            return parts
        shape = parts[0].first.shape
        other = table.dice.integers(0, 1 << 32, shape, dtype=np.uint32)
        return Part(self.form, other, parts[0].second), parts[1], parts[2]


def honest(form: Form, count: int, dice: np.random.Generator) -> Ints:
    """Templates of invented people, as an honest wallet rounds them."""
    seed = int(dice.integers(1 << 62))
    return people(seed, count, form).references.astype(np.int64)


def coin_codes(count: int, dice: np.random.Generator, valid: float) -> Ints:
    """Codes of fair coins under a random mask."""
    mask = dice.random((count, CODE_LENGTH)) < valid
    code = np.where(mask, 2 * dice.integers(0, 2, mask.shape) - 1, 0)
    return np.concatenate([code, mask], axis=1)


def _uniform(count: int, dice: np.random.Generator) -> Ints:
    return dice.integers(0, 1 << 32, (count, _WIDTH))


def _honest(count: int, dice: np.random.Generator) -> Ints:
    return honest(Form.FACE, count, dice)


def _long(count: int, dice: np.random.Generator) -> Ints:
    """As long as the entries' range allows: signs times the largest entry."""
    return ENTRY_BOUND * (2 * dice.integers(0, 2, (count, _WIDTH)) - 1)


def _short(count: int, dice: np.random.Generator) -> Ints:
    """So short that nobody finds it: almost all zero."""
    return dice.integers(-1, 2, (count, _WIDTH))


def _out_of_range(count: int, dice: np.random.Generator) -> Ints:
    """Honest but for one entry beyond its bound."""
    vectors = honest(Form.FACE, count, dice)
    beyond = dice.integers(ENTRY_BOUND + 1, 1 << 15, count)
    signs = 2 * dice.integers(0, 2, count) - 1
    vectors[np.arange(count), dice.integers(0, _WIDTH, count)] = beyond * signs
    return vectors


def _wraps_the_score(count: int, dice: np.random.Generator) -> Ints:
    """Multiples of an honest vector whose scores run around the ring of 16 bits."""
    factors = dice.integers(3, 1 << 12, (count, 1))
    return honest(Form.FACE, count, dice) * factors


def _wraps_the_norm(count: int, dice: np.random.Generator) -> Ints:
    """Long vectors whose squared norm is right mod 2^32.

    Entries at half the ring add 2^30 to the squared norm, four of them nothing: the
    rest is honest, and only the entries' range tells.
    """
    vectors = honest(Form.FACE, count, dice)
    order = dice.permuted(np.tile(np.arange(_WIDTH), (count, 1)), axis=1)[:, :4]
    rows = np.arange(count)[:, np.newaxis]
    vectors[rows, order] += 1 << 15
    # (x + 2^15)^2 = x^2 + 2^16 x + 2^30: make the four x sum to 0 mod 2^16
    vectors[rows[:, 0], order[:, 3]] -= vectors[rows, order].sum(axis=1) - (1 << 17)
    return vectors


def _hides_above(count: int, dice: np.random.Generator) -> Ints:
    """An honest vector times two, its excess hidden in multiples of 2^16.

    The comparison reads entries mod 2^16 and sees the long vector; the multiples try
    to talk the norm, read mod 2^32, into its range.
    """
    vectors = 2 * honest(Form.FACE, count, dice)
    target = SCALE[Form.FACE] ** 2
    excess = (vectors**2).sum(axis=1) - target
    # (x + 2^16 h)^2 = x^2 + 2^17 x h mod 2^32: with x = 1, h = -excess / 2^17
    multiples = dice.integers(1, 1 << 16, (count, _WIDTH))
    multiples[:, 0] -= excess >> 17
    return vectors + (multiples << 16)


def _all_equal(count: int, dice: np.random.Generator) -> Ints:
    """All entries equal, of the right norm: one direction for everybody."""
    entry = round(SCALE[Form.FACE] / _WIDTH**0.5)
    signs = 2 * dice.integers(0, 2, (count, 1)) - 1
    return np.full((count, _WIDTH), entry) * signs


def _nothing(count: int, _dice: np.random.Generator) -> Ints:
    return np.zeros((count, _WIDTH), np.int64)


def _almost_all_masked(count: int, dice: np.random.Generator) -> Ints:
    """Codes with a handful of valid bits, which agree by luck."""
    return coin_codes(count, dice, valid=0.001)


def _loud_codes(count: int, dice: np.random.Generator) -> Ints:
    """Codes whose entries count a hundredfold."""
    vectors = honest(Form.CODE, count, dice)
    vectors[:, :CODE_LENGTH] *= 100
    return vectors


KINDS: Final = (
    Kind("uniform shares", Form.FACE, _uniform),
    Kind("shares on no line", Form.FACE, _honest, is_torn=True),
    Kind("long norm", Form.FACE, _long),
    Kind("short norm", Form.FACE, _short),
    Kind("entries out of range", Form.FACE, _out_of_range),
    Kind("wrap-around of the score", Form.FACE, _wraps_the_score),
    Kind("wrap-around of the norm", Form.FACE, _wraps_the_norm),
    Kind("long vector behind multiples of 2^16", Form.FACE, _hides_above),
    Kind("all-equal vectors", Form.FACE, _all_equal),
    Kind("nothing at all", Form.FACE, _nothing),
    Kind("almost everything masked", Form.CODE, _almost_all_masked),
    Kind("codes a hundred times as loud", Form.CODE, _loud_codes),
)
