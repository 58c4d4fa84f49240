"""The zero test: is any of these secret bits set? One round, one bit of knowledge.

Each bit is given a public random weight in GF(2^64), drawn after the bits were
fixed. The weighted sum c is linear, so it costs nothing; it is 0 when no bit is
set, and otherwise 0 with probability 2^-64. What is opened is s * c for a secret
random s that nobody knows: 0 when c is 0, else uniform. So the seats learn whether
a bit is set, and nothing of which or how many; the test errs towards "none" with
probability below 2^-63, and never the other way.

Semi-honest: the addends of s * c are masked by a sharing of zero before they are
sent. docs/threat-model.md has the argument.
"""

from collections.abc import Iterable
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
    sums = reduce(Sums.__xor__, parts)
    probes = len(sums.own)
    factor, next_factor = place.shared(probes)
    addend = place.zero(probes)
    product = np.empty(probes, np.uint64)
    for left, right in (
        (sums.own, factor),
        (sums.own, next_factor),
        (sums.following, factor),
    ):
        kernels.field_products(left, right, product)
        addend ^= product
    received = yield Round(addend, addend, addend.nbytes, addend.nbytes)
    opened = (
        addend
        ^ words(received.from_next, addend.shape)
        ^ words(received.from_prev, addend.shape)
    )
    is_clear: npt.NDArray[np.bool_] = opened == 0
    return is_clear


def _weighted(
    bits: npt.NDArray[np.uint64], table: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    total = np.zeros(bits.shape[1], np.uint64)
    kernels.chosen_sum(np.ascontiguousarray(bits), table, total)
    return total
