"""A search: probes against all living rows, as one sum for each probe.

A sum is 0 if nobody matches the probe, and otherwise 0 with probability 2^-64
(`ipse.matching.zero_test`). It stays shared among the three seats, and it is linear:
sums over different rows add up, so that a search may be cut wherever it suits the
machine. What is opened, and when, is decided by whoever asked.

The sum of each stretch of rows is kept, so that whoever is found can be looked for in
one stretch and not in all (`ipse.matching.find`).

Specification: docs/spec/matching.md, sections 4 to 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from ipse.ground.names import Form
from ipse.matching.compare import (
    Alive,
    Parts,
    ask,
    matches,
    own_places,
    window_of,
    windows,
)
from ipse.matching.rounds import Computation, Undertaking, in_blocks, together
from ipse.matching.seat import Place
from ipse.matching.signs import Bits, circuit_for
from ipse.matching.zero_test import Sums, nothing_set, toss, weighed
from ipse.shares.shamir import Row


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stretch:
    """Some rows that were searched, and the sums of them alone."""

    rows: range
    sums: Sums


def sum_of(stretches: Sequence[Stretch], probes: int) -> Sums:
    """Add up the sums of all stretches, of so many probes."""
    return reduce(Sums.__xor__, (each.sums for each in stretches), nothing_set(probes))


def stretches_of(stretches: Sequence[Stretch], probes: Sequence[int]) -> list[Stretch]:
    """Keep the sums of some probes alone."""
    return [Stretch(each.rows, each.sums.of(probes)) for each in stretches]


def search_sums(
    place: Place, parts: Parts, rows: Row, alive: Alive, threshold: int
) -> Undertaking[Sums]:
    """Search, and add up what was found in all rows: see `search_stretches`."""
    stretches = yield from search_stretches(place, parts, rows, alive, threshold)
    return sum_of(stretches, len(stretches[0].sums.own))


def search_stretches(
    place: Place, parts: Parts, rows: Row, alive: Alive, threshold: int
) -> Undertaking[list[Stretch]]:
    """Compare every probe with every living row, and add up each probe's match bits.

    Run by: each seat. Blocks of rows are compared on their own, under coins of their
        own, so what is in memory hardly grows with the rows: 16 bytes for each block
        and probe.

    Shapes: the parts' components are uint32[probes, length], for a code of one probe;
        rows are [rows, length] by field; alive is bool[rows], and at least one is.
        The sums are of as many probes as the parts, whatever their rotations.
    """
    asking = ask(place, parts, threshold)
    blocks = windows(len(alive), asking)
    circuit = circuit_for(len(alive) * asking.probes)

    def compared(within: Place, window: slice) -> Computation[Stretch]:
        found, coin = yield from together(
            matches(within, asking, window_of(rows, window), alive[window], circuit),
            toss(within),
        )
        sums = weighed(coin, as_one(found) if Form.CODE in parts else found)
        return Stretch(range(window.start, window.stop), sums)

    own = own_places(place, len(blocks))
    return (yield from in_blocks(map(compared, own, blocks)))


def as_one(bits: Bits) -> Bits:
    """Count all probes' bits as those of one: rotations of a code are one body."""
    groups, probes, run = bits.own.shape
    return Bits(
        bits.own.reshape(groups, 1, probes * run),
        bits.following.reshape(groups, 1, probes * run),
    )
