"""Scores of pairs: each probe against a row of its own, as additive shares.

A search multiplies every probe with every row (`ipse.matching.compare`); people who
verify at the same time each ask about one record, so here probe i meets row i alone.
The decision is the same, in one ring wide enough for all: what is tested in fewer
bits is shifted up, so that its sign stands where the sign test looks.

Specification: docs/spec/matching.md, section 4.
"""

from typing import Final

import numpy as np

from ipse.crypto.ring import Words
from ipse.ground.names import Form
from ipse.ground.params import CODE_BITS, CODE_SHIFT, CODE_WEIGHT, ROTATIONS
from ipse.matching.compare import EMBEDDING_BITS, Parts, rotations
from ipse.matching.seat import Place
from ipse.matching.wellformed import SUM_BITS
from ipse.shares.replicated import Vector
from ipse.shares.shamir import Row, asked, mask_of

_EMBEDDINGS_UP: Final = SUM_BITS - EMBEDDING_BITS
_CODES_UP: Final = SUM_BITS - CODE_BITS


def scores(place: Place, parts: Parts, rows: Row, threshold: int) -> Vector:
    """This seat's additive shares of score less threshold, mod 2^SUM_BITS.

    Shapes: the parts' components are uint32[probes, length]; rows have [probes or 1,
    length] arrays by field. uint32[probes, scores] comes back: one score for
    embeddings, one for each rotation of a code.
    """
    if Form.CODE in parts:
        fields = asked(parts[Form.CODE], place.seat)
        shares = _products(_turned(fields["code"]), rows["code"]).astype(np.uint32)
        shares <<= np.uint32(CODE_SHIFT)
        valid = _products(_turned(mask_of(fields)), mask_of(rows))
        shares -= valid * np.uint32(CODE_WEIGHT)
        threshold, up = 1, _CODES_UP
    else:
        products = [
            _products(each[:, np.newaxis], rows[name])
            for part in parts.values()
            for name, each in asked(part, place.seat).items()
        ]
        shares = np.add.reduce(products, dtype=np.uint16).astype(np.uint32)
        up = _EMBEDDINGS_UP
    if place.seat == 0:
        shares -= np.uint32(threshold % (1 << SUM_BITS))
    return shares << np.uint32(up)


def _turned(field: Words) -> Words:
    """Every rotation of each shared code: [probes, rotations, CODE_LENGTH]."""
    return np.stack([rotations(one, ROTATIONS) for one in field])


def _products(asking: Words, rows: Words) -> Words:
    """Inner products in the ring: [probes, turns, length] by [probes or 1, length]."""
    own = np.broadcast_to(rows, (len(asking), rows.shape[-1]))
    products: Words = np.einsum("pti,pi->pt", asking, own)
    return products
