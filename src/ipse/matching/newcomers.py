"""Newcomers: which of several are new, exactly as if they came one after the other.

Newcomer i is new if nobody who is enrolled matches it, nor any newcomer before it that
was new itself. With c_i the sum over the enrolled, and m_ij the match of i with j::

    d_i = c_i + (sum of m_ij, weighed, over those before it that are not turned away)

All d are opened in turn (`ipse.matching.zero_test`): up to the first that is not 0 all
are new, that one is turned away, and of the later ones nothing is opened. These are
opened anew without it. So there are as many openings as newcomers turned away, and one
more; and nobody learns whether a newcomer matched the enrolled or another newcomer.

Specification: docs/spec/matching.md, section 6.
"""

from collections.abc import Sequence

import numpy as np

from ipse.matching.compare import ask, group_length, living, matches
from ipse.matching.rounds import Computation
from ipse.matching.seat import Place
from ipse.matching.signs import Bits, Circuit
from ipse.matching.zero_test import Coin, Sums, first_set, nothing_set, weighed
from ipse.shares.replicated import Part
from ipse.shares.shamir import stored


def among(place: Place, newcomers: Part, threshold: int) -> Computation[Bits | None]:
    """Compare every newcomer with every other, in secret; one alone is not compared.

    Shapes: the part's components are uint32[newcomers, length]; for a code, one alone.
        uint64[groups, newcomers, words] comes back, newcomers also in the lanes.
    """
    count = len(newcomers.first)
    if count == 1:
        return None
    rows = stored(newcomers, place.seat)
    asking = ask(place, {newcomers.form: newcomers}, threshold)
    everyone = np.ones(count, np.bool_)
    return (yield from matches(place, asking, rows, everyone, Circuit.PREFIX))


def who_is_new(
    place: Place, coin: Coin, enrolled: Sums, among_them: Bits | None
) -> Computation[list[bool]]:
    """Say which newcomers are new, in their order.

    Run by: each seat, in 1 round and one more for each that is turned away.
    Shapes: the sums are of as many probes as there are newcomers.
    """
    count = len(enrolled.own)
    is_new = [True] * count
    start = 0
    while start < count:
        turns = [
            enrolled.of([index]) ^ _matched(coin, among_them, index, is_new[:index])
            for index in range(start, count)
        ]
        first = yield from first_set(place, turns)
        start += int(first[0]) + 1
        if start <= count:
            is_new[start - 1] = False
    return is_new


def _matched(
    coin: Coin, among_them: Bits | None, index: int, before: Sequence[bool]
) -> Sums:
    """The weighed matches of a newcomer with those before it that count."""
    if among_them is None or not any(before):
        return nothing_set(1)
    run = group_length(among_them.own.shape[1])
    lanes = living(np.array(before, np.bool_), run, 16)
    own, following = (
        component[:, [index]] & lanes
        for component in (among_them.own, among_them.following)
    )
    return weighed(coin, Bits(own, following))
