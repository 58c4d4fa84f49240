"""The sign test: who of many secret numbers is negative, 64 of them a word.

A number is the sum of two addends mod 2^bits. A batch is cut into three groups, and
in group g seat P = g knows the first addend, Q = g + 1 and R = g + 2 both know the
second: each seat has each role once, so the work is even::

    additive shares   --split-->      addends     1 round
    addends           --negative-->   sign bits   RIPPLE: bits rounds
                                                  PREFIX: 2 + log2 bits

Bits are shared replicated: seat p holds components p (`own`) and p + 1
(`following`), and their exclusive or over three components is the bit. Component
g of the first addend x is s, which P and R draw alike; component g + 1 is x ^ s,
which P sends to Q; the second addend y is component g + 2 as it stands. So x ^ y
has components (u, v) below at every seat, and a carry costs one AND:

    carry' = carry ^ (x ^ carry) & (y ^ carry)

Semi-honest: a seat sees its own addend and words masked by a stream that it does
not hold. Source: Araki, Furukawa, Lindell, Nof, Ohara, "High-Throughput Semi-Honest
Secure Three-Party Computation with an Honest Majority", CCS 2016; the argument for
`split` stands in docs/threat-model.md.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.matching import kernels
from ipse.matching.rounds import Came, Computation, Message, Received, Round, words
from ipse.matching.seat import SEATS, Place

WORD: Final = 64  # rows in a word: every run is padded to a multiple of it
BYTE: Final = 8  # bits

Plane: TypeAlias = npt.NDArray[np.uint64]
Planes: TypeAlias = tuple[Plane, Plane]


class Circuit(Enum):
    """How a carry travels."""

    RIPPLE = auto()  # fewest bits on the wire: for many
    PREFIX = auto()  # fewest rounds: for one


MANY: Final = 1 << 16
"""Comparisons from which RIPPLE's fewer bits outweigh PREFIX's fewer rounds: 4 bytes
against 7 for each, 18 rounds against 8. Chosen, not fitted: ten rounds cost some 2 ms
on loopback, as `ipse bench match` showed; farther apart it should be more."""


def circuit_for(comparisons: int) -> Circuit:
    """Choose how carries travel for this many comparisons."""
    return Circuit.RIPPLE if comparisons > MANY else Circuit.PREFIX


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bits:
    """Secret bits, replicated.

    Shapes: uint64[groups, probes, words] each.
    """

    own: npt.NDArray[np.uint64]  # component `seat`
    following: npt.NDArray[np.uint64]  # component `seat + 1`

    def inverted(self, place: Place, lanes: npt.NDArray[np.uint64]) -> "Bits":
        """Complement the bits that are set in the public `lanes`, clear the rest.

        One component alone is complemented: the first, at the two seats that have it.
        """
        flip_own = lanes if place.seat == 0 else np.uint64(0)
        flip_following = lanes if place.seat == SEATS - 1 else np.uint64(0)
        return Bits(
            (self.own & lanes) ^ flip_own, (self.following & lanes) ^ flip_following
        )


def split(place: Place, additive: Words, bits: int) -> Computation[Words]:
    """Two addends from additive shares of three.

    Run by: each seat. With u and r drawn alike by Q and R, Q sends d_Q - u - r and
    R sends d_R + u to P, who adds its own: P holds value - r, Q and R hold r.

    Shapes: uint16 or uint32[groups, probes, rows], all groups' shares of this seat,
    mod 2^bits; addends of the same shape come back, their bits above `bits` noise.
    """
    dtype, run = additive.dtype, additive[0].size
    size = run * dtype.itemsize
    as_p, as_q, as_r = place.group_as_p, place.group_as_q, place.group_as_r
    u_as_q, r_as_q = (place.next.draw(size).view(dtype) for _ in range(2))
    u_as_r, r_as_r = (place.prev.draw(size).view(dtype) for _ in range(2))
    u_as_q += r_as_q
    from_q = np.subtract(additive[as_q].reshape(-1), u_as_q, out=u_as_q)
    from_r = np.add(additive[as_r].reshape(-1), u_as_r, out=u_as_r)
    spelled = run * bits // 8
    received = yield Round(
        _spelled(from_r, bits), _spelled(from_q, bits), spelled, spelled
    )
    addends = np.empty_like(additive)
    shape = additive.shape[1:]
    addends[as_p] = additive[as_p]
    # from the next seat, Q of this group, and from the previous one, its R
    for came in (received.from_next, received.from_prev):
        _add_spelled(came, bits, addends[as_p].reshape(-1))
    addends[as_q] = r_as_q.reshape(shape)
    addends[as_r] = r_as_r.reshape(shape)
    return addends


def _spelled(values: Words, bits: int) -> Message:
    """Spell values with no more than their bits."""
    if bits == values.itemsize * BYTE:
        return values
    low = np.empty(values.size, np.uint16)
    high = np.empty(values.size // 2, np.uint8)
    kernels.cut_to_20(values, low, high)
    return np.concatenate([low.view(np.uint8), high])


def _add_spelled(came: Came, bits: int, values: Words) -> None:
    """Add what was spelled, in place."""
    if bits == values.itemsize * BYTE:
        values += np.frombuffer(came, values.dtype)
        return
    spelled = np.frombuffer(came, np.uint8).copy()
    low = values.size * np.dtype(np.uint16).itemsize
    kernels.add_20(spelled[:low].view(np.uint16), spelled[low:], values)


def negative(
    place: Place, addends: Words, bits: int, circuit: Circuit
) -> Computation[Bits]:
    """Sign bits of the sums of two addends, read as signed numbers of `bits` bits.

    Run by: each seat.

    Shapes: addends uint16 or uint32[groups, probes, rows], rows a multiple of 64;
    the bits come back as uint64[groups, probes, rows / 64].
    """
    u, v = yield from _shared_planes(place, addends, bits)
    carried = _ripple if circuit is Circuit.RIPPLE else _prefix
    carry = yield from carried(place, u, v)
    shape = (SEATS, addends.shape[1], -1)
    return Bits(
        (carry.own ^ u[:, -1]).reshape(shape),
        (carry.following ^ v[:, -1]).reshape(shape),
    )


def both(place: Place, left: Bits, right: Bits) -> Computation[Bits]:
    """The bitwise product, in one round."""
    shape = left.own.shape
    own = np.empty(left.own.size, np.uint64)
    flat = [
        np.ascontiguousarray(part).reshape(-1)
        for part in (left.own, left.following, right.own, right.following)
    ]
    kernels.products(*flat, place.zero(own.size), own)
    received = yield from _replicate(own)
    return Bits(own.reshape(shape), received.reshape(shape))


def _replicate(own: npt.NDArray[np.uint64]) -> Computation[npt.NDArray[np.uint64]]:
    """Give this seat's component to the previous seat, take the next one's."""
    received: Received = yield Round(to_prev=own, from_next=own.nbytes)
    return words(received.from_next, own.shape)


def _shared_planes(place: Place, addends: Words, bits: int) -> Computation[Planes]:
    """Bit planes of x ^ y: (u, v), each uint64[groups, bits, words of a group]."""
    probes, rows = addends.shape[1:]
    count = probes * rows // WORD
    u = np.empty((SEATS, bits, count), np.uint64)
    v = np.empty((SEATS, bits, count), np.uint64)
    as_p, as_q, as_r = place.group_as_p, place.group_as_q, place.group_as_r
    size = 8 * bits * count
    v[as_r] = place.next.draw(size).view(np.uint64).reshape(bits, count)
    u[as_p] = place.prev.draw(size).view(np.uint64).reshape(bits, count)
    for group, planes in ((as_p, v), (as_q, v), (as_r, u)):
        _turn(addends[group], planes[group])
    v[as_p] ^= u[as_p]
    received = yield Round(to_next=v[as_p], from_prev=size)
    u[as_q] = np.frombuffer(received.from_prev, np.uint64).reshape(bits, count)
    return u, v


def _turn(values: Words, planes: npt.NDArray[np.uint64]) -> None:
    """Turn values into bit planes, as many as there is room for."""
    probes, rows = values.shape
    lane_bits = values.itemsize * BYTE
    run = values.view(np.uint64).reshape(probes, lane_bits, rows // WORD)
    if len(planes) == lane_bits:
        kernels.transpose(run, planes)
        return
    turned = np.empty((lane_bits, planes.shape[1]), np.uint64)
    kernels.transpose(run, turned)
    planes[:] = turned[: len(planes)]


def _ripple(place: Place, u: Plane, v: Plane) -> Computation[Bits]:
    """The carry into the highest place, one place a round."""
    groups, bits, count = u.shape
    shape = (groups, count)
    own, following, addend = (np.zeros(shape, np.uint64) for _ in range(3))
    received = addend
    for place_value in range(bits - 1):
        zero_next, zero_prev = place.zeros(shape)
        kernels.next_carry(
            place.group_as_p,
            place_value,
            u,
            v,
            own,
            following,
            received,
            zero_next,
            zero_prev,
            addend,
        )
        received = yield from _replicate(addend)
    own ^= addend
    following ^= received
    return Bits(own, following)


def _prefix(place: Place, u: Plane, v: Plane) -> Computation[Bits]:
    """The same carry by halving: does a stretch of places carry, does it pass one on?

    u and v are the second question's answers for single places; they are used up, but
    for the highest place.

    Source: Sklansky, "Conditional-Sum Addition Logic", IRE Trans. 1960, pruned to
    the one carry that the sign needs.
    """
    groups, bits, words_ = u.shape
    carries = np.empty((groups, bits - 1, words_), np.uint64)
    zeros = place.zeros(carries.shape)
    kernels.first_products(place.group_as_p, u, v, *zeros, carries)
    following = yield from _replicate(carries)
    return (yield from carried(place, Bits(carries, following), Bits(u, v)))


def carried(place: Place, carries: Bits, passes: Bits) -> Computation[Bits]:
    """The carry out of the highest of some stretches of places, the lowest first.

    Run by: each seat, in one round for each time that they are halved.

    Shapes: carries uint64[groups, stretches, words], does a stretch carry; passes the
        same or longer, does it pass a carry on. Both are used up.
        uint64[groups, words] comes back.
    """
    groups, count, words_ = carries.own.shape
    while count > 1:
        own = np.empty((groups, 2 * (count // 2) - 1, words_), np.uint64)
        zeros = place.zeros(own.shape)
        kernels.halving(
            count,
            carries.own,
            carries.following,
            passes.own,
            passes.following,
            *zeros,
            own,
        )
        received = yield from _replicate(own)
        kernels.halved(count, carries.own, passes.own, own)
        kernels.halved(count, carries.following, passes.following, received)
        count -= count // 2
    return Bits(carries.own[:, 0], carries.following[:, 0])
