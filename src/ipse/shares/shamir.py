"""A template as an operator stores it: a Shamir share, uniform noise of its length.

The polynomial has degree 1 over GR(2^16, 2), or GR(2^20, 2) for masks, whose valid
bits are weighed against a score of 2^4 times as many. Each component of the upload is
turned locally::

    share at p  =  sum over components c of  component_c * f_c(p)
    f_c has degree 1, f_c(0) = 1, f_c(the point of the seat without c) = 0

so seat i needs just the two components it was sent, and nothing is exchanged.

A score is then one plain inner product an operator: `stored` dot `asked` gives
addends whose sum over the three seats is the inner product of the two vectors.

Source: Cramer, Damgard, Ishai, TCC 2005, section 3 (local conversion); Shamir 1979.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import numpy as np

from ipse.crypto import ring
from ipse.crypto.ring import Words
from ipse.ground.names import Form, Seat
from ipse.ground.params import CODE_BITS, CODE_LENGTH, LENGTH
from ipse.shares.replicated import Part, Vector

TOP_BITS: Final = CODE_BITS - 16
"""Bits of a mask's share above its lowest sixteen."""


@dataclass(frozen=True, slots=True)
class Field:
    """One array of a stored row."""

    name: str
    dtype: type[np.uint8] | type[np.uint16]
    length: int  # entries


FIELDS: Final[Mapping[Form, tuple[Field, ...]]] = {
    Form.FACE: (Field("face", np.uint16, LENGTH[Form.FACE]),),
    Form.VOICE: (Field("voice", np.uint16, LENGTH[Form.VOICE]),),
    Form.CODE: (
        Field("code", np.uint16, CODE_LENGTH),
        Field("mask", np.uint16, CODE_LENGTH),
        Field("mask_top", np.uint8, CODE_LENGTH),
    ),
}
"""What a row of each form consists of; a segment file holds one field.

A mask is shared mod 2^CODE_BITS and kept in two digits, `mask` and `mask_top`, so that
operators multiply it by 16 bits and by bytes: share = mask + 2^16 mask_top, with mask
read as a signed number of 16 bits.

Lengths are checked where a vector enters (`replicated.read_part`); the arithmetic takes
any even length of an embedding, so that `ipse bench` can measure others.
"""

Row: TypeAlias = Mapping[str, Words]
"""Arrays by field name: [length] for one row, [rows, length] for a segment."""


def stored(part: Part, seat: Seat) -> dict[str, Words]:
    """Turn a part into the share that this seat stores.

    Run by: an operator, once the reference is known to be well-formed.
    Shapes: each field is its dtype[length].
    """
    return _in_fields(
        part.form,
        [
            _shamir(first, second, seat)
            for first, second in zip(
                _by_ring(part.form, part.first),
                _by_ring(part.form, part.second),
                strict=True,
            )
        ],
    )


def asked(part: Part, seat: Seat) -> dict[str, Words]:
    """Turn a part into the vectors whose inner products with a stored row count.

    Run by: an operator, for each probe.
    Shapes: as `stored`. The probe's second coordinates are negated and the seat's
    Lagrange weight is folded in here, once a probe, so that a row costs one
    multiply-accumulate an entry.
    """
    return _in_fields(
        part.form,
        [
            ring.mirrored(
                _shamir(
                    ring.mirrored(first),
                    ring.mirrored(second),
                    seat,
                    ring.LAGRANGE[seat],
                )
            )
            for first, second in zip(
                _by_ring(part.form, part.first),
                _by_ring(part.form, part.second),
                strict=True,
            )
        ],
    )


def mask_of(fields: Row) -> Words:
    """Read a mask's two digits as one number mod 2^CODE_BITS: uint32 of their shape."""
    low = fields["mask"].view(np.int16).astype(np.int32).view(np.uint32)
    shares: Words = low + (fields["mask_top"].astype(np.uint32) << np.uint32(16))
    return shares


def _by_ring(form: Form, component: Vector) -> list[Words]:
    """Cut a component where the ring changes: a code's mask has a wider one."""
    if form is not Form.CODE:
        return [component.astype(np.uint16)]
    code, mask = component[..., :CODE_LENGTH], component[..., CODE_LENGTH:]
    return [code.astype(np.uint16), mask]


def _in_fields(form: Form, shares: list[Words]) -> dict[str, Words]:
    """Spell shares as fields: a mask in two digits, the lower one signed."""
    if form is Form.CODE:
        mask = shares.pop()
        top = (mask + np.uint32(1 << 15)) >> np.uint32(16)
        top_bits = np.uint32((1 << TOP_BITS) - 1)
        shares += [mask.astype(np.uint16), (top & top_bits).astype(np.uint8)]
    names = (field.name for field in FIELDS[form])
    return dict(zip(names, shares, strict=True))


def _shamir(
    first: Words, second: Words, seat: Seat, factor: ring.Element = ring.ONE
) -> Words:
    """Evaluate the sharing polynomial at this seat's point, times a constant."""
    of_first, of_second = _weights(seat, factor)
    return ring.times(first, of_first) + ring.times(second, of_second)


@cache
def _weights(seat: Seat, factor: ring.Element) -> tuple[ring.Element, ring.Element]:
    """What each of a seat's two components counts in its share, times a constant."""
    here = ring.POINTS[seat]
    # the seat without component c sits at c + 1: for `first` the next, for `second`
    # the one after it
    weights = [
        ring.subtract(
            ring.ONE,
            ring.multiply(here, ring.inverse(ring.POINTS[(seat + step) % 3])),
        )
        for step in (1, 2)
    ]
    of_first, of_second = (ring.multiply(weight, factor) for weight in weights)
    return of_first, of_second
