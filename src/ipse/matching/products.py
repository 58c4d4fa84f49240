"""Inner products of probes with rows: each row is read once for all probes.

Probes are laid out as a panel once, before the rows come::

    panel  =  a stripe for each run of up to MOST_BLOCKS blocks of LANES probes
    stripe =  word 0 of its probes, word 1 of its probes, ...

A stripe's window of words stays in a core's caches while some rows pass over it in
tiles (`ipse.matching.tiles`); sums of those rows are kept beside it, and at the end
turned from [row, probe] to [probe, row].

A single probe needs no panel: reading a row costs more than multiplying it.

    embeddings   sums mod 2^16 of 16-bit entries
    codes        2^CODE_SHIFT * (code . code) - CODE_WEIGHT * (mask . mask), mod 2^20

A mask's entry is shared mod 2^20 and kept as a = low + 2^16 top, with low in
[-2^15, 2^15) and top in [0, 16) (`ipse.shares.shamir`). Then

    a . b = low . low + 2^16 (low . top + top . low)      mod 2^20

where the bracket counts mod 16, so that four of its products fit one word of bytes.

No branch and no address depends on what is read.
"""

from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.crypto.secret import Secret
from ipse.ground.params import CODE_SHIFT, CODE_WEIGHT
from ipse.matching import tiles
from ipse.matching.kernels import COMPILE, Array
from ipse.matching.lanes import HAS_BYTE_PRODUCTS, LANES, MOST_BLOCKS
from ipse.matching.lanes import Words as Kind
from ipse.shares.shamir import TOP_BITS

Int32s = npt.NDArray[np.int32]

ROWS: Final = 96
"""Rows that pass over a window of the panel before the next window does: a multiple of
every tile's rows and of LANES. Their sums are 24 KB for 64 probes."""

WINDOW: Final = 1_024
"""Words of a panel that are used at once: 128 KB for 32 probes, which stay in a second
cache of 256 KB or more while ROWS rows pass."""

TILES: Final = "885218f2138be16a"
"""Of `ipse.matching.lanes` and `tiles`, the first digits of their SHA-256. Numba keeps
what it compiled by the date of the file that asked for it: when they change, so must
this file."""

NIBBLE: Final = (1 << TOP_BITS) - 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Panel(Secret):
    """Probes of one field, laid out for tiles."""

    count: int  # probes
    vectors: Words  # [count, length], as they came
    words: Int32s  # flat, stripe after stripe


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CodePanels(Secret):
    """A code's probe in all its rotations."""

    code: Panel
    low: Panel
    crossed: Panel  # low nibbles beside the tops of rows, tops beside their low nibbles


def panel(vectors: Words) -> Panel:
    """Lay out the probes of an embedding, or one field of a code.

    Shapes: uint16[probes, even length], or uint8[probes, length of whole words].
    """
    count = len(vectors)
    blocks = -(-count // LANES)
    packed = np.ascontiguousarray(vectors).view(np.int32)
    padded = np.zeros((blocks * LANES, packed.shape[1]), np.int32)
    padded[:count] = packed
    stripes = [
        padded[first * LANES : (first + MOST_BLOCKS) * LANES].T.reshape(-1)
        for first in range(0, blocks, MOST_BLOCKS)
    ]
    return Panel(count, vectors, np.concatenate(stripes))


def code_panels(code: Words, low: Words, top: Words) -> CodePanels:
    """Lay out all rotations of a code. Shapes: uint16, uint16, uint8[turns, length]."""
    # a probe's low nibbles meet the tops of rows, its tops the low nibbles of rows
    nibbles = (low & NIBBLE).astype(np.uint8)
    crossed = np.concatenate([nibbles, _beside_nibbles(top)], axis=1)
    return CodePanels(panel(code), panel(low), panel(crossed))


def _beside_nibbles(entries: Words) -> Words:
    """Order a probe's entries as `_low_nibbles` orders those of a row.

    Bytes 2 i and 2 i + 1 of a word come from one place in each half of the row.
    """
    pairs = entries.reshape(len(entries), 2, -1, 2)
    return pairs.transpose(0, 2, 3, 1).reshape(len(entries), -1)


def inner_products(asked: Panel, rows: Words, out: Words) -> None:
    """Multiply every probe with every row, mod 2^16.

    Shapes: rows uint16[rows, length]; out uint16[probes, at least rows], of which the
    first `rows` columns are written.
    """
    if asked.count == 1:
        vector = np.ascontiguousarray(asked.vectors[0])
        words = vector.view(np.int32)
        _one_probe(words, _words(rows), vector, _read_only(rows), out[0])
    else:
        _many_probes(asked.words, asked.count, _words(rows), out)


def code_scores(asked: CodePanels, rows: dict[str, Words], out: Words) -> None:
    """Agreements and valid bits of every rotation with every row, weighed, mod 2^20.

    Shapes: rows by field, [rows, CODE_LENGTH]; out uint32[rotations, at least rows];
    bits above the twentieth are noise.
    """
    _codes(
        asked.code.words,
        asked.low.words,
        asked.crossed.words,
        asked.code.count,
        _words(rows["code"]),
        _words(rows["mask"]),
        _words(rows["mask_top"]),
        out,
    )


def _words(rows: Words) -> Int32s:
    return _read_only(rows.view(np.int32))


def _read_only(rows: Words) -> Words:
    """Make rows look as a mapped file's do: kernels are compiled for that, once."""
    view = rows.view()
    view.flags.writeable = False
    return view


# --- compiled ------------------------------------------------------------------------

_pairs = tiles.sweep(Kind.PAIRS)
_quads = tiles.sweep(Kind.QUADS if HAS_BYTE_PRODUCTS else Kind.QUADS_APART)
_column = tiles.column()
_turned_16 = tiles.turned(16)
_turned_32 = tiles.turned(32)


@numba.njit(**COMPILE)
def _blocks_of(probes: int, first: int) -> int:
    """Blocks of the stripe that begins with probe `first`."""
    left = -(-(probes - first) // LANES)
    return min(MOST_BLOCKS, left)


@numba.njit(**COMPILE)
def _many_probes(words: Array, probes: int, rows: Array, out: Array) -> None:
    count, length = rows.shape
    sums = np.empty((ROWS, MOST_BLOCKS * LANES), np.int32)
    lines = np.empty((LANES, ROWS), np.uint16)
    for begin in range(0, count, ROWS):
        some = min(ROWS, count - begin)
        start = 0
        for first in range(0, probes, MOST_BLOCKS * LANES):
            blocks = _blocks_of(probes, first)
            sums[:] = 0
            for word in range(0, length, WINDOW):
                span = min(WINDOW, length - word)
                at = start + word * blocks * LANES
                _pairs(words, at, blocks, rows, begin, some, word, span, sums)
            start += length * blocks * LANES
            for block in range(blocks):
                for place in range(0, some, LANES):
                    _turned_16(sums, place, block * LANES, lines, place)
                probe = first + block * LANES
                for lane in range(min(LANES, probes - probe)):
                    out[probe + lane, begin : begin + some] = lines[lane, :some]


@numba.njit(**COMPILE)
def _codes(
    code_words: Array,
    low_words: Array,
    crossed_words: Array,
    probes: int,
    code: Array,
    low: Array,
    top: Array,
    out: Array,
) -> None:
    count, length = code.shape
    quads = top.shape[1]  # words of bytes: half as many
    shape = (ROWS, MOST_BLOCKS * LANES)
    agreed, valid, crossed = (
        np.empty(shape, np.int32),
        np.empty(shape, np.int32),
        np.empty(shape, np.int32),
    )
    lines = np.empty((LANES, ROWS), np.uint32)
    nibbles = np.empty((ROWS, WINDOW), np.int32)
    for begin in range(0, count, ROWS):
        some = min(ROWS, count - begin)
        start = start_of_bytes = 0
        for first in range(0, probes, MOST_BLOCKS * LANES):
            blocks = _blocks_of(probes, first)
            agreed[:], valid[:], crossed[:] = 0, 0, 0
            for word in range(0, length, WINDOW):
                span = min(WINDOW, length - word)
                at = start + word * blocks * LANES
                _pairs(code_words, at, blocks, code, begin, some, word, span, agreed)
                _pairs(low_words, at, blocks, low, begin, some, word, span, valid)
            tops = start_of_bytes + quads * blocks * LANES
            for word in range(0, quads, WINDOW):
                span = min(WINDOW, quads - word)
                _low_nibbles(low, begin, some, word, span, nibbles)
                at = start_of_bytes + word * blocks * LANES
                _quads(crossed_words, at, blocks, top, begin, some, word, span, crossed)
                at = tops + word * blocks * LANES
                _quads(crossed_words, at, blocks, nibbles, 0, some, 0, span, crossed)
            start += length * blocks * LANES
            start_of_bytes += 2 * quads * blocks * LANES
            _weigh(agreed, valid, crossed, some)
            for block in range(blocks):
                for place in range(0, some, LANES):
                    _turned_32(agreed, place, block * LANES, lines, place)
                probe = first + block * LANES
                for lane in range(min(LANES, probes - probe)):
                    out[probe + lane, begin : begin + some] = lines[lane, :some]


@numba.njit(**COMPILE)
def _weigh(agreed: Array, valid: Array, crossed: Array, rows: int) -> None:
    """Join the three sums of each rotation and row to a score, in place."""
    for row in range(rows):
        for probe in range(agreed.shape[1]):
            valid_bits = valid[row, probe] + (crossed[row, probe] << np.int32(16))
            agreed[row, probe] = (
                agreed[row, probe] << np.int32(CODE_SHIFT)
            ) - np.int32(CODE_WEIGHT) * valid_bits


@numba.njit(**COMPILE)
def _low_nibbles(
    low: Array, begin: int, rows: int, word: int, span: int, out: Array
) -> None:
    """Cut some entries to their low four bits, four entries a word, from `word` on.

    A word of bytes takes a pair from each half of the row: see `_beside_nibbles`.
    """
    mask = np.int32(0x000F000F)
    half = low.shape[1] // 2
    for row in range(rows):
        one = low[begin + row, word : word + span]
        other = low[begin + row, half + word : half + word + span]
        cut = out[row, :span]
        for t in range(span):
            cut[t] = (one[t] & mask) | ((other[t] & mask) << np.int32(8))


@numba.njit(**COMPILE)
def _one_probe(
    words: Array, rows: Array, vector: Array, entries: Array, out: Array
) -> None:
    """One probe, LANES rows at a time; `entries` are the rows, by entry."""
    count, length = rows.shape
    vectors = length // LANES
    even = count - count % LANES if vectors else 0
    sums = np.empty(LANES, np.int32)
    for row in range(0, even, LANES):
        _column(words, rows, row, vectors, sums)
        for lane in range(LANES):
            out[row + lane] = np.uint16(sums[lane])
    done = 2 * LANES * vectors
    if done < vector.size:
        for row in range(even):
            out[row] += _scalar(vector[done:], entries[row, done:])
    for row in range(even, count):
        out[row] = _scalar(vector, entries[row])


@numba.njit(**COMPILE)
def _scalar(left: Array, right: Array) -> np.uint16:
    total = np.uint16(0)
    for t in range(left.size):
        total = np.uint16(total + np.uint16(left[t] * right[t]))
    return total
