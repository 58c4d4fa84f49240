"""Scores of probes against rows, as secret match bits.

Each seat multiplies what was asked with what it stores, and holds an additive share
of every score. The threshold is subtracted by one seat; the sign says the rest::

    embeddings   sum of the forms' inner products - threshold >= 0          16 bits
    codes        2^CODE_SHIFT * dot - CODE_WEIGHT * valid - 1 >= 0          20 bits

The second needs no lift: a share of dot mod 2^16 times 2^4 is a share mod 2^20, and
masks are shared in a wider ring to begin with. The plain oracle of the same
decision is `ipse.template.distance`.

Specification: docs/spec/matching.md, section 4.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.ground.names import Form
from ipse.ground.params import (
    CODE_BITS,
    CODE_LENGTH,
    CODE_SHAPE,
    CODE_SHIFT,
    CODE_WEIGHT,
    ROTATIONS,
)
from ipse.matching import kernels
from ipse.matching.rounds import Computation
from ipse.matching.seat import SEATS, Place
from ipse.matching.signs import (
    WORD,
    Bits,
    Circuit,
    circuit_for,
    negative,
    split,
)
from ipse.shares.replicated import Part
from ipse.shares.shamir import Row, asked

EMBEDDING_BITS: Final = 16
Parts = Mapping[Form, Part]


def matches(
    place: Place,
    parts: Parts,
    rows: Row,
    alive: npt.NDArray[np.bool_],
    threshold: int,
    circuit: Circuit | None = None,
    turns: int = ROTATIONS,
) -> Computation[Bits]:
    """Secret match bits of every probe against every living row.

    Run by: each seat, in 1 + bits rounds, or 3 + log2 bits. None takes the circuit
        that fits the count.

    Shapes: the parts' components are uint32[probes, length]; rows are [rows, length]
        by field; alive is bool[rows], public. uint64[groups, probes, words] comes
        back: for a code the rotations of one probe stand in the place of probes.
    """
    bits = CODE_BITS if Form.CODE in parts else EMBEDDING_BITS
    shares = _scores(place, parts, rows, threshold, turns)
    addends = yield from split(place, shares)
    fitting = circuit or circuit_for(shares[0].size * SEATS)
    below = yield from negative(place, addends, bits, fitting)
    lanes = living(alive, shares.shape[-1], shares.itemsize * 8)
    return below.inverted(place, lanes)


def living(
    alive: npt.NDArray[np.bool_], run: int, lane_bits: int
) -> npt.NDArray[np.uint64]:
    """Public lanes of the living rows: uint64[groups, 1, run / 64]."""
    places = np.zeros(SEATS * run, np.bool_)
    places[: len(alive)] = alive
    return kernels.pack(places.reshape(SEATS, 1, run), lane_bits)


def group_length(rows: int) -> int:
    """Rows in each of the three groups, a multiple of a word."""
    return -(-rows // (SEATS * WORD)) * WORD


def _scores(place: Place, parts: Parts, rows: Row, threshold: int, turns: int) -> Words:
    """This seat's additive shares of score less threshold: [groups, probes, run]."""
    if Form.CODE in parts:
        fields = asked(parts[Form.CODE], place.seat)
        code = _products(rotations(fields["code"], turns), rows["code"])
        mask = _products(rotations(fields["mask"], turns), rows["mask"])
        scores: Words = code.astype(np.uint32) << np.uint32(CODE_SHIFT)
        scores -= mask * np.uint32(CODE_WEIGHT)
        threshold = 1
    else:
        products = [
            _products(each, rows[name])
            for part in parts.values()
            for name, each in asked(part, place.seat).items()
        ]
        scores = np.add.reduce(products, dtype=np.uint16)
    if place.seat == 0:
        scores -= scores.dtype.type(threshold % (1 << 8 * scores.itemsize))
    return scores


def rotations(field: Words, count: int) -> Words:
    """Every rotation of one shared code: [count, CODE_LENGTH] from [1, CODE_LENGTH].

    A roll along columns moves whole pairs, so it commutes with the sharing.
    """
    grid = field.reshape(CODE_SHAPE)
    first = -(count // 2)
    return np.stack(
        [np.roll(grid, turn, axis=1) for turn in range(first, first + count)]
    ).reshape(count, CODE_LENGTH)


def _products(asking: Words, rows: Words) -> Words:
    run = group_length(len(rows))
    dtype, signed = rows.dtype, np.dtype(f"i{rows.itemsize}")
    scores = np.zeros((SEATS, len(asking), run), dtype)
    for group in range(SEATS):
        part = rows[group * run : (group + 1) * run]
        if len(part):
            found = np.empty((len(asking), len(part)), signed)
            kernels.inner_products(
                np.ascontiguousarray(asking).view(signed), part.view(signed), found
            )
            scores[group, :, : len(part)] = found.view(dtype)
    return scores
