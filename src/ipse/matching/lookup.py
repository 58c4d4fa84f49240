"""The sign of a few secret numbers, in the fewest rounds: carries are looked up.

A number is x_0 + x_1 + x_2 mod 2^bits, shared replicated. Seat 0, here P, knows
a = x_0 + x_1; seats 1 and 2, here Q and R, both know y = x_2. The places below the
highest are cut into digits. Of each digit the sign needs two bits: does it carry, does
it pass a carry on? P does not know y, but it can write down both bits for every y that
there is::

    table[v] = (a + v carries, a + v is all ones) ^ m        v = 0 .. 2^width - 1

m is two fresh bits of which R knows one addend and Q the other. P sends Q the table,
each entry under a pad that P and R alone know; R sends Q the pad of entry y. So Q reads
entry y and no other, and it is masked; R reads the same from P and Q. After this round
the two bits are shared, replicated; digits are joined by halving::

    numbers   --table, pad-->   digits      1 round
    digits    --halving-->      one carry   log2(digits) rounds

*What is claimed*, all mod 2. P's table is known to Q and R together: entry v is e_v at
Q (what came, less its mask) plus d_v at R (pad and mask). P claims that the table rises
(once it carries for v, it carries for v + 1), that what it sent R and the second kind
of entry follow from it, and that the digits it speaks of are those of x_0 + x_1: with
k_j the carry into place j of that sum, which is the place itself less both addends,

    k_0 = 0,     k_{j+1} = k_j + (x_0j + k_j) (x_1j + k_j)

Q and R claim that the pad they sent is the one of entry y: the inner product of the
pads, which P knows, with a vector that is 1 at y alone, which the other knows.

Source: Mohassel, Rindal, CCS 2018, section 5.4.1 (oblivious transfer with a third party
that knows the choice), for 2^width messages instead of two.
Specification: docs/spec/matching.md, section 9.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ipse.crypto.secret import Secret
from ipse.crypto.stream import Stream
from ipse.ground.names import Seat
from ipse.matching.claims import Claims
from ipse.matching.gate import (
    ONE_BIT,
    Numbers,
    Shared,
    both,
    drawn_bits,
    inner,
    mask,
    packed,
    packed_size,
    unpacked,
)
from ipse.matching.rounds import Came, Computation, Round
from ipse.matching.seat import Place

KINDS: Final = 2  # bits of a digit: it carries, it passes a carry on
CARRIES: Final = 0
PASSES: Final = 1
DIGITS: Final = 4
"""Digits of a number: 15 places below the highest are four digits of 4, which takes two
halvings. Two digits of 8 take one round less and 16 times the tables."""

LAST: Final = 2  # digits that are joined last

P: Final = Seat(0)
Q: Final = Seat(1)
R: Final = Seat(2)
_LOWEST: Final = np.uint32(1)


def negative(
    place: Place, claims: Claims, numbers: Shared, bits: int
) -> Computation[Shared]:
    """Signs of numbers of `bits` bits: shared bits, in 3 rounds.

    Run by: each seat.
    Shapes: numbers uint32[count], and so are the bits.
    """
    cut = _Cut(bits)
    looked_up = {P: _as_p, Q: _as_q, R: _as_r}[place.seat](place, claims, numbers, cut)
    found = yield from looked_up
    digits = found.digits
    while (left := digits.own.shape[-1]) > 1:
        low, high = digits[..., 0::2], digits[..., 1::2]
        if left == LAST:
            low = low[:PASSES]  # nobody asks whether all of it passes a carry on
        through = yield from both(place, claims, high[PASSES:], low)
        digits = through ^ Shared(
            _carries_alone(high.own, low), _carries_alone(high.following, low)
        )
    return found.top ^ digits[CARRIES, ..., 0]


def _carries_alone(high: Numbers, low: Shared) -> Numbers:
    """What a pair of digits carries by itself; that it passes one on is a product."""
    alone = np.zeros_like(low.own)
    alone[CARRIES] = high[CARRIES]
    return alone


@dataclass(frozen=True, slots=True)
class _Cut:
    """How numbers are cut into a highest place and digits below it."""

    bits: int

    @property
    def width(self) -> int:
        """Places of a digit."""
        return -(-(self.bits - 1) // DIGITS)

    @property
    def entries(self) -> int:
        """Entries of a digit's table."""
        return 1 << self.width

    @property
    def padding(self) -> int:
        """Places below the lowest: zeros, which carry nothing."""
        return DIGITS * self.width - (self.bits - 1)

    def top(self, numbers: Numbers) -> Numbers:
        """Return the highest place: uint32[count]."""
        top: Numbers = numbers >> np.uint32(self.bits - 1) & _LOWEST
        return top

    def places(self, numbers: Numbers) -> Numbers:
        """Return every place, padding first: uint32[count, padding + bits]."""
        shifts = np.arange(self.bits, dtype=np.uint32)
        found = numbers[:, np.newaxis] >> shifts & np.uint32(1)
        return np.pad(found, ((0, 0), (self.padding, 0)))

    def digits(self, numbers: Numbers) -> Numbers:
        """Return the digits, the lowest first: uint32[count, DIGITS]."""
        below = (numbers & mask(self.bits - 1)) << np.uint32(self.padding)
        shifts = np.arange(0, DIGITS * self.width, self.width, dtype=np.uint32)
        digits: Numbers = below[:, np.newaxis] >> shifts & mask(self.width)
        return digits

    def table(self, digits: Numbers) -> Numbers:
        """Write down what each entry would give: [KINDS, count, DIGITS, entries]."""
        sums = digits[..., np.newaxis] + np.arange(self.entries, dtype=np.uint32)
        kinds = np.stack([sums >= self.entries, sums == self.entries - 1])
        return kinds.astype(np.uint32)

    def chosen(self, digits: Numbers) -> Numbers:
        """Say which entry is chosen: 1 there, 0 elsewhere; [count, DIGITS, entries]."""
        entries = np.arange(self.entries, dtype=np.uint32)
        chosen: Numbers = (digits[..., np.newaxis] == entries).astype(np.uint32)
        return chosen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Found(Secret):
    """The highest places of both addends together, and the digits' bits."""

    top: Shared  # [count]
    digits: Shared  # [KINDS, count, DIGITS]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Masks(Secret):
    """What P draws alike with one of the others."""

    bits: Numbers  # [KINDS, count, DIGITS]: the component that both will hold
    pads: Numbers  # [KINDS, count, DIGITS, entries]: over the table for the third seat
    top: Numbers  # [count]; of those with R


def _masks(stream: Stream, count: int, cut: _Cut) -> _Masks:
    return _Masks(
        drawn_bits(stream, (KINDS, count, DIGITS)),
        drawn_bits(stream, (KINDS, count, DIGITS, cut.entries)),
        drawn_bits(stream, (count,)),
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Side(Secret):
    """What R, or Q, knows of what P said: its addends of bits that the two share.

    Shapes: [KINDS, count, DIGITS, entries]; top and addend [count].
    """

    cut: _Cut
    is_first: bool  # R, which holds x_0; else Q, which holds x_1
    in_q: Numbers  # addends of the table that Q got
    in_r: Numbers  # of the one that R got
    top: Numbers  # of a's highest place
    addend: Numbers  # x_0 or x_1, known in whole

    def products(self) -> tuple[Numbers, Numbers]:
        """Factors of the quadratic claims, [equations, 2], and what is local."""
        table, (places, carries) = self.in_q[CARRIES], self._sum()
        below, above = table[..., :-1], table[..., 1:]
        # x_0 + k and x_1 + k: k is what a's place is more than both
        one, other = (places, carries) if self.is_first else (carries, places)
        xs, ys = (
            _flat(below, one[:, :-1]),
            _flat(above, other[:, :-1]),
        )
        rest = _flat(below, carries[:, :-1] ^ carries[:, 1:])
        # (x + x')(y + y') = x y + x' y' + the two that nobody else can multiply
        factors = np.stack((xs, ys) if self.is_first else (ys, xs), axis=-1)
        return factors, (xs & ys) ^ rest

    def linear(self) -> Numbers:
        """Addends of what must be zero as it stands: [equations]."""
        table, (_, carries) = self.in_q[CARRIES], self._sum()
        above = np.roll(table, -1, axis=-1)
        above[..., -1] = self.is_first  # the entry beyond the last one carries
        passes = table ^ above
        return _flat(
            table[..., 0],
            carries[:, 0],
            self.in_r[CARRIES] ^ table,
            self.in_q[PASSES] ^ passes,
            self.in_r[PASSES] ^ passes,
        )

    def _sum(self) -> tuple[Numbers, Numbers]:
        """Addends of a's places and of the carries into them: [count, places]."""
        table = self.in_q[CARRIES]
        # entry v carries if a's digit is entries - v or more; bit j of a digit is how
        # many multiples of 2^j it has reached, mod 2
        reached = table[..., :0:-1]
        bits = [
            np.bitwise_xor.reduce(reached[..., step - 1 :: step], axis=-1)
            for step in (1 << place for place in range(self.cut.width))
        ]
        digits = np.stack(bits, axis=-1).reshape(len(table), -1)
        places = np.concatenate([digits, self.top[:, np.newaxis]], axis=-1)
        return places, places ^ self.cut.places(self.addend)


def _as_p(
    place: Place, claims: Claims, numbers: Shared, cut: _Cut
) -> Computation[_Found]:
    """Write the tables."""
    count = len(numbers.own)
    with_q, with_r = _masks(place.next, count, cut), _masks(place.prev, count, cut)
    known = (numbers.own + numbers.following) & mask(cut.bits)
    masked = cut.table(cut.digits(known)) ^ _each(with_q.bits ^ with_r.bits)
    for_q, for_r = masked ^ with_r.pads, masked ^ with_q.pads
    top = cut.top(known) ^ with_r.top
    yield Round(to_next=_joined(for_q, top), to_prev=_joined(for_r))
    at_r = _side_of_r(cut, with_r, for_r, numbers.own)
    at_q = _side_of_q(cut, with_q, for_q, top, numbers.following)
    (left, local), (right, _) = at_r.products(), at_q.products()
    claims.say(ONE_BIT, left, right, local)
    nothing, linear = _linear(at_r)
    claims.say(ONE_BIT, nothing, nothing, linear)
    # the pads that Q and R send each other are P's as well
    as_it_stands = np.zeros(with_q.bits.size, np.uint32)
    claims.hear_next(ONE_BIT, _by_digit(with_q.pads), as_it_stands)
    claims.hear_prev(ONE_BIT, _by_digit(with_r.pads), as_it_stands)
    return _Found(Shared(with_r.top, top), Shared(with_r.bits, with_q.bits))


def _as_q(
    place: Place, claims: Claims, numbers: Shared, cut: _Cut
) -> Computation[_Found]:
    """Read one entry of each table under R's pad, and help R to read it."""
    count = len(numbers.own)
    masks = _masks(place.prev, count, cut)
    chosen = cut.chosen(cut.digits(numbers.following))
    told = inner(masks.pads, chosen) & _LOWEST
    received = yield Round(
        to_next=_joined(told),
        from_prev=packed_size(masks.pads.size + count, ONE_BIT),
        from_next=packed_size(told.size, ONE_BIT),
    )
    table, top = _parted(received.from_prev, masks.pads.shape, (count,))
    (pad,) = _parted(received.from_next, told.shape)
    side = _side_of_q(cut, masks, table, top, numbers.own)
    claims.hear_prev(ONE_BIT, *side.products())
    claims.hear_prev(ONE_BIT, *_linear(side))
    choosing = _by_digit(np.broadcast_to(chosen, table.shape))
    as_it_stands = np.zeros(pad.size, np.uint32)
    claims.say(ONE_BIT, _by_digit(masks.pads), choosing, as_it_stands)
    claims.hear_next(ONE_BIT, choosing, pad.reshape(-1))
    return _Found(
        Shared(top, cut.top(numbers.following)),
        Shared(masks.bits, (inner(table, chosen) & _LOWEST) ^ pad),
    )


def _as_r(
    place: Place, claims: Claims, numbers: Shared, cut: _Cut
) -> Computation[_Found]:
    """Read one entry of each table under Q's pad, and help Q to read it."""
    count = len(numbers.own)
    masks = _masks(place.next, count, cut)
    chosen = cut.chosen(cut.digits(numbers.own))
    told = inner(masks.pads, chosen) & _LOWEST
    received = yield Round(
        to_prev=_joined(told),
        from_next=packed_size(masks.pads.size, ONE_BIT),
        from_prev=packed_size(told.size, ONE_BIT),
    )
    (table,) = _parted(received.from_next, masks.pads.shape)
    (pad,) = _parted(received.from_prev, told.shape)
    side = _side_of_r(cut, masks, table, numbers.following)
    claims.hear_next(ONE_BIT, *side.products())
    claims.hear_next(ONE_BIT, *_linear(side))
    choosing = _by_digit(np.broadcast_to(chosen, table.shape))
    claims.say(ONE_BIT, choosing, _by_digit(masks.pads), told.reshape(-1))
    claims.hear_prev(ONE_BIT, choosing, pad.reshape(-1))
    return _Found(
        Shared(cut.top(numbers.own), masks.top),
        Shared((inner(table, chosen) & _LOWEST) ^ pad, masks.bits),
    )


def _side_of_r(cut: _Cut, masks: _Masks, got: Numbers, addend: Numbers) -> _Side:
    mine = _each(masks.bits)
    return _Side(
        cut,
        is_first=True,
        in_q=mine ^ masks.pads,
        in_r=got ^ mine,
        top=masks.top,
        addend=addend,
    )


def _side_of_q(
    cut: _Cut, masks: _Masks, got: Numbers, top: Numbers, addend: Numbers
) -> _Side:
    mine = _each(masks.bits)
    return _Side(
        cut,
        is_first=False,
        in_q=got ^ mine,
        in_r=mine ^ masks.pads,
        top=top,
        addend=addend,
    )


def _linear(side: _Side) -> tuple[Numbers, Numbers]:
    """Claims without factors, and their addends."""
    addends = side.linear()
    return np.zeros((addends.size, 0), np.uint32), addends


def _flat(*arrays: Numbers) -> Numbers:
    return np.concatenate([array.reshape(-1) for array in arrays])


def _each(bits: Numbers) -> Numbers:
    """Say for each entry what is said for its digit."""
    return bits[..., np.newaxis]


def _by_digit(entries: Numbers) -> Numbers:
    """Give each digit, of either kind, a line of its entries."""
    return entries.reshape(-1, entries.shape[-1])


def _joined(*arrays: Numbers) -> bytes:
    return packed(_flat(*arrays), ONE_BIT)


def _parted(came: Came, *shapes: tuple[int, ...]) -> list[Numbers]:
    sizes = [math.prod(shape) for shape in shapes]
    flat = unpacked(came, ONE_BIT, (sum(sizes),))
    pieces = np.split(flat, np.cumsum(sizes)[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]
