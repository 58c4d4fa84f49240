"""A search: probes against all living rows, as one sum for each probe.

A sum is 0 if nobody matches the probe, and otherwise 0 with probability 2^-64
(`ipse.matching.zero_test`). It stays shared among the three seats, and it is linear:
sums over different rows add up, so that a search may be cut wherever it suits the
machine. What is opened, and when, is decided by whoever asked.

Specification: docs/spec/matching.md, sections 4 to 6.
"""

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
from ipse.matching.zero_test import Sums, toss, weighed
from ipse.shares.shamir import Row


def search_sums(
    place: Place, parts: Parts, rows: Row, alive: Alive, threshold: int
) -> Undertaking[Sums]:
    """Compare every probe with every living row, and add up each probe's match bits.

    Run by: each seat. Blocks of rows are compared on their own, under coins of their
        own, so what is in memory does not grow with the rows.

    Shapes: the parts' components are uint32[probes, length], for a code of one probe;
        rows are [rows, length] by field; alive is bool[rows], and at least one is.
        The sums are of as many probes as the parts, whatever their rotations.
    """
    asking = ask(place, parts, threshold)
    blocks = windows(len(alive), asking)
    circuit = circuit_for(len(alive) * asking.probes)

    def compared(within: Place, window: slice) -> Computation[Sums]:
        found, coin = yield from together(
            matches(within, asking, window_of(rows, window), alive[window], circuit),
            toss(within),
        )
        return weighed(coin, as_one(found) if Form.CODE in parts else found)

    sums = yield from in_blocks(map(compared, own_places(place, len(blocks)), blocks))
    return reduce(Sums.__xor__, sums)


def as_one(bits: Bits) -> Bits:
    """Count all probes' bits as those of one: rotations of a code are one body."""
    groups, probes, run = bits.own.shape
    return Bits(
        bits.own.reshape(groups, 1, probes * run),
        bits.following.reshape(groups, 1, probes * run),
    )
