"""Find: which rows a probe matches, once a search said that it matches some.

From the sums that the search kept down to single rows, each step only inside of what
the last one opened::

    stretches   is the sum of this stretch 0?           one test a stretch and probe
    words       compare a stretch that matched again;
                is any of these 64 rows a match?        one test a word
    rows        is this row a match?                    one test a row of such a word

A test (`ipse.matching.zero_test`) opens whether something is 0, and every answer here
follows from which rows match: whoever is told the rows could have written down all
that was opened. Of rows that don't match nothing else is learned, and of those that do
nothing but that; a code's rotations are one row's, and stay so.

So it costs one stretch more, and a sixteenth of its bytes on top: once more a search
that is one block, an eighth or less of one that is cut (`windows` in
`ipse.matching.compare`).

Specification: docs/spec/matching.md, section 7.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.matching import kernels
from ipse.matching.compare import (
    Alive,
    Asked,
    ask,
    matches,
    own_places,
    window_of,
    windows,
)
from ipse.matching.rounds import Computation, Undertaking, in_blocks, together
from ipse.matching.search import Stretch
from ipse.matching.seat import SEATS, Place
from ipse.matching.signs import WORD, Bits, circuit_for
from ipse.matching.zero_test import Sums, all_zero, toss, weighed
from ipse.shares.replicated import Part
from ipse.shares.shamir import Row

Found = list[npt.NDArray[np.intp]]
"""The rows that match, for each probe."""

_LANES: Final = np.uint64(1) << np.arange(WORD, dtype=np.uint64)


def find(
    place: Place,
    part: Part,
    rows: Row,
    alive: Alive,
    threshold: int,
    stretches: Sequence[Stretch],
) -> Undertaking[Found]:
    """Open which living rows each probe matches.

    Run by: each seat, in the job of the search; the stretches are its result, and the
        rows have not changed since.

    Shapes: the part's components are uint32[probes, length], of a code one probe; rows
        are [rows, length] by field, alive is bool[rows].
    Returns: the rows of each probe, from the lowest to the highest; none is missed but
        with probability 2^-63 each.
    """
    count = len(part.first)
    found: list[list[npt.NDArray[np.intp]]] = [[] for _ in range(count)]
    matched = yield from _which_stretches(place, stretches, count)
    blocks = [
        block
        for rows_, probes in matched
        for block in _blocks(place, part, rows_, probes, threshold)
    ]
    opened = yield from in_blocks(
        _opened(own, block.asking, window_of(rows, block.window), alive[block.window])
        for own, block in zip(own_places(place, len(blocks)), blocks, strict=True)
    )
    for block, bits in zip(blocks, opened, strict=True):
        for probe, of_probe in zip(block.probes, bits, strict=True):
            found[probe].append(np.flatnonzero(of_probe) + block.window.start)
    return [np.concatenate([*each, np.zeros(0, np.intp)]) for each in found]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Block:
    """Some rows of a stretch that matched, and the probes that matched there."""

    window: slice
    probes: Sequence[int]
    asking: Asked


def _which_stretches(
    place: Place, stretches: Sequence[Stretch], count: int
) -> Computation[list[tuple[range, Sequence[int]]]]:
    """Open where each probe matches, in one round: the stretches, and who does."""
    if not stretches:
        return []
    sums = [each.sums for each in stretches]
    is_set = yield from _are_set(
        place,
        Sums(
            np.concatenate([each.own for each in sums]),
            np.concatenate([each.following for each in sums]),
        ),
    )
    return [
        (stretch.rows, np.flatnonzero(probes).tolist())
        for stretch, probes in zip(
            stretches, is_set.reshape(len(stretches), count), strict=True
        )
        if probes.any()
    ]


def _blocks(
    place: Place, part: Part, rows: range, probes: Sequence[int], threshold: int
) -> Iterator[_Block]:
    """Cut a stretch into blocks, with the probes that matched in it laid out."""
    asking = ask(place, {part.form: part.of(probes)}, threshold)
    for window in windows(len(rows), asking):
        moved = slice(rows.start + window.start, rows.start + window.stop)
        yield _Block(moved, probes, asking)


def _opened(
    place: Place, asking: Asked, rows: Row, alive: Alive
) -> Computation[npt.NDArray[np.bool_]]:
    """Open which rows of a block match: bool[probes, rows]."""
    probes = 1 if asking.code else asking.probes
    circuit = circuit_for(len(alive) * asking.probes)
    bits, coin = yield from together(
        matches(place, asking, rows, alive, circuit), toss(place)
    )
    words = _by_word(bits, is_code=asking.code is not None)
    is_set = yield from _are_set(place, weighed(coin, words))
    opened = np.zeros(len(is_set), np.uint64)
    if is_set.any():
        row_is_set = yield from _are_set(place, weighed(coin, _by_row(words, is_set)))
        opened[is_set] = np.packbits(row_is_set, bitorder="little").view("<u8")
    lanes = kernels.unpack(opened.reshape(SEATS, probes, -1), asking.lane_bits)
    return lanes.swapaxes(0, 1).reshape(probes, -1)[:, : len(alive)]


def _by_word(bits: Bits, *, is_code: bool) -> Bits:
    """Ask of each word for itself; of a code, for all its rotations together.

    Shapes: uint64[groups, probes, words] to uint64[1, groups * probes * words, 1], or
        of a code to uint64[1, groups * words, rotations].
    """
    turns = bits.own.shape[1] if is_code else 1
    own, following = (
        each.swapaxes(1, 2).reshape(1, -1, turns)
        if is_code
        else each.reshape(1, -1, turns)
        for each in (bits.own, bits.following)
    )
    return Bits(own, following)


def _by_row(words: Bits, chosen: npt.NDArray[np.bool_]) -> Bits:
    """Ask of each row of some words: uint64[1, 64 * words chosen, rotations or 1]."""
    own, following = (
        (each[0, chosen][:, np.newaxis] & _LANES[:, np.newaxis]).reshape(
            1, -1, each.shape[2]
        )
        for each in (words.own, words.following)
    )
    return Bits(own, following)


def _are_set(place: Place, sums: Sums) -> Computation[npt.NDArray[np.bool_]]:
    """Open of each sum whether it is not 0, in one round."""
    return ~(yield from all_zero(place, [sums]))
