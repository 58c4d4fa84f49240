"""The zero test: is any of these secret bits set? One round, one bit of knowledge.

Each bit is given a public random weight in GF(2^64), drawn after the bits were
fixed. The weighted sum c is linear, so it costs nothing; it is 0 when no bit is
set, and otherwise 0 with probability 2^-64. What is opened is s * c for a secret
random s that nobody knows: 0 when c is 0, else uniform. So the seats learn whether
a bit is set, and nothing of which or how many; the test errs towards "none" with
probability below 2^-63, and never the other way.

Several questions that are asked in turn, each only if the answer to all before was
"none", are opened in one round as well::

    v_i = t_i1 c_1 + ... + t_ii c_i          every t secret, random, known to nobody

Up to the first c that is not 0, every v is 0; that one's is uniform, and so is each
one after it, whatever its own c: t_ir c_r hides it. So what is learned is which turn
was the first, and nothing of later ones.

Semi-honest: the addends of what is opened are masked by a sharing of zero before they
are sent. docs/threat-model.md has the argument.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.crypto.stream import KEY_BYTES, Stream
from ipse.matching import kernels
from ipse.matching.rounds import Computation, Round, words
from ipse.matching.seat import Place
from ipse.matching.signs import WORD, Bits

Coin = Stream
"""Public randomness of one job: the same at all seats, unknown to whoever sent the
values before the job began."""

_FIELD_BYTES: Final = 8


def toss(place: Place) -> Computation[Coin]:
    """Agree on public randomness, in one round.

    Run by: each seat. Each pair of neighbours draws a third of the key; a seat tells
    the one that it draws with its next seat to the previous one.
    """
    mine = place.next.draw(KEY_BYTES)
    before = place.prev.draw(KEY_BYTES)
    received = yield Round(to_prev=mine, from_next=KEY_BYTES)
    after = np.frombuffer(received.from_next, np.uint8)
    return Stream((mine ^ before ^ after).tobytes())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sums:
    """Weighted sums of secret bits, replicated: 0 where no bit is set.

    They are linear, so sums of different bits under different weights add up.

    Shapes: uint64[probes] each.
    """

    own: npt.NDArray[np.uint64]  # component `seat`
    following: npt.NDArray[np.uint64]  # component `seat + 1`

    def __xor__(self, other: "Sums") -> "Sums":
        """Add the sums of other bits, which have weights of their own."""
        return Sums(self.own ^ other.own, self.following ^ other.following)

    def of(self, probes: Sequence[int]) -> "Sums":
        """Return the sums of some probes."""
        some = np.asarray(probes, np.intp)
        return Sums(self.own[some], self.following[some])


def nothing_set(probes: int) -> Sums:
    """The sums of no bits at all."""
    return Sums(np.zeros(probes, np.uint64), np.zeros(probes, np.uint64))


def none_set(
    place: Place, coin: Coin, bits: Bits
) -> Computation[npt.NDArray[np.bool_]]:
    """Say for each probe whether none of its bits is set, in one round.

    Run by: each seat.
    Shapes: bits uint64[groups, probes, words]; bool[probes] comes back.
    """
    return (yield from all_zero(place, [weighed(coin, bits)]))


def weighed(coin: Coin, bits: Bits) -> Sums:
    """Add up each probe's bits, each times a weight of the coin. No message.

    Run by: each seat.
    Shapes: bits uint64[groups, probes, words].
    """
    groups, probes, run = bits.own.shape
    weights = coin.draw(groups * run * WORD * _FIELD_BYTES)
    table = weights.view(np.uint64).reshape(groups * run, WORD)
    own, following = (
        _weighted(component.swapaxes(1, 2).reshape(groups * run, probes), table)
        for component in (bits.own, bits.following)
    )
    return Sums(own, following)


def all_zero(place: Place, parts: Iterable[Sums]) -> Computation[npt.NDArray[np.bool_]]:
    """Say for each probe whether its sums are 0 altogether, in one round.

    Run by: each seat, with at least one part, and coins that differ from part to part.
    Shapes: bool[probes] comes back.
    """
    first = yield from first_set(place, [reduce(Sums.__xor__, parts)])
    is_clear: npt.NDArray[np.bool_] = first == 1
    return is_clear


def first_set(place: Place, turns: Sequence[Sums]) -> Computation[npt.NDArray[np.intp]]:
    """Say for each probe which of its sums is the first that is not 0, in one round.

    Run by: each seat, with at least one turn. Of the sums after the first nothing is
    learned, not even whether they are 0.

    Shapes: intp[probes] comes back: 0 for the first turn, len(turns) if all are 0.
    """
    own = np.stack([turn.own for turn in turns])
    following = np.stack([turn.following for turn in turns])
    rows, columns = np.tril_indices(len(turns))
    probes = own.shape[1]
    factor, next_factor = (
        drawn.reshape(len(rows), probes) for drawn in place.shared(len(rows) * probes)
    )
    products = np.zeros(len(rows) * probes, np.uint64)
    product = np.empty_like(products)
    for sums, factors in ((own, factor), (own, next_factor), (following, factor)):
        left = np.ascontiguousarray(sums[columns]).reshape(-1)
        kernels.field_products(left, factors.reshape(-1), product)
        products ^= product
    # the products of one row of the triangle stand together
    starts = np.flatnonzero(columns == 0)
    addend = np.bitwise_xor.reduceat(products.reshape(len(rows), probes), starts)
    addend ^= place.zero(addend.size).reshape(addend.shape)
    received = yield Round(addend, addend, addend.nbytes, addend.nbytes)
    opened = (
        addend
        ^ words(received.from_next, addend.shape)
        ^ words(received.from_prev, addend.shape)
    )
    is_set = np.vstack([opened != 0, np.ones(probes, np.bool_)])
    first: npt.NDArray[np.intp] = is_set.argmax(axis=0)
    return first


def _weighted(
    bits: npt.NDArray[np.uint64], table: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    total = np.zeros(bits.shape[1], np.uint64)
    kernels.chosen_sum(np.ascontiguousarray(bits), table, total)
    return total
