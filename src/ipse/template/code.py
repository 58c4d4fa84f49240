"""Masked binary codes, such as an iris code, as templates.

    bits, valid  -->  -1, +1 where valid, 0 elsewhere  -->  followed by the mask

A turned eye rolls the code along its columns; the network tries ROTATIONS rolls of the
probe by itself. What computes the bits (open-iris, for one) is an adapter's concern.
"""

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, CODE_SHAPE
from ipse.template.vector import Template

Integers = npt.NDArray[np.integer]
Grid = npt.NDArray[np.bool_]
"""bool[CODE_SHAPE]: rows outward from the pupil, columns clockwise, filter parts."""


def encode_code(bits: Grid, valid: Grid) -> Template:
    """Turn a binary code and the mask of its valid bits into a template.

    Raises:
        Malformed: not of CODE_SHAPE, or fewer than MIN_VALID_BITS are valid.
    """
    if bits.shape != CODE_SHAPE or valid.shape != CODE_SHAPE:
        raise Malformed(f"code: not of shape {CODE_SHAPE}; encode the sample again")
    signs = np.where(valid, np.where(bits, 1, -1), 0).astype(np.int16).ravel()
    return Template(Form.CODE, np.concatenate([signs, signs * signs]))


def rotated(values: Integers, turn: int) -> Integers:
    """Roll a code and its mask `turn` columns clockwise: int16[..., LENGTH[CODE]]."""
    grids = values.reshape(*values.shape[:-1], 2, *CODE_SHAPE)
    return np.roll(grids, turn, axis=-2).reshape(values.shape)


def halves(values: Integers) -> tuple[Integers, Integers]:
    """Split into code and mask, each int16[..., CODE_LENGTH]."""
    return values[..., :CODE_LENGTH], values[..., CODE_LENGTH:]
