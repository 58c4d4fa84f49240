"""How a wallet spells a template: in bits, so that every rule is an equation.

    entry of an embedding   x = b_0 + 2 b_1 + ... + 64 b_6 - 128 b_7
    squared norm            |x|^2 = NORM_LOW + sum of weight_j s_j
    code and mask           c = p - q,  m = p + q        each p and q a bit
    valid bits              sum of m = MIN_VALID_BITS + sum of weight_j s_j

Whether a number is a bit is one equation, b^2 = b, and it has no other solution mod
2^32: b and b - 1 have no factor in common. So a spelling whose numbers are bits stands
for entries in range, and its last bits, the surplus, say by how much a norm or a count
exceeds its least value: there are just enough of them to reach the largest.

What a spelling stands for is linear in it, so each seat reads its components by itself,
and the vector is shared as the spelling was.

Specification: docs/spec/matching.md, sections 1 and 3.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.ground.params import (
    CODE_LENGTH,
    LENGTH,
    MIN_VALID_BITS,
    NORM_HIGH,
    NORM_LOW,
)

ENTRY_BITS: Final = 8
"""Bits of an embedding's entry, in two's complement: -128 to 127."""

Spelling = npt.NDArray[np.uint32]
"""uint32[..., SPELLED[form]]: a spelling, or a component of one."""


def _weights(largest: int) -> tuple[int, ...]:
    """Weights of bits that sum up to every number from 0 to `largest`, and no other.

    Powers of two, and one more that makes up what is left: it is no larger than what
    the others reach, so there is no gap.
    """
    powers = tuple(1 << place for place in range(largest.bit_length() - 1))
    return (*powers, largest - sum(powers))


SURPLUS: Final = {
    form: _weights(NORM_HIGH[form] - NORM_LOW[form]) for form in (Form.FACE, Form.VOICE)
} | {Form.CODE: _weights(CODE_LENGTH - MIN_VALID_BITS)}
"""What each bit of the surplus counts."""

BODY: Final = {
    Form.FACE: ENTRY_BITS * LENGTH[Form.FACE],
    Form.VOICE: ENTRY_BITS * LENGTH[Form.VOICE],
    Form.CODE: 2 * CODE_LENGTH,
}
"""Bits before the surplus: of each entry its bits, the lowest first; of a code all p,
then all q."""

SPELLED: Final = {form: BODY[form] + len(SURPLUS[form]) for form in Form}
"""Bits of a spelling."""

_PLACES: Final = np.array([*(1 << j for j in range(7)), -128], np.int64)


def spell(form: Form, values: npt.NDArray[np.integer]) -> Spelling:
    """Spell a template's vector.

    Run by: the wallet.
    Shapes: values is integer[LENGTH[form]]; uint32[SPELLED[form]] comes back.

    Raises:
        Malformed: it has the wrong shape, or is no template: it can't be spelled.
    """
    if values.shape != (LENGTH[form],):
        raise Malformed(f"template: a {form} vector has {LENGTH[form]} entries")
    wide = values.astype(np.int64)
    spelled = _spelled_code(wide) if form is Form.CODE else _spelled_entries(wide)
    spelling = np.concatenate([spelled, spell_surplus(form, surplus(form, wide))])
    is_read_back = (read(form, spelling).astype(np.int32) == wide).all()
    if spelling.max() > 1 or not is_read_back:
        raise Malformed(f"template: an entry of this {form} can't be spelled")
    return spelling


def read(form: Form, spelling: Spelling) -> Spelling:
    """Read the vector that a spelling stands for, or a component of it.

    Run by: each seat, for both of its components, and the wallet.
    Shapes: uint32[..., LENGTH[form]] comes back; arithmetic mod 2^32.
    """
    body = spelling[..., : BODY[form]]
    if form is Form.CODE:
        agreeing, opposing = body[..., :CODE_LENGTH], body[..., CODE_LENGTH:]
        return np.concatenate([agreeing - opposing, agreeing + opposing], axis=-1)
    bits = body.reshape(*body.shape[:-1], LENGTH[form], ENTRY_BITS)
    vector: Spelling = bits @ _PLACES.astype(np.uint32)
    return vector


def read_surplus(form: Form, spelling: Spelling) -> npt.NDArray[np.uint32]:
    """Read what the surplus counts, or a component of it: uint32[...]."""
    counted: npt.NDArray[np.uint32] = spelling[..., BODY[form] :] @ np.array(
        SURPLUS[form], np.uint32
    )
    return counted


def surplus(form: Form, wide: npt.NDArray[np.int64]) -> int:
    """By how much a vector's norm, or a code's valid bits, exceed their least value."""
    if form is Form.CODE:
        return int(wide[CODE_LENGTH:].sum()) - MIN_VALID_BITS
    return int(wide @ wide) - NORM_LOW[form]


def _spelled_entries(wide: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    places = np.arange(ENTRY_BITS)
    bits = (wide[:, np.newaxis] >> places) & 1
    return bits.astype(np.uint32).reshape(-1)


def _spelled_code(wide: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    code, mask = wide[:CODE_LENGTH], wide[CODE_LENGTH:]
    agreeing, opposing = (mask + code) >> 1, (mask - code) >> 1
    return np.concatenate([agreeing, opposing]).astype(np.uint32)


def spell_surplus(form: Form, exceeds: int) -> npt.NDArray[np.uint32]:
    """Spell by how much a norm or a count exceeds its least value.

    Raises: Malformed: no bits say so.
    """
    weights = SURPLUS[form]
    if not 0 <= exceeds <= sum(weights):
        raise Malformed(f"template: this {form} has no norm or mask that is allowed")
    last = exceeds > sum(weights[:-1])
    rest = exceeds - weights[-1] * last
    return np.array(
        [*((rest >> place) & 1 for place in range(len(weights) - 1)), last], np.uint32
    )
