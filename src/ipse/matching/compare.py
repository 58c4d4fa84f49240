"""Scores of probes against rows, as secret match bits.

Each seat multiplies what was asked with what it stores, and holds an additive share
of every score. The threshold is subtracted by one seat; the sign says the rest::

    embeddings   sum of the forms' inner products - threshold >= 0          16 bits
    codes        2^CODE_SHIFT * dot - CODE_WEIGHT * valid - 1 >= 0          20 bits

The second needs no lift: a share of dot mod 2^16 times 2^4 is a share mod 2^20, and
masks are shared in a wider ring to begin with. The plain oracle of the same
decision is `ipse.template.distance`.

Specification: docs/spec/matching.md, section 4.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.crypto.secret import Secret
from ipse.ground.names import Form
from ipse.ground.params import CODE_BITS, CODE_LENGTH, CODE_SHAPE, ROTATIONS
from ipse.matching import kernels
from ipse.matching.products import (
    CodePanels,
    Panel,
    code_panels,
    code_scores,
    inner_products,
    panel,
)
from ipse.matching.rounds import Computation
from ipse.matching.seat import SEATS, Place
from ipse.matching.signs import WORD, Bits, Circuit, negative, split
from ipse.shares.replicated import Part
from ipse.shares.shamir import FIELDS, Row, asked

COMPARISONS_IN_BLOCK: Final = 1 << 20
"""Comparisons that share their rounds, at most: their planes and scores are a few
megabytes, and one round's message is 128 KB, which a link sends at its full speed."""

CODES_IN_BLOCK: Final = 1 << 16
"""The same for rotations of a code, each of which costs as much as many embeddings."""

BLOCKS: Final = 8
"""Blocks that a search is cut into where they come out large enough: while one waits,
others compute."""

SMALLEST: Final = 4
"""A block is no smaller than this part of the largest, if there are as many rows."""

EMBEDDING_BITS: Final = 16
Parts = Mapping[Form, Part]
Alive = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Asked(Secret):
    """Probes as one seat multiplies them with rows: made once for all rows."""

    panels: Mapping[str, Panel]  # of embeddings, by field; empty for a code
    code: CodePanels | None
    probes: int  # or rotations of a code's one probe
    threshold: int  # subtracted by one seat alone

    @property
    def bits(self) -> int:
        """Bits of a score."""
        return CODE_BITS if self.code else EMBEDDING_BITS

    @property
    def lane_bits(self) -> int:
        """Bits of the words that scores stand in."""
        return 32 if self.code else 16


def ask(place: Place, parts: Parts, threshold: int, turns: int = ROTATIONS) -> Asked:
    """Lay out probes for rows to pass.

    Run by: each seat.
    Shapes: the parts' components are uint32[probes, length], of a code one probe.
    """
    if Form.CODE in parts:
        fields = asked(parts[Form.CODE], place.seat)
        turned = [rotations(fields[each.name], turns) for each in FIELDS[Form.CODE]]
        return Asked({}, code_panels(*turned), turns, 1)
    panels = {
        name: panel(each)
        for part in parts.values()
        for name, each in asked(part, place.seat).items()
    }
    (probes,) = {each.count for each in panels.values()}
    return Asked(panels, None, probes, threshold)


def matches(
    place: Place,
    asking: Asked,
    rows: Row,
    alive: Alive,
    circuit: Circuit,
) -> Computation[Bits]:
    """Secret match bits of every probe against every living row.

    Run by: each seat, in 1 + bits rounds with RIPPLE, or 3 + log2 bits with PREFIX.

    Shapes: rows are [rows, length] by field; alive is bool[rows], public.
        uint64[groups, probes, words] comes back: for a code its rotations stand in the
        place of probes.
    """
    shares = _scores(place, asking, rows, len(alive))
    addends = yield from split(place, shares, asking.bits)
    below = yield from negative(place, addends, asking.bits, circuit)
    lanes = living(alive, shares.shape[-1], asking.lane_bits)
    return below.inverted(place, lanes)


def living(alive: Alive, run: int, lane_bits: int) -> npt.NDArray[np.uint64]:
    """Public lanes of the living rows: uint64[groups, 1, run / 64]."""
    places = np.zeros(SEATS * run, np.bool_)
    places[: len(alive)] = alive
    return kernels.pack(places.reshape(SEATS, 1, run), lane_bits)


def group_length(rows: int) -> int:
    """Rows in each of the three groups, a multiple of a word."""
    return -(-rows // (SEATS * WORD)) * WORD


def windows(rows: int, asking: Asked) -> list[slice]:
    """Cut rows into blocks that are compared on their own, some at once.

    A pure function of public numbers: all seats cut alike. Each block but the last
    fills its words.
    """
    fitting = CODES_IN_BLOCK if asking.code else COMPARISONS_IN_BLOCK
    comparisons = rows * asking.probes
    even = -(-comparisons // BLOCKS)
    least = fitting // SMALLEST
    size = min(max(even, least), fitting) // asking.probes
    step = max(1, size // (SEATS * WORD)) * SEATS * WORD
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def own_places(place: Place, count: int) -> Iterator[Place]:
    """Give each of some blocks a place of its own; a single one keeps the job's."""
    if count == 1:
        yield place
        return
    for _ in range(count):
        yield place.forked()


def window_of(rows: Row, window: slice) -> dict[str, Words]:
    """Return some of the rows of every field."""
    return {name: field[window] for name, field in rows.items()}


def rotations(field: Words, count: int) -> Words:
    """Every rotation of one shared code: [count, CODE_LENGTH] from [1, CODE_LENGTH].

    A roll along columns moves whole pairs, so it commutes with the sharing.
    """
    grid = field.reshape(CODE_SHAPE)
    first = -(count // 2)
    return np.stack(
        [np.roll(grid, turn, axis=1) for turn in range(first, first + count)]
    ).reshape(count, CODE_LENGTH)


def _scores(place: Place, asking: Asked, rows: Row, count: int) -> Words:
    """This seat's additive shares of score less threshold: [groups, probes, run]."""
    run = group_length(count)
    scores = np.empty(
        (SEATS, asking.probes, run), np.uint32 if asking.code else np.uint16
    )
    if asking.probes == 1:
        # one probe's scores lie in the order of the rows, group after group
        scores.reshape(1, -1)[:, count:] = 0
        _score(asking, window_of(rows, slice(count)), scores.reshape(1, -1))
    else:
        for group in range(SEATS):
            window = slice(group * run, min((group + 1) * run, count))
            found = scores[group]
            written = max(0, window.stop - window.start)
            found[:, written:] = 0
            if written:
                _score(asking, window_of(rows, window), found)
    if place.seat == 0:
        scores -= scores.dtype.type(asking.threshold % (1 << asking.lane_bits))
    return scores


def _score(asking: Asked, rows: dict[str, Words], out: Words) -> None:
    if asking.code:
        code_scores(asking.code, rows, out)
        return
    first, *others = asking.panels.items()
    inner_products(first[1], rows[first[0]], out)
    for name, each in others:
        more = np.zeros_like(out)
        inner_products(each, rows[name], more)
        out += more
