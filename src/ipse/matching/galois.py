"""The Galois ring GR(2^32, 64): numbers mod 2^32 in which random weights are sound.

    Z_2^32[X] / (X^64 + X^4 + X^3 + X + 1)          an element is uint32[64]

The modulus is irreducible mod 2, so an element is a unit exactly if one of its 64
words is odd. Mod 2^32 alone, a random weight times an error of 2^31 vanishes every
second time; here a *binary* element, whose words are 0 or 1, is spelled as the bits
of one uint64, and the difference of two of them is a unit. So there are 2^64 points
at which a polynomial of degree d that is not 0 has at most d roots.

Binary elements are public here, coins that all have seen: loops skip their zeros.
No branch and no address depends on anything else.

    scaled      element * binary element     shifts and sums
    combined    number * element             one multiplication a word
    multiplied  element * element            64 a word; rare

Source: Abspoel, Cramer, Damgard, Escudero, Yuan, TCC 2019, section 3 (exceptional sets,
roots). The modulus is that of GF(2^64) in `ipse.matching.kernels`.
"""

from typing import Final, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from ipse.matching.kernels import COMPILE, Array

DEGREE: Final = 64
"""Words of an element. Weights are 64 bits, so an error hides with 2^-64."""

_CHUNK: Final = 64  # elements that stay in a first cache: 16 KB
_WIDE: Final = 2 * DEGREE  # an element before it is reduced, and a word to spare

Elements: TypeAlias = npt.NDArray[np.uint32]
"""uint32[..., 64]."""

Binaries: TypeAlias = npt.NDArray[np.uint64]
"""uint64[...]: binary elements, bit k for X^k. Public."""

Numbers: TypeAlias = npt.NDArray[np.uint32]
"""Numbers mod 2^32, each a multiple of 1."""


def spelled(binaries: Binaries) -> Elements:
    """Spell binary elements as elements. Shapes: uint64[n] to uint32[n, 64]."""
    shifts = np.arange(DEGREE, dtype=np.uint64)
    bits: Elements = (binaries[:, np.newaxis] >> shifts & np.uint64(1)).astype(
        np.uint32
    )
    return bits


def powers(point: np.uint64, count: int) -> Elements:
    """Powers of a binary element, from 1 on. Shapes: uint32[count, 64] comes back."""
    out = np.zeros((count, DEGREE), np.uint32)
    _powers(np.uint64(point), out)
    return out


def scaled(elements: Elements, binaries: Binaries) -> Elements:
    """Multiply each element by its binary one. Shapes: uint32[n, 64], uint64[n]."""
    out = np.empty_like(elements)
    _scaled(elements, binaries, out)
    return out


def combined(numbers: Numbers, elements: Elements) -> Elements:
    """Add up numbers times elements, for each row of numbers.

    Shapes: numbers uint32[rows, n], elements uint32[n, 64]; uint32[rows, 64] back.
    """
    out = np.zeros((len(numbers), DEGREE), np.uint32)
    _combined(numbers, elements, out)
    return out


def multiplied(elements: Elements, factor: Elements) -> Elements:
    """Multiply each element by one. Shapes: uint32[n, 64] and uint32[64]."""
    out = np.empty_like(elements)
    _multiplied(elements, factor, out)
    return out


def inner(left: Elements, right: Elements) -> Elements:
    """Add up products of elements. Shapes: uint32[n, 64] twice; uint32[64] back."""
    out = np.empty(DEGREE, np.uint32)
    _inner(left, right, out)
    return out


def polynomial(
    left: Numbers, right: Numbers, alphas: Binaries, betas: Binaries
) -> Elements:
    """Coefficients of a weighted sum of products of polynomials over the integers.

    Column m has left_m = sum of alpha_l left_lm X^l and right_m = sum of right_lm X^l;
    what comes back is the sum over m of beta_m left_m right_m. Neighbouring rows of
    one alpha cost little more than a row, so give them one where you may.

    Shapes: left and right uint32[rows, columns], alphas uint64[rows], betas
    uint64[columns]; uint32[2 * rows - 1, 64] comes back.
    """
    rows = len(left)
    starts = np.flatnonzero(np.append(True, alphas[1:] != alphas[:-1]))
    wide = np.zeros((2 * rows - 1, _WIDE), np.uint32)
    bounds = np.append(starts, rows)
    _polynomial(left, right, alphas, spelled(betas), bounds, wide)
    out = np.empty((2 * rows - 1, DEGREE), np.uint32)
    _all_reduced(wide, out)
    return out


@numba.njit(**COMPILE)
def _reduced(wide: Array, out: Array) -> None:
    """Reduce words of X^0 to X^126, uint32[128], to an element."""
    # what lies over X^64 is at most X^126, so it reaches X^66 once and no more
    wide[64] -= wide[124] + wide[125]
    wide[65] -= wide[125] + wide[126]
    wide[66] -= wide[126]
    for k in range(DEGREE):
        out[k] = wide[k] - wide[DEGREE + k]
    for k in range(DEGREE - 1):
        out[k + 1] -= wide[DEGREE + k]
    for k in range(DEGREE - 3):
        out[k + 3] -= wide[DEGREE + k]
    for k in range(DEGREE - 4):
        out[k + 4] -= wide[DEGREE + k]


@numba.njit(**COMPILE)
def _scale(element: Array, binary: np.uint64, wide: Array, out: Array) -> None:
    wide[:] = 0
    for bit in range(DEGREE):
        if (binary >> np.uint64(bit)) & np.uint64(1):
            shifted = wide[bit : bit + DEGREE]
            for k in range(DEGREE):
                shifted[k] += element[k]
    _reduced(wide, out)


@numba.njit(**COMPILE)
def _powers(point: np.uint64, out: Array) -> None:
    wide = np.empty(_WIDE, np.uint32)
    if len(out):
        out[0, 0] = 1
    for power in range(1, len(out)):
        _scale(out[power - 1], point, wide, out[power])


@numba.njit(**COMPILE)
def _scaled(elements: Array, binaries: Array, out: Array) -> None:
    wide = np.empty(_WIDE, np.uint32)
    for t in range(len(elements)):
        _scale(elements[t], binaries[t], wide, out[t])


@numba.njit(**COMPILE)
def _combined(numbers: Array, elements: Array, out: Array) -> None:
    rows, count = numbers.shape
    for start in range(0, count, _CHUNK):
        stop = min(start + _CHUNK, count)
        even = stop - (stop - start) % 4
        for row in range(rows):
            total = out[row]
            for t in range(start, even, 4):
                a, b = numbers[row, t], numbers[row, t + 1]
                c, d = numbers[row, t + 2], numbers[row, t + 3]
                x, y = elements[t], elements[t + 1]
                z, w = elements[t + 2], elements[t + 3]
                for k in range(DEGREE):
                    total[k] += a * x[k] + b * y[k] + c * z[k] + d * w[k]
            for t in range(even, stop):
                a, x = numbers[row, t], elements[t]
                for k in range(DEGREE):
                    total[k] += a * x[k]


@numba.njit(**COMPILE)
def _add_product(left: Array, right: Array, wide: Array) -> None:
    for i in range(DEGREE):
        word = left[i]
        shifted = wide[i : i + DEGREE]
        for k in range(DEGREE):
            shifted[k] += word * right[k]


@numba.njit(**COMPILE)
def _multiplied(elements: Array, factor: Array, out: Array) -> None:
    wide = np.empty(_WIDE, np.uint32)
    for t in range(len(elements)):
        wide[:] = 0
        _add_product(elements[t], factor, wide)
        _reduced(wide, out[t])


@numba.njit(**COMPILE)
def _inner(left: Array, right: Array, out: Array) -> None:
    wide = np.zeros(_WIDE, np.uint32)
    for t in range(len(left)):
        _add_product(left[t], right[t], wide)
    _reduced(wide, out)


@numba.njit(**COMPILE)
def _all_reduced(wide: Array, out: Array) -> None:
    for t in range(len(out)):
        _reduced(wide[t], out[t])


@numba.njit(**COMPILE)
def _polynomial(
    left: Array, right: Array, alphas: Array, betas: Array, bounds: Array, wide: Array
) -> None:
    """See `polynomial`. Shapes: betas are spelled; wide uint32[2 * rows - 1, 128]."""
    rows, columns = left.shape
    numbers = np.empty((2 * rows - 1, _CHUNK), np.uint32)
    sums = np.empty((2 * rows - 1, DEGREE), np.uint32)
    for run in range(len(bounds) - 1):
        first, last = bounds[run], bounds[run + 1]
        width = rows + last - first - 1
        sums[:width] = 0
        for start in range(0, columns, _CHUNK):
            count = min(_CHUNK, columns - start)
            numbers[:width] = 0
            for i in range(last - first):
                for j in range(rows):
                    x, y = left[first + i], right[j]
                    number = numbers[i + j]
                    for t in range(count):
                        number[t] += x[start + t] * y[start + t]
            _combined(
                numbers[:width, :count], betas[start : start + count], sums[:width]
            )
        for bit in range(DEGREE):
            if (alphas[first] >> np.uint64(bit)) & np.uint64(1):
                for i in range(width):
                    shifted, given = wide[first + i, bit : bit + DEGREE], sums[i]
                    for k in range(DEGREE):
                        shifted[k] += given[k]
