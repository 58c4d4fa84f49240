"""The Galois ring GR(2^32, 64): numbers mod 2^32 in which random weights are sound.

    Z_2^32[X] / (X^64 + X^4 + X^3 + X + 1)          an element is uint32[64]

The modulus is irreducible mod 2, so an element is a unit exactly if one of its 64
words is odd. Mod 2^32 alone, a random weight times an error of 2^31 vanishes every
second time; here a *binary* element, whose words are 0 or 1, is spelled as the bits
of one uint64, and the difference of two of them is a unit. So there are 2^64 points
at which a polynomial of degree d that is not 0 has at most d roots.

Binary elements are public here, coins that all have seen. No branch and no address
depends on anything else.

    number * element      one multiplication a word         `combined`, `polynomial`
    element * element     64 a word                         `multiplied`, `inner`
    element * binary      the same: the coin is spelled     `scaled`

Most of the work is numbers times elements, so that loop is written in LLVM's language
(`ipse.matching.lanes`), where sums stay in registers.

Source: Abspoel, Cramer, Damgard, Escudero, Yuan, TCC 2019, section 3 (exceptional sets,
roots). The modulus is that of GF(2^64) in `ipse.matching.kernels`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ipse.crypto.secret import Secret
from ipse.matching.kernels import COMPILE, Array
from ipse.matching.lanes import (
    HAS_AVX512,
    LANES,
    Numba,
    Value,
    array_of,
    index,
    load,
    repeat,
    row_pointers,
    spread,
    store,
)

DEGREE: Final = 64
"""Words of an element. Weights are 64 bits, so an error hides with 2^-64."""

KEPT: Final = "a86faa551b46db16"
"""Of `ipse.matching.lanes`, the first digits of its SHA-256, as `TILES` in
`ipse.matching.products`: when it changes, what numba keeps of this file is old."""

_VECTORS: Final = DEGREE // LANES
_TALL: Final = max(1, (24 if HAS_AVX512 else 8) // _VECTORS)
"""Rows whose sums stay in registers at once."""

_CHUNK: Final = 64  # elements that stay in a first cache: 16 KB
_STEP: Final = 16  # words: stores that overlap in part would wait for each other
_WIDE: Final = 2 * DEGREE + _STEP  # an element before it is reduced, and room to spare
_PADDED: Final = DEGREE + 2 * _STEP

Elements: TypeAlias = npt.NDArray[np.uint32]
"""uint32[..., 64]."""

Binaries: TypeAlias = npt.NDArray[np.uint64]
"""uint64[...]: binary elements, bit k for X^k. Public."""

Numbers: TypeAlias = npt.NDArray[np.uint32]
"""Numbers mod 2^32, each a multiple of 1."""


def spelled(binaries: Binaries) -> Elements:
    """Spell binary elements as elements. Shapes: uint64[n] to uint32[n, 64]."""
    as_bytes = binaries.astype("<u8").view(np.uint8).reshape(-1, 8)
    return np.unpackbits(as_bytes, axis=1, bitorder="little").astype(np.uint32)


def powers(point: np.uint64, count: int) -> Elements:
    """Powers of a binary element, from 1 on. Shapes: uint32[count, 64] comes back."""
    out = np.zeros((count, DEGREE), np.uint32)
    out[:1, 0] = 1
    _powers(spelled(np.array([point], np.uint64))[0], out)
    return out


def evaluated(coefficients: Elements, point: np.uint64) -> Elements:
    """Evaluate a polynomial at a binary element. Shapes: uint32[n, 64], n > 0."""
    values = coefficients.copy()
    _evaluated(values, spelled(np.array([point], np.uint64))[0])
    value: Elements = values[0]
    return value


def scaled(elements: Elements, binaries: Binaries) -> Elements:
    """Multiply each element by its binary one. Shapes: uint32[n, 64], uint64[n]."""
    out = np.empty_like(elements)
    _multiplied(spelled(binaries), elements, out)
    return out


def multiplied(elements: Elements, factor: Elements) -> Elements:
    """Multiply each element by one. Shapes: uint32[n, 64] and uint32[64]."""
    table = np.empty((DEGREE, DEGREE), np.uint32)
    _tabled(factor, table)
    return combined(elements, table)


def inner(left: Elements, right: Elements) -> Elements:
    """Add up products of elements. Shapes: uint32[n, 64] twice; uint32[64] back."""
    out = np.empty(DEGREE, np.uint32)
    _inner(left, right, out)
    return out


def combined(numbers: Numbers, elements: Elements) -> Elements:
    """Add up numbers times elements, for each row of numbers.

    Shapes: numbers uint32[rows, n], elements uint32[n, 64]; uint32[rows, 64] back.
    """
    out = np.zeros((len(numbers), DEGREE), np.uint32)
    _combined(numbers, elements, out)
    return out


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Columns(Secret):
    """Pairs of polynomials over the integers, one pair a column, to be multiplied.

    Shapes: left and right uint32[rows, columns], betas uint64[columns].
    """

    left: Numbers  # the coefficient of X^l in row l
    right: Numbers
    run: int  # rows of the left that share an alpha
    betas: Binaries


def polynomial(pairs: Sequence[Columns], alphas: Binaries, rows: int) -> Elements:
    """Coefficients of a weighted sum of products of polynomials.

    With left_m = sum of alpha_q(l) left_lm X^l, q(l) = floor(l / run), and
    right_m = sum of right_lm X^l, it is the sum over all columns m of all pairs of
    beta_m left_m right_m. Rows below the last whole run must be zero.

    Shapes: alphas uint64[rows]; uint32[2 * rows - 1, 64] comes back.
    """
    width = 2 * rows - 1
    places = max((rows // each.run for each in pairs), default=0)
    # before the alphas: for each place, coefficients from `first` to `last`
    sums = np.zeros((places, width, DEGREE), np.uint32)
    first, last = np.full(places, width), np.zeros(places, np.intp)
    for each in pairs:
        starts = np.arange(0, rows - each.run + 1, each.run)
        own = slice(len(starts))
        first[own] = np.minimum(first[own], starts)
        last[own] = np.maximum(last[own], starts + (each.run + rows - 1))
        _products(each.left, each.right, each.run, spelled(each.betas), sums)
    out = np.zeros((width, DEGREE), np.uint32)
    _weighed(sums, spelled(alphas), first, last, out)
    return out


def _tile(tall: int) -> Numba:
    """Make the loop that adds some rows of numbers, times elements, to their sums.

    Returns: `tile(numbers, row, elements, start, count, out)`, for `tall` rows from
        `row` on, elements and their numbers from `start` on.
    """

    def compile_(
        context: Numba,
        builder: ir.IRBuilder,
        signature: Numba,
        arguments: Sequence[Value],
    ) -> Value:
        numbers, row, elements, start, count, out = arguments
        kinds = signature.args
        begun_at = builder.mul(start, index(DEGREE))
        given = builder.gep(
            array_of(context, builder, kinds[2], elements).data, [begun_at]
        )
        read = [
            builder.gep(pointer, [start])
            for pointer in row_pointers(context, builder, kinds[0], numbers, row, tall)
        ]
        kept = row_pointers(context, builder, kinds[5], out, row, tall)
        places = [
            builder.gep(pointer, [index(vector * LANES)])
            for pointer in kept
            for vector in range(_VECTORS)
        ]

        def step(t: Value, totals: list[Value]) -> list[Value]:
            at = builder.mul(t, index(DEGREE))
            element = [
                load(builder, builder.gep(given, [builder.add(at, index(v * LANES))]))
                for v in range(_VECTORS)
            ]
            of_rows = [spread(builder, builder.gep(pointer, [t])) for pointer in read]
            met = [(number, words) for number in of_rows for words in element]
            return [
                builder.add(total, builder.mul(number, words))
                for total, (number, words) in zip(totals, met, strict=True)
            ]

        begun = [load(builder, place) for place in places]
        ended = repeat(builder, count, begun, step)
        for total, place in zip(ended, places, strict=True):
            store(builder, total, place)
        return context.get_dummy_value()

    @intrinsic
    def tile_(
        _context: Numba,
        numbers: Numba,
        row: Numba,
        elements: Numba,
        start: Numba,
        count: Numba,
        out: Numba,
    ) -> Numba:
        del row, start, count
        i = types.intp
        return types.void(numbers, i, elements, i, i, out), compile_

    return tile_


_tall_tile, _flat_tile = _tile(_TALL), _tile(1)


@numba.njit(**COMPILE)
def _combined(numbers: Array, elements: Array, out: Array) -> None:
    rows, count = numbers.shape
    even = rows - rows % _TALL
    for start in range(0, count, _CHUNK):
        some = min(_CHUNK, count - start)
        for row in range(0, even, _TALL):
            _tall_tile(numbers, row, elements, start, some, out)
        for row in range(even, rows):
            _flat_tile(numbers, row, elements, start, some, out)


@numba.njit(**COMPILE)
def _add_product(left: Array, right: Array, padded: Array, wide: Array) -> None:
    """Add a product before it is reduced. Shapes: padded, wide as their constants say.

    The padding is zero, so each of the left words can meet all words of a window.
    """
    for k in range(DEGREE):
        padded[_STEP + k] = right[k]
    for block in range(0, DEGREE, _STEP):
        window = wide[block : block + DEGREE + _STEP]
        for i in range(0, _STEP, 8):
            word = left[block + i : block + i + 8]
            met = padded[_STEP - i - 7 : _STEP - i + DEGREE + _STEP]
            a, b, c, d = word[0], word[1], word[2], word[3]
            e, f, g, h = word[4], word[5], word[6], word[7]
            for k in range(DEGREE + _STEP):
                low = a * met[k + 7] + b * met[k + 6] + c * met[k + 5] + d * met[k + 4]
                high = e * met[k + 3] + f * met[k + 2] + g * met[k + 1] + h * met[k]
                window[k] += low + high


@numba.njit(**COMPILE)
def _reduced(wide: Array, out: Array) -> None:
    """Reduce words of X^0 to X^126 to an element: X^64 = -(1 + X + X^3 + X^4)."""
    # what lies over X^64 is at most X^126, so it reaches X^66 once and no more
    wide[64] -= wide[124] + wide[125]
    wide[65] -= wide[125] + wide[126]
    wide[66] -= wide[126]
    high = wide[DEGREE : 2 * DEGREE]
    for k in range(4):
        out[k] = wide[k] - high[k]
    for k in range(4, DEGREE):
        out[k] = wide[k] - high[k] - high[k - 1] - high[k - 3] - high[k - 4]
    out[1] -= high[0]
    out[2] -= high[1]
    out[3] -= high[2] + high[0]


@numba.njit(**COMPILE)
def _tabled(element: Array, table: Array) -> None:
    """Write down X^t times an element, for all t: who adds them up multiplies by it."""
    table[0] = element
    for t in range(1, DEGREE):
        row, before = table[t], table[t - 1]
        top = before[DEGREE - 1]
        for k in range(1, DEGREE):
            row[k] = before[k - 1]
        row[0] = -top
        row[1] -= top
        row[3] -= top
        row[4] -= top


@numba.njit(**COMPILE)
def _powers(point: Array, out: Array) -> None:
    table = np.empty((DEGREE, DEGREE), np.uint32)
    _tabled(point, table)
    for power in range(1, len(out)):
        _combined(out[power - 1 : power], table, out[power : power + 1])


@numba.njit(**COMPILE)
def _evaluated(values: Array, point: Array) -> None:
    """Horner's rule, in place: the value comes to stand in the first coefficient."""
    table = np.empty((DEGREE, DEGREE), np.uint32)
    _tabled(point, table)
    for power in range(len(values) - 1, 0, -1):
        _combined(values[power : power + 1], table, values[power - 1 : power])


@numba.njit(**COMPILE)
def _multiplied(left: Array, right: Array, out: Array) -> None:
    padded, wide = np.zeros(_PADDED, np.uint32), np.empty(_WIDE, np.uint32)
    for t in range(len(left)):
        wide[:] = 0
        _add_product(left[t], right[t], padded, wide)
        _reduced(wide, out[t])


@numba.njit(**COMPILE)
def _inner(left: Array, right: Array, out: Array) -> None:
    padded, wide = np.zeros(_PADDED, np.uint32), np.zeros(_WIDE, np.uint32)
    for t in range(len(left)):
        _add_product(left[t], right[t], padded, wide)
    _reduced(wide, out)


@numba.njit(**COMPILE)
def _products(left: Array, right: Array, run: int, betas: Array, sums: Array) -> None:
    """Add what the columns give to the sums of their places, before the alphas."""
    rows, columns = left.shape
    width = rows + run - 1
    numbers = np.empty((width, _CHUNK), np.uint32)
    for place in range(rows // run):
        first = place * run
        for start in range(0, columns, _CHUNK):
            count = min(_CHUNK, columns - start)
            numbers[:] = 0
            for i in range(run):
                for j in range(rows):
                    x, y, number = left[first + i], right[j], numbers[i + j]
                    for t in range(count):
                        number[t] += x[start + t] * y[start + t]
            _combined(
                numbers[:, :count],
                betas[start : start + count],
                sums[place, first : first + width],
            )


@numba.njit(**COMPILE)
def _weighed(sums: Array, alphas: Array, first: Array, last: Array, out: Array) -> None:
    """Add up the places' sums, each times its alpha."""
    table = np.empty((DEGREE, DEGREE), np.uint32)
    for place in range(len(sums)):
        _tabled(alphas[place], table)
        span = slice(first[place], last[place])
        _combined(sums[place, span], table, out[span])
