"""Scores of pairs: each probe against a row of its own, and every message a claim.

A search multiplies every probe with every row (`ipse.matching.compare`); people who
verify at the same time each ask about one record, so here probe i meets row i alone.
Each seat's addend is the inner product of what was asked, which it reads from its two
components, with what it stores, which it alone knows. So it first shares its row::

    row  =  drawn alike with the seat before  +  told to the seat after

Whether that is the row that it stores is seen by all three together: stored rows are
points of one line, and a fixed combination of three points of a line is zero. Then the
addend is an inner product of numbers that the two others share, like that of any gate
(`ipse.matching.gate`).

Specification: docs/spec/matching.md, sections 4 and 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ipse.crypto import ring
from ipse.crypto.ring import Words
from ipse.crypto.secret import Secret
from ipse.ground.names import Form, Seat
from ipse.ground.params import (
    CODE_BITS,
    CODE_LENGTH,
    CODE_SHIFT,
    CODE_WEIGHT,
    ROTATIONS,
)
from ipse.matching.claims import Claims
from ipse.matching.compare import EMBEDDING_BITS, Parts, rotations
from ipse.matching.gate import (
    Numbers,
    Shared,
    drawn,
    flat,
    inner,
    mask,
    packed,
    packed_size,
    reshared,
    unpacked,
)
from ipse.matching.rounds import Computation, Round, together
from ipse.matching.seat import Place
from ipse.shares.replicated import Part, Vector
from ipse.shares.shamir import Row, asked, mask_of

WORD_BITS: Final = 32


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scored(Secret):
    """Scores less their threshold, and whether the rows were the stored ones."""

    numbers: Shared  # uint32[probes, scores], mod 2^bits
    bits: int
    misfit: Shared  # uint32[probes, entries]: zero where three rows lie on a line


def scores(
    place: Place, claims: Claims, parts: Parts, rows: Row, threshold: int
) -> Computation[Scored]:
    """Score each probe against its row, in one round.

    Run by: each seat. A score counts once the claims are proved and the misfit was seen
        to be zero.
    Shapes: the parts' components are uint32[probes, length]; rows have [probes or 1,
        length] arrays by field. One score for embeddings, one for each rotation of a
        code.
    """
    bits = CODE_BITS if Form.CODE in parts else EMBEDDING_BITS
    least = np.uint32((1 if Form.CODE in parts else threshold) % (1 << WORD_BITS))
    mine = {form: part.first for form, part in parts.items()}
    following = {form: part.second for form, part in parts.items()}
    # what is asked of a seat is linear in its two components
    first, second = (
        _asked(_as_first(mine), place.seat),
        _asked(_as_second(following), place.seat),
    )
    row = np.broadcast_to(_stored(rows), (len(first), first.shape[-1]))
    addends = inner(first + second, row[:, np.newaxis])
    if place.seat == 0:
        addends -= least
    told, halves = yield from together(
        reshared(place, bits, addends), _halved(place, row, bits)
    )
    local = _local(first, halves.own_drawn, least, place.seat)
    left, right = _left(first, halves.own_drawn), _right(halves.own_told, second)
    claims.say(bits, *flat(left, right, local - told.of_own))
    first = _asked(_as_first(following), place.next_seat)
    local = _local(first, halves.next_drawn, least, place.next_seat)
    claims.hear_next(bits, *flat(_left(first, halves.next_drawn), local - told.of_next))
    second = _asked(_as_second(mine), place.prev_seat)
    local = inner(second, halves.prev_told[:, np.newaxis]) + told.drawn_prev
    claims.hear_prev(bits, *flat(_right(halves.prev_told, second), local))
    return Scored(told.shared, bits, _misfit(place, halves, _rings(parts)))


def _local(first: Numbers, row: Numbers, least: np.uint32, seat: Seat) -> Numbers:
    """What the previous seat knows of a seat's addend by itself."""
    products = inner(first, row[:, np.newaxis])
    return products - least if seat == 0 else products


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Halves(Secret):
    """Rows as three seats share them. Shapes: uint32[probes, entries]."""

    own_drawn: Numbers  # of this seat's row: drawn alike with the previous seat,
    own_told: Numbers  # and told to the next
    next_drawn: Numbers  # of the next seat's row, drawn alike with it
    prev_told: Numbers  # of the previous seat's row, as it told


def _halved(place: Place, row: Numbers, bits: int) -> Computation[_Halves]:
    """Share each seat's row with the two others, in one round."""
    drawn_prev, drawn_next = (
        drawn(stream, row.shape) & mask(bits) for stream in (place.prev, place.next)
    )
    rest = (row - drawn_prev) & mask(bits)
    received = yield Round(
        to_next=packed(rest, bits), from_prev=packed_size(rest.size, bits)
    )
    came = unpacked(received.from_prev, bits, row.shape)
    return _Halves(drawn_prev, rest, drawn_next, came)


def _misfit(place: Place, halves: _Halves, rings: Numbers) -> Shared:
    """The second divided difference of three rows, shared without a message.

    Component j is made of what seat j drew and what seat j - 1 told: two seats know it.
    """
    seats = (place.prev_seat, place.seat, place.next_seat)
    before, here, after = (ring.DIVIDED[seat] for seat in seats)
    own = ring.times(halves.own_drawn, here) + ring.times(halves.prev_told, before)
    following = ring.times(halves.next_drawn, after) + ring.times(halves.own_told, here)
    up = np.uint32(WORD_BITS) - rings
    return Shared(own << up, following << up)


def _as_first(components: Mapping[Form, Vector]) -> Parts:
    return {
        form: Part(form, component, np.zeros_like(component))
        for form, component in components.items()
    }


def _as_second(components: Mapping[Form, Vector]) -> Parts:
    return {
        form: Part(form, np.zeros_like(component), component)
        for form, component in components.items()
    }


def _asked(parts: Parts, seat: Seat) -> Numbers:
    """What rows are multiplied with: uint32[probes, scores, entries]."""
    if Form.CODE in parts:
        fields = asked(parts[Form.CODE], seat)
        code = _turned(fields["code"]).astype(np.uint32) << np.uint32(CODE_SHIFT)
        valid = _turned(mask_of(fields)) * np.uint32(-CODE_WEIGHT % (1 << WORD_BITS))
        return np.concatenate([code, valid], axis=-1)
    fields_of = [asked(part, seat)[form.value] for form, part in parts.items()]
    return np.concatenate(fields_of, axis=-1).astype(np.uint32)[:, np.newaxis]


def _stored(rows: Row) -> Numbers:
    """Rows in the order in which they are asked about: uint32[rows, entries]."""
    if "code" in rows:
        return np.concatenate([rows["code"].astype(np.uint32), mask_of(rows)], axis=-1)
    return np.concatenate(list(rows.values()), axis=-1).astype(np.uint32)


def _rings(parts: Parts) -> Numbers:
    """Bits of the ring that each entry of a row is shared in."""
    if Form.CODE in parts:
        return np.repeat(np.array([16, CODE_BITS], np.uint32), CODE_LENGTH)
    return np.array(EMBEDDING_BITS, np.uint32)


def _turned(field: Words) -> Words:
    """Every rotation of each shared code: [probes, rotations, CODE_LENGTH]."""
    return np.stack([rotations(one, ROTATIONS) for one in field])


def _left(asked_of: Numbers, row: Numbers) -> Numbers:
    """Factors of the seat that knows the first component: [.., scores, products]."""
    alike = np.broadcast_to(row[:, np.newaxis], asked_of.shape)
    return np.concatenate([asked_of, alike], axis=-1)


def _right(row: Numbers, asked_of: Numbers) -> Numbers:
    """Factors of the seat that knows the second component, in the same order."""
    alike = np.broadcast_to(row[:, np.newaxis], asked_of.shape)
    return np.concatenate([alike, asked_of], axis=-1)
