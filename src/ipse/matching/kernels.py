"""Kernels: the inner loops, compiled.

Plain functions over arrays; no branch and no address depends on what they read.

Values stand as [group, probe, row], bits as planes of 64 rows a word. In a run of
n rows of 16 (or 32) bits, bit i of lane l holds row i * (n / 16) + l: rows stay in
their lane when the 16 words of a block are transposed, so a transposition is a
few masked swaps (Hacker's Delight, 2nd edition, section 7-3). `pack` and `unpack`
translate.

Compiled at first use and kept on disk beside this file, by processor.
"""

from typing import Any, Final, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

COMPILE: Final[dict[str, Any]] = {
    "nogil": True,
    "cache": True,
    "boundscheck": False,
    "error_model": "numpy",
}
HALF_OF_16: Final = 8
LOW_HALVES_OF_16: Final = np.uint64(0x00FF00FF00FF00FF)
LOW_HALVES_OF_32: Final = np.uint64(0x0000FFFF0000FFFF)

Array: TypeAlias = npt.NDArray[Any]
Words64: TypeAlias = npt.NDArray[np.uint64]


TILE: Final = 4  # probes that a row is multiplied with while it is in registers


@numba.njit(**COMPILE)
def _one_probe(asked: Array, rows: Array, out: Array) -> None:
    """The same for a single probe, by 4 rows: reading them once is what it costs."""
    count, length = rows.shape
    cast = out.dtype.type
    for j in range(0, count - 3, 4):
        y0, y1, y2, y3 = rows[j], rows[j + 1], rows[j + 2], rows[j + 3]
        s0 = s1 = s2 = s3 = cast(0)
        for t in range(length):
            x = asked[t]
            s0 = cast(s0 + cast(x * y0[t]))
            s1 = cast(s1 + cast(x * y1[t]))
            s2 = cast(s2 + cast(x * y2[t]))
            s3 = cast(s3 + cast(x * y3[t]))
        out[j] = s0
        out[j + 1] = s1
        out[j + 2] = s2
        out[j + 3] = s3
    for j in range(count - count % 4, count):
        y0 = rows[j]
        s0 = cast(0)
        for t in range(length):
            s0 = cast(s0 + cast(asked[t] * y0[t]))
        out[j] = s0


@numba.njit(**COMPILE)
def inner_products(asked: Array, rows: Array, out: Array) -> None:
    """Inner products mod the ring of the arrays.

    Shapes: asked int[probes, length], rows int[rows, length], out int[probes, rows];
    all int16 or all int32, contiguous (two's complement: the ring is unsigned).
    """
    probes, count = out.shape
    even = count - count % 2 if probes >= TILE else 0
    if even:
        _tiles(asked, rows[:even], out)
    for i in range(probes):
        _one_probe(asked[i], rows[even:], out[i, even:])


@numba.njit(**COMPILE)
def _tiles(asked: Array, rows: Array, out: Array) -> None:
    """The same for an even number of rows, in tiles of 4 probes by 2 rows."""
    probes, length = asked.shape
    count = rows.shape[0]
    cast = out.dtype.type
    block = 1024  # entries: a tile's operands stay in the first cache
    out[:, :count] = cast(0)
    for start in range(0, length, block):
        stop = min(start + block, length)
        span = stop - start
        for j in range(0, count, 2):
            y0, y1 = rows[j, start:stop], rows[j + 1, start:stop]
            for i in range(0, probes - 3, 4):
                x0, x1 = asked[i, start:stop], asked[i + 1, start:stop]
                x2, x3 = asked[i + 2, start:stop], asked[i + 3, start:stop]
                s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = cast(0)
                for t in range(span):
                    a, b = y0[t], y1[t]
                    s00 = cast(s00 + cast(x0[t] * a))
                    s01 = cast(s01 + cast(x0[t] * b))
                    s10 = cast(s10 + cast(x1[t] * a))
                    s11 = cast(s11 + cast(x1[t] * b))
                    s20 = cast(s20 + cast(x2[t] * a))
                    s21 = cast(s21 + cast(x2[t] * b))
                    s30 = cast(s30 + cast(x3[t] * a))
                    s31 = cast(s31 + cast(x3[t] * b))
                out[i, j] += s00
                out[i, j + 1] += s01
                out[i + 1, j] += s10
                out[i + 1, j + 1] += s11
                out[i + 2, j] += s20
                out[i + 2, j + 1] += s21
                out[i + 3, j] += s30
                out[i + 3, j + 1] += s31
            for i in range(probes - probes % 4, probes):
                x0 = asked[i, start:stop]
                s00 = s01 = cast(0)
                for t in range(span):
                    s00 = cast(s00 + cast(x0[t] * y0[t]))
                    s01 = cast(s01 + cast(x0[t] * y1[t]))
                out[i, j] += s00
                out[i, j + 1] += s01


@numba.njit(**COMPILE)
def transpose(values: Array, planes: Array) -> None:
    """Turn runs of values into bit planes.

    Shapes: values uint64[runs, bits, lanes], the words of uint16 (bits = 16) or
    uint32 (bits = 32) values; planes uint64[bits, runs * lanes].
    """
    runs, bits, lanes = values.shape
    chunk = 128  # words: all planes of a chunk stay in the first cache
    for run in range(runs):
        base = run * lanes
        for start in range(0, lanes, chunk):
            stop = min(start + chunk, lanes)
            for i in range(bits):
                planes[i, base + start : base + stop] = values[run, i, start:stop]
            half = bits // 2
            mask = LOW_HALVES_OF_16 if half == HALF_OF_16 else LOW_HALVES_OF_32
            while half:
                shift = np.uint64(half)
                for i in range(bits):
                    if i & half:
                        continue
                    low, high = planes[i], planes[i + half]
                    for t in range(base + start, base + stop):
                        swap = ((low[t] >> shift) ^ high[t]) & mask
                        high[t] ^= swap
                        low[t] ^= swap << shift
                half //= 2
                mask ^= mask << np.uint64(half)


@numba.njit(**COMPILE)
def first_carry(is_p: np.bool_, u: Array, v: Array, zero: Array, out: Array) -> None:
    """Addends of the carry out of the lowest place. See `ipse.matching.signs`."""
    for t in range(out.size):
        out[t] = zero[t] if is_p else (u[t] & v[t]) ^ zero[t]


@numba.njit(**COMPILE)
def next_carry(
    is_p: np.bool_,
    u: Array,
    v: Array,
    own: Array,
    following: Array,
    zero: Array,
    out: Array,
) -> None:
    """Addends of (x ^ carry) & (y ^ carry), to be added to the carry."""
    for t in range(out.size):
        c, d = own[t], following[t]
        left = u[t] ^ c
        right = v[t] ^ d
        if is_p:
            out[t] = (left & (c ^ d)) ^ (right & c) ^ zero[t]
        else:
            out[t] = (left & (c ^ right)) ^ (d & c) ^ zero[t]


@numba.njit(**COMPILE)
def products(
    x: Array, x_following: Array, y: Array, y_following: Array, zero: Array, out: Array
) -> None:
    """Addends of the bitwise product of two replicated words, all flat."""
    for t in range(out.size):
        out[t] = (x[t] & (y[t] ^ y_following[t])) ^ (x_following[t] & y[t]) ^ zero[t]


@numba.njit(**COMPILE)
def chosen_sum(bits: Array, weights: Array, out: Array) -> None:
    """Exclusive or of the weights whose bit is set, without a branch.

    Shapes: bits uint64[words, probes], weights uint64[words, 64], out uint64[probes].
    """
    count, probes = bits.shape
    one = np.uint64(1)
    for w in range(count):
        for b in range(probes):
            word = bits[w, b]
            total = np.uint64(0)
            for i in range(64):
                total ^= (np.uint64(0) - ((word >> np.uint64(i)) & one)) & weights[w, i]
            out[b] ^= total


@numba.njit(**COMPILE)
def field_products(left: Array, right: Array, out: Array) -> None:
    """Products in GF(2^64) = GF(2)[x] / (x^64 + x^4 + x^3 + x + 1), constant time."""
    one = np.uint64(1)
    low = np.uint64(0x1B)  # x^4 + x^3 + x + 1
    for t in range(out.size):
        a, b = left[t], right[t]
        total = np.uint64(0)
        for i in range(64):
            total ^= (np.uint64(0) - ((b >> np.uint64(i)) & one)) & a
            carry = np.uint64(0) - (a >> np.uint64(63))
            a = (a << one) ^ (carry & low)
        out[t] = total


def pack(bits: npt.NDArray[np.bool_], lane_bits: int) -> Words64:
    """Put public bits where `transpose` puts the rows of a run.

    Shapes: bool[..., n] with n a multiple of 64, to uint64[..., n / 64].
    """
    lead, count = bits.shape[:-1], bits.shape[-1]
    lane = np.dtype(f"<u{lane_bits // 8}")
    rows = bits.reshape(*lead, lane_bits, count // lane_bits)
    shifts = np.arange(lane_bits, dtype=lane)[:, np.newaxis]
    lanes = np.bitwise_or.reduce(rows.astype(lane) << shifts, axis=-2)
    return np.ascontiguousarray(lanes.astype(lane)).view(np.uint64)


def unpack(words: Words64, lane_bits: int) -> npt.NDArray[np.bool_]:
    """Undo `pack`: uint64[..., words] to bool[..., 64 * words]."""
    lane = np.dtype(f"<u{lane_bits // 8}")
    lanes = np.ascontiguousarray(words).view(lane)
    shifts = np.arange(lane_bits, dtype=lane)[:, np.newaxis]
    rows = (lanes[..., np.newaxis, :] >> shifts) & lane.type(1)
    bits: npt.NDArray[np.bool_] = rows.reshape(*words.shape[:-1], -1).astype(np.bool_)
    return bits
