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
def first_products(
    as_p: int, u: Array, v: Array, zero_next: Array, zero_prev: Array, out: Array
) -> None:
    """Addends of u & v, where P holds neither. See `ipse.matching.signs`.

    Shapes: all uint64[groups, places, words].
    """
    groups, places, count = out.shape
    for group in range(groups):
        for place in range(places):
            x, y, addend = u[group, place], v[group, place], out[group, place]
            one, other = zero_next[group, place], zero_prev[group, place]
            for t in range(count):
                zero = one[t] ^ other[t]
                addend[t] = zero if group == as_p else (x[t] & y[t]) ^ zero


@numba.njit(**COMPILE)
def next_carry(  # noqa: PLR0913, PLR0917 (two words, two components, two masks)
    as_p: int,
    place: int,
    u: Array,
    v: Array,
    own: Array,
    following: Array,
    received: Array,
    zero_next: Array,
    zero_prev: Array,
    addend: Array,
) -> None:
    """Take up the carry into `place`, and make the addends of what it grows by.

    The carry grows by (x ^ carry) & (y ^ carry) = addend + received, the latter being
    the next seat's. At the first place there is no carry to take up.

    Shapes: u and v uint64[groups, bits, words], the others uint64[groups, words].
    """
    for group in range(own.shape[0]):
        x, y, c, d = u[group, place], v[group, place], own[group], following[group]
        r, out = received[group], addend[group]
        one, other = zero_next[group], zero_prev[group]
        if place == 0:
            for t in range(c.size):
                zero = one[t] ^ other[t]
                out[t] = zero if group == as_p else (x[t] & y[t]) ^ zero
        elif group == as_p:
            for t in range(c.size):
                c[t] ^= out[t]
                d[t] ^= r[t]
                left, right = x[t] ^ c[t], y[t] ^ d[t]
                zero = one[t] ^ other[t]
                out[t] = (left & (c[t] ^ d[t])) ^ (right & c[t]) ^ zero
        else:
            for t in range(c.size):
                c[t] ^= out[t]
                d[t] ^= r[t]
                left, right = x[t] ^ c[t], y[t] ^ d[t]
                zero = one[t] ^ other[t]
                out[t] = (left & (c[t] ^ right)) ^ (d[t] & c[t]) ^ zero


@numba.njit(**COMPILE)
def halving(
    count: int,
    carries: Array,
    next_carries: Array,
    passes: Array,
    next_passes: Array,
    zero_next: Array,
    zero_prev: Array,
    out: Array,
) -> None:
    """Addends of p_high & g_low, then of p_high & p_low, for `count` places in pairs.

    The lowest pair has no carry to pass on, so its second product is left out.

    Shapes: uint64[groups, places, words], out [groups, count - 1 or - 2, words].
    """
    pairs = count // 2
    for group in range(out.shape[0]):
        for pair in range(pairs):
            x, x_next = passes[group, 2 * pair + 1], next_passes[group, 2 * pair + 1]
            y, y_next = carries[group, 2 * pair], next_carries[group, 2 * pair]
            one, other = zero_next[group, pair], zero_prev[group, pair]
            addend = out[group, pair]
            for t in range(addend.size):
                mixed = (x[t] & (y[t] ^ y_next[t])) ^ (x_next[t] & y[t])
                addend[t] = mixed ^ one[t] ^ other[t]
        for pair in range(1, pairs):
            x, x_next = passes[group, 2 * pair + 1], next_passes[group, 2 * pair + 1]
            y, y_next = passes[group, 2 * pair], next_passes[group, 2 * pair]
            place = pairs + pair - 1
            one, other = zero_next[group, place], zero_prev[group, place]
            addend = out[group, place]
            for t in range(addend.size):
                mixed = (x[t] & (y[t] ^ y_next[t])) ^ (x_next[t] & y[t])
                addend[t] = mixed ^ one[t] ^ other[t]


@numba.njit(**COMPILE)
def halved(count: int, carries: Array, passes: Array, products: Array) -> None:
    """Join pairs of places in place: g = g_high ^ p_high g_low, p = p_high p_low.

    Shapes: as `halving`; one component of each.
    """
    pairs = count // 2
    for group in range(carries.shape[0]):
        for pair in range(pairs):
            carries[group, pair] = carries[group, 2 * pair + 1] ^ products[group, pair]
            if pair:
                passes[group, pair] = products[group, pairs + pair - 1]
        if count % 2:
            carries[group, pairs] = carries[group, count - 1]
            passes[group, pairs] = passes[group, count - 1]


@numba.njit(**COMPILE)
def cut_to_20(values: Array, low: Array, high: Array) -> None:
    """Spell 20 bits of each value: 16 of them, then the rest of two in a byte.

    Shapes: values uint32[even], low uint16[even], high uint8[even / 2].
    """
    half = values.size // 2
    four = np.uint32(0xF)
    for t in range(values.size):
        low[t] = np.uint16(values[t])
    for t in range(half):
        one = (values[t] >> np.uint32(16)) & four
        other = (values[half + t] >> np.uint32(16)) & four
        high[t] = np.uint8(one | (other << np.uint32(4)))


@numba.njit(**COMPILE)
def add_20(low: Array, high: Array, values: Array) -> None:
    """Add what `cut_to_20` spelled. Shapes: as there."""
    half = values.size // 2
    for t in range(half):
        one, other = high[t] & np.uint8(0xF), high[t] >> np.uint8(4)
        values[t] += np.uint32(low[t]) + (np.uint32(one) << np.uint32(16))
        values[half + t] += np.uint32(low[half + t]) + (
            np.uint32(other) << np.uint32(16)
        )


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


@numba.njit(**COMPILE)
def spread(lanes: Array, out: Array, start: int, stop: int) -> None:
    """Undo `pack` for opened bits, group after group, as far as there are rows.

    Shapes: lanes uint16 or uint32[groups, probes, lanes of a run], out uint8[probes,
    rows], of which those from start to stop are written.
    """
    groups, probes, count = lanes.shape
    lane_bits = 8 * lanes.itemsize
    one = lanes.dtype.type(1)
    for probe in range(probes):
        row = start
        for group in range(groups):
            for bit in range(lane_bits):
                shift = lanes.dtype.type(bit)
                some = min(count, max(0, stop - row))
                line, written = lanes[group, probe], out[probe, row : row + some]
                for lane in range(some):
                    written[lane] = np.uint8((line[lane] >> shift) & one)
                row += count


def unpack(words: Words64, lane_bits: int) -> npt.NDArray[np.bool_]:
    """Undo `pack`: uint64[..., words] to bool[..., 64 * words]."""
    lane = np.dtype(f"<u{lane_bits // 8}")
    lanes = np.ascontiguousarray(words).view(lane)
    shifts = np.arange(lane_bits, dtype=lane)[:, np.newaxis]
    rows = (lanes[..., np.newaxis, :] >> shifts) & lane.type(1)
    bits: npt.NDArray[np.bool_] = rows.reshape(*words.shape[:-1], -1).astype(np.bool_)
    return bits
