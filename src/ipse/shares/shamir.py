"""A template as an operator stores it: a Shamir share, uniform noise of its length.

The polynomial has degree 1 over GR(2^16, 2), or GR(2^32, 2) for masks, which are
counted in a ring of 20 bits. Each component of the upload is turned locally::

    share at p  =  sum over components c of  component_c * f_c(p)
    f_c has degree 1, f_c(0) = 1, f_c(the point of the seat without c) = 0

so seat i needs just the two components it was sent, and nothing is exchanged.

A score is then one plain inner product an operator: `stored` dot `asked` gives
addends whose sum over the three seats is the inner product of the two vectors.

Source: Cramer, Damgard, Ishai, TCC 2005, section 3 (local conversion); Shamir 1979.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from ipse.crypto import ring
from ipse.crypto.ring import Words
from ipse.ground.names import Form, Seat
from ipse.ground.params import CODE_LENGTH, LENGTH
from ipse.shares.replicated import Part, Vector


@dataclass(frozen=True, slots=True)
class Field:
    """One array of a stored row."""

    name: str
    dtype: type[np.uint16] | type[np.uint32]  # the ring: mod 2^16 or mod 2^32
    start: int  # entries into the form's vector
    length: int  # entries
    is_last: bool = True  # runs to the vector's end, however long: see `stop`

    @property
    def stop(self) -> int | None:
        """End in the form's vector; None for its last field.

        Lengths are checked where a vector enters (`replicated.read_part`); the
        arithmetic takes any, so that `ipse bench` can measure other lengths.
        """
        return None if self.is_last else self.start + self.length


FIELDS: Final[Mapping[Form, tuple[Field, ...]]] = {
    Form.FACE: (Field("face", np.uint16, 0, LENGTH[Form.FACE]),),
    Form.VOICE: (Field("voice", np.uint16, 0, LENGTH[Form.VOICE]),),
    Form.CODE: (
        Field("code", np.uint16, 0, CODE_LENGTH, is_last=False),
        Field("mask", np.uint32, CODE_LENGTH, CODE_LENGTH),
    ),
}
"""What a row of each form consists of; a segment file holds one field."""

Row: TypeAlias = Mapping[str, Words]
"""Arrays by field name: [length] for one row, [rows, length] for a segment."""


def stored(part: Part, seat: Seat) -> dict[str, Words]:
    """Turn a part into the share that this seat stores.

    Run by: an operator, once the reference is known to be well-formed.
    Shapes: each field is its dtype[length].
    """
    return {
        field.name: _shamir(part.first, part.second, seat, field)
        for field in FIELDS[part.form]
    }


def asked(part: Part, seat: Seat) -> dict[str, Words]:
    """Turn a part into the vectors whose inner products with a stored row count.

    Run by: an operator, for each probe.
    Shapes: as `stored`. The probe's second coordinates are negated and the seat's
    Lagrange weight is folded in here, once a probe, so that a row costs one
    multiply-accumulate an entry.
    """
    return {
        field.name: ring.mirrored(
            ring.times(
                _shamir(
                    ring.mirrored(part.first), ring.mirrored(part.second), seat, field
                ),
                ring.LAGRANGE[seat],
            )
        )
        for field in FIELDS[part.form]
    }


def _shamir(first: Vector, second: Vector, seat: Seat, field: Field) -> Words:
    """Evaluate the sharing polynomial at this seat's point."""
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
    window = slice(field.start, field.stop)
    return ring.times(first[..., window].astype(field.dtype), weights[0]) + ring.times(
        second[..., window].astype(field.dtype), weights[1]
    )
