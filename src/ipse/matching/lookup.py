"""The sign test in the fewest rounds: carries are looked up digit by digit.

Addends stand as in `ipse.matching.signs`: in group g seat P = g knows x, Q = g + 1 and
R = g + 2 both know y. Their places below the highest are cut into digits of `width`
bits. Of each digit the sign needs two bits: does it carry, does it pass a carry on?
P does not know y, but it can write down both bits for every y that there is::

    table[v] = (x + v carries, x + v is all ones) ^ r         v = 0 .. 2^width - 1

r is two fresh bits of which R knows one addend and Q the other. P sends Q the table,
each entry under a pad that P and R alone know; R sends Q the pad of entry y. So Q
reads entry y and no other, and it is masked; R reads the same from P and Q. After this
round the two bits are shared, replicated; digits are joined by halving::

    addends   --table, pad-->   digits      1 round
    digits    --halving-->      one carry   log2(digits) rounds

More bytes than a prefix tree over single places, and fewer rounds: for one person who
waits. Semi-honest; the argument stands in docs/threat-model.md.

Source: Mohassel, Rindal, "ABY3: A Mixed Protocol Framework for Machine Learning",
CCS 2018, section 5.4.1 (oblivious transfer with a third party that knows the choice),
for 2^width messages instead of two. Halving: as `ipse.matching.signs`.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.crypto.stream import Stream
from ipse.matching import kernels
from ipse.matching.rounds import Computation, Round, words
from ipse.matching.seat import SEATS, Place
from ipse.matching.signs import WORD, Bits, carried

Words64: TypeAlias = npt.NDArray[np.uint64]

KINDS: Final = 2  # bits of a digit: it carries, it passes a carry on


def negative(place: Place, addends: Words, bits: int, levels: int) -> Computation[Bits]:
    """Sign bits of the sums of two addends, read as signed numbers of `bits` bits.

    Run by: each seat, in 1 + levels rounds.

    Shapes: addends uint16 or uint32[groups, probes, rows], rows a multiple of 64, cut
    into 2^levels digits; the bits come back as uint64[groups, probes, rows / 64].
    """
    top, digits = yield from _looked_up(place, addends, bits, 1 << levels)
    carry = yield from carried(place, *digits)
    shape = (SEATS, addends.shape[1], -1)
    return Bits(
        (carry.own ^ top.own).reshape(shape),
        (carry.following ^ top.following).reshape(shape),
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Addend:
    """One group's addend in bit planes, the lower places cut into digits."""

    top: Words64  # [count]
    digits: Words64  # [digits, width, count], the lowest first

    @property
    def entries(self) -> tuple[int, int, int, int]:
        """Shape of a table: kinds, digits, entries, words."""
        digits, width, count = self.digits.shape
        return KINDS, digits, 1 << width, count


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Masks:
    """What P draws alike with one of the others, for one group."""

    bits: Words64  # [kinds, digits, count]: the component that both will hold
    pads: Words64  # [kinds, digits, entries, count]: over the table for the third seat
    top: Words64  # [count]


def _looked_up(
    place: Place, addends: Words, bits: int, digits: int
) -> Computation[tuple[Bits, tuple[Bits, Bits]]]:
    """The highest place of x ^ y, and each digit's two bits, in one round."""
    as_p, as_q, as_r = place.group_as_p, place.group_as_q, place.group_as_r
    x, y_as_q, y_as_r = (
        _cut(addends[group], bits, digits) for group in (as_p, as_q, as_r)
    )
    shape = x.entries
    # alike at both ends of each stream: first where the earlier seat is P
    with_q, p_as_r = _masks(place.next, shape), _masks(place.next, shape)
    p_as_q, with_r = _masks(place.prev, shape), _masks(place.prev, shape)
    table = np.empty(shape, np.uint64)
    kernels.digit_table(x.digits, with_q.bits, with_r.bits, table)
    top = x.top ^ with_r.top
    received = yield Round(
        to_next=_flat(table ^ with_r.pads, top, _chosen(p_as_q.pads, y_as_q.digits)),
        to_prev=_flat(table ^ with_q.pads, _chosen(p_as_r.pads, y_as_r.digits)),
        from_next=8 * (table.size + with_q.bits.size),
        from_prev=8 * (table.size + top.size + with_q.bits.size),
    )
    table_as_q, top_as_q, pad_as_r = _parted(
        received.from_prev, table, top, with_q.bits
    )
    table_as_r, pad_as_q = _parted(received.from_next, table, with_q.bits)
    own = np.empty((KINDS, SEATS, digits, x.top.size), np.uint64)
    following = np.empty_like(own)
    own[:, as_p], following[:, as_p] = with_r.bits, with_q.bits
    own[:, as_q] = p_as_q.bits
    following[:, as_q] = _chosen(table_as_q, y_as_q.digits) ^ pad_as_q
    own[:, as_r] = _chosen(table_as_r, y_as_r.digits) ^ pad_as_r
    following[:, as_r] = p_as_r.bits
    tops = Bits(*np.empty((2, SEATS, x.top.size), np.uint64))
    tops.own[as_p], tops.following[as_p] = with_r.top, top
    tops.own[as_q], tops.following[as_q] = top_as_q, y_as_q.top
    tops.own[as_r], tops.following[as_r] = y_as_r.top, p_as_r.top
    return tops, (Bits(own[0], following[0]), Bits(own[1], following[1]))


def _cut(addends: Words, bits: int, digits: int) -> _Addend:
    """Cut a group's addends into planes; zeros below the lowest place carry nothing."""
    probes, rows = addends.shape
    lane_bits, lanes = addends.itemsize * 8, rows // WORD
    planes = np.empty((lane_bits, probes * lanes), np.uint64)
    kernels.transpose(addends.view(np.uint64).reshape(probes, lane_bits, lanes), planes)
    width = -(-(bits - 1) // digits)
    padded = np.zeros((digits * width, probes * lanes), np.uint64)
    padded[1 - bits :] = planes[: bits - 1]
    return _Addend(planes[bits - 1], padded.reshape(digits, width, -1))


def _chosen(table: Words64, y: Words64) -> Words64:
    """Entry y of each digit's table, lane by lane, without a branch."""
    kinds, digits, _, count = table.shape
    chosen = np.empty((kinds, digits, count), np.uint64)
    kernels.chosen_entry(table, y, chosen)
    return chosen


def _masks(stream: Stream, shape: tuple[int, int, int, int]) -> _Masks:
    kinds, digits, entries, count = shape
    bits = kinds * digits * count
    pads = bits * entries
    drawn = stream.draw(8 * (bits + pads + count)).view(np.uint64)
    return _Masks(
        drawn[:bits].reshape(kinds, digits, count),
        drawn[bits : bits + pads].reshape(shape),
        drawn[bits + pads :],
    )


def _flat(*arrays: Words64) -> Words64:
    return np.concatenate([array.reshape(-1) for array in arrays])


def _parted(came: bytes | bytearray | memoryview, *like: Words64) -> list[Words64]:
    """Cut what came into arrays of the shapes of others."""
    flat = words(came, (sum(array.size for array in like),))
    pieces = []
    for array in like:
        pieces.append(flat[: array.size].reshape(array.shape))
        flat = flat[array.size :]
    return pieces
