"""What a hostile wallet may send: spellings that no honest template gives.

A kind is a name, the form it pretends to be, and how to draw many of it. Each breaks
one rule on purpose, as cleverly as we could: where a kind is stopped by the norm
alone, another of its family keeps the norm. A vector that can't be spelled in bits is
spelled in other numbers, so that all rules hold but that these are bits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, ENTRY_BOUND, LENGTH, SCALE
from ipse.shares.replicated import Upload
from ipse.shares.spelling import (
    ENTRY_BITS,
    SPELLED,
    SURPLUS,
    Spelling,
    spell,
    spell_surplus,
    surplus,
)
from ipse_lab.people import people
from ipse_lab.table import Table

Ints: TypeAlias = npt.NDArray[np.int64]
Triple: TypeAlias = tuple[Upload, Upload, Upload]
_Drawn: TypeAlias = Callable[[int, np.random.Generator], Spelling]
_WIDTH: Final = LENGTH[Form.FACE]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of attack."""

    name: str
    form: Form
    spellings: _Drawn
    is_torn: bool = False  # one holder of a component is told another one

    def draw(self, table: Table, count: int) -> Triple:
        """What the three seats are sent of `count` spellings."""
        spellings = self.spellings(count, table.dice)
        uploads = table.raw_uploads(self.form, list(spellings))
        if not self.is_torn:
            return uploads
        shape = uploads[0].first.shape
        other = table.dice.integers(0, 1 << 32, shape, dtype=np.uint32)
        return Upload(self.form, other, uploads[0].second), uploads[1], uploads[2]


def honest(form: Form, count: int, dice: np.random.Generator) -> Ints:
    """Templates of invented people, as an honest wallet rounds them."""
    seed = int(dice.integers(1 << 62))
    return people(seed, count, form).references.astype(np.int64)


def coin_codes(count: int, dice: np.random.Generator, valid: float) -> Ints:
    """Codes of fair coins under a random mask."""
    mask = dice.random((count, CODE_LENGTH)) < valid
    code = np.where(mask, 2 * dice.integers(0, 2, mask.shape) - 1, 0)
    return np.concatenate([code, mask], axis=1)


def spelled(form: Form, vectors: Ints) -> Spelling:
    """Spell honest templates: uint32[count, SPELLED[form]]."""
    return np.stack([spell(form, vector) for vector in vectors])


def forced(vectors: Ints) -> Spelling:
    """Spell any face's vectors: what bits can't say stands in the lowest place."""
    places = np.arange(ENTRY_BITS)
    bits = (vectors[..., np.newaxis] >> places) & 1
    # an entry out of range, mod 2^32, instead of its lowest bit
    beyond = np.abs(2 * vectors + 1) > (1 << ENTRY_BITS)
    bits[beyond] = 0
    bits[beyond, 0] = vectors[beyond] % (1 << 32)
    exceeds = [surplus(Form.FACE, each.astype(object)) for each in vectors]
    counted = np.stack([_said(Form.FACE, each) for each in exceeds])
    body = bits.reshape(len(vectors), -1).astype(np.uint32)
    return np.concatenate([body, counted], axis=1)


def _said(form: Form, exceeds: int) -> Spelling:
    """Say a surplus in bits, or if no bits can, in the lowest number alone."""
    if 0 <= exceeds <= sum(SURPLUS[form]):
        return spell_surplus(form, exceeds)
    counted = np.zeros(len(SURPLUS[form]), np.uint32)
    counted[0] = exceeds % (1 << 32)
    return counted


def _forced(draw: Callable[[int, np.random.Generator], Ints]) -> _Drawn:
    """Draw vectors, and spell them anyhow."""
    return lambda count, dice: forced(draw(count, dice))


def _uniform(count: int, dice: np.random.Generator) -> Spelling:
    return dice.integers(0, 1 << 32, (count, SPELLED[Form.FACE]), dtype=np.uint32)


def _honest(count: int, dice: np.random.Generator) -> Spelling:
    return spelled(Form.FACE, honest(Form.FACE, count, dice))


def _half_a_ring_for_a_bit(count: int, dice: np.random.Generator) -> Spelling:
    """Honest but for one number, which is its bit and half the ring."""
    spellings = _honest(count, dice)
    numbers = dice.integers(0, SPELLED[Form.FACE], count)
    spellings[np.arange(count), numbers] += np.uint32(1 << 31)
    return spellings


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


def _almost_all_masked(count: int, dice: np.random.Generator) -> Spelling:
    """Codes with a handful of valid bits, which agree by luck.

    The surplus must be below zero, which no bits are: its lowest number says so.
    """
    codes = coin_codes(count, dice, valid=0.001)
    agreeing = codes[:, :CODE_LENGTH] == 1
    opposing = codes[:, :CODE_LENGTH] == -1
    counted = [_said(Form.CODE, surplus(Form.CODE, code)) for code in codes]
    return np.concatenate([agreeing, opposing, np.stack(counted)], axis=1).astype(
        np.uint32
    )


def _loud_codes(count: int, dice: np.random.Generator) -> Spelling:
    """Codes whose every bit counts a hundredfold, under a mask of the right sum."""
    spellings = spelled(Form.CODE, honest(Form.CODE, count, dice))
    body = spellings[:, : 2 * CODE_LENGTH]
    excess = 99 * body.sum(axis=1, dtype=np.uint32)
    body *= np.uint32(100)
    spellings[:, 2 * CODE_LENGTH] += excess
    return spellings


KINDS: Final = (
    Kind("uniform shares", Form.FACE, _uniform),
    Kind("shares on no line", Form.FACE, _honest, is_torn=True),
    Kind("long norm", Form.FACE, _forced(_long)),
    Kind("short norm", Form.FACE, _forced(_short)),
    Kind("entries out of range", Form.FACE, _forced(_out_of_range)),
    Kind("wrap-around of the score", Form.FACE, _forced(_wraps_the_score)),
    Kind("wrap-around of the norm", Form.FACE, _forced(_wraps_the_norm)),
    Kind("long vector behind multiples of 2^16", Form.FACE, _forced(_hides_above)),
    Kind("all-equal vectors", Form.FACE, _forced(_all_equal)),
    Kind("half a ring for a bit", Form.FACE, _half_a_ring_for_a_bit),
    Kind("nothing at all", Form.FACE, _forced(_nothing)),
    Kind("almost everything masked", Form.CODE, _almost_all_masked),
    Kind("codes a hundred times as loud", Form.CODE, _loud_codes),
)
