"""People who never lived, whose scores are distributed as those of real people.

    x = rint(SCALE v / |v|),   v = identity + strength noise,   both normal, by person
                                                                and by sample

The energy of identity and of noise falls exponentially over the dimensions (`reach` of
them carry most of it), and the strength of the noise differs from sample to sample,
lognormal, as some captures are worse than others. Four numbers a form, fitted to the
quantiles of mated and non-mated scores that `ipse evaluate` finds; tests compare them
where the data is there. Nothing of any real person is in these numbers.

Codes look like iris codes: neighbouring bits agree, so that two strangers differ in
half of the bits with the spread of some 300 independent ones; lids hide a part; a probe
is turned by a few columns.

For the laboratory only: the dice are seeded.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, CODE_SHAPE, LENGTH, SCALE

Templates = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shape:
    """How the scores of one form are spread."""

    identity_reach: float  # dimensions, of the fall to 1/e
    noise_reach: float  # dimensions
    strength: float  # of the noise, relative to identity; the median sample
    unevenness: float  # standard deviation of the strength's logarithm


SHAPES: Final = {
    Form.FACE: Shape(128.0, 42.0, 0.72, 0.37),
    Form.VOICE: Shape(23.2, 13.1, 0.63, 0.06),
}
"""Fitted to LFW and LibriSpeech (tests/lab/test_people.py says how nearly), by trying
small changes of all four and keeping what brought the quantiles nearer."""

CELL: Final = (2, 10, 2)
"""Rows, columns and parts over which bits agree: 12,800 / 40 = 320 free bits."""
FLIPPED: Final = 31 / 256
"""Share of the bits that differ between two captures of one eye."""
HIDDEN_ROWS: Final = 4
"""Outer rows of which lids hide a part."""
MAX_TURN: Final = 7
"""Columns that a probe is turned, each way."""


@dataclass(frozen=True, slots=True)
class People:
    """References and, row by row, one more capture of the same people."""

    references: Templates  # int16[count, length]
    probes: Templates  # int16[count, length]


def people(seed: int, count: int, form: Form = Form.FACE) -> People:
    """Invent `count` people, the same for the same seed."""
    dice = np.random.default_rng([seed, LENGTH[form]])
    if form is Form.CODE:
        return _coded(dice, count)
    shape = SHAPES[form]
    identity = _normal(dice, count, form, shape.identity_reach)
    return People(*(_sampled(dice, identity, form, shape) for _ in range(2)))


def _normal(dice: np.random.Generator, count: int, form: Form, reach: float) -> Floats:
    """Normal vectors of mean squared length 1, float32[count, length]."""
    energy = np.exp(-np.arange(LENGTH[form]) / reach)
    spread = np.sqrt(energy / energy.sum()).astype(np.float32)
    drawn: Floats = dice.standard_normal((count, LENGTH[form]), np.float32) * spread
    return drawn


def _sampled(
    dice: np.random.Generator, identity: Floats, form: Form, shape: Shape
) -> Templates:
    noise = _normal(dice, len(identity), form, shape.noise_reach)
    strength = shape.strength * np.exp(
        shape.unevenness * dice.standard_normal((len(identity), 1), np.float32)
    )
    vectors = identity + strength * noise
    vectors *= SCALE[form] / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.rint(vectors), np.int16)


def _coded(dice: np.random.Generator, count: int) -> People:
    bits = dice.integers(
        0,
        2,
        (count, *(n // c for n, c in zip(CODE_SHAPE, CELL, strict=True))),
        np.uint8,
    )
    for axis, size in enumerate(CELL, 1):
        bits = np.repeat(bits, size, axis)
    noise = dice.integers(0, 256, bits.shape, np.uint8) < FLIPPED * 256
    flipped = np.asarray(bits ^ noise, np.uint8)
    turns = dice.integers(-MAX_TURN, MAX_TURN + 1, count)
    columns = (np.arange(CODE_SHAPE[1]) - turns[:, None]) % CODE_SHAPE[1]
    turned = np.take_along_axis(flipped, columns[:, None, :, None], axis=2)
    return People(_masked(bits, dice), _masked(turned, dice))


def _masked(bits: npt.NDArray[np.integer], dice: np.random.Generator) -> Templates:
    """Hide an arc of the outer rows, as lids do: int16[count, LENGTH[CODE]]."""
    count, columns = len(bits), CODE_SHAPE[1]
    middle = dice.integers(0, columns, (count, HIDDEN_ROWS, 1))
    width = dice.integers(columns // 8, columns // 2, (count, HIDDEN_ROWS, 1))
    away = (np.arange(columns) - middle) % columns
    valid = np.ones(bits.shape, np.int8)
    valid[:, -HIDDEN_ROWS:] = (away >= width)[..., None]
    signs = (2 * bits.astype(np.int8) - 1) * valid
    both = np.stack([signs, valid], axis=1)
    return both.reshape(count, 2 * CODE_LENGTH).astype(np.int16)
