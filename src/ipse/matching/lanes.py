"""Lanes: vectors in LLVM's language, and what is done with them.

    pairs, quads   multiply what a word of 32 bits holds, and add it up in its lane
    repeat         a loop whose values stay in registers
    load, store, spread, riffle

A word is a pair of signed 16-bit entries, or four bytes below 128; its products are
added up in its lane's 32 bits, which wrap. The language is portable: `pairs` becomes
VPDPWSSD, PMADDWD or SMLAL by itself. Only `quads` names an instruction, where there is
one.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Final, TypeAlias

from llvmlite import binding, ir

_FEATURES: Final = binding.get_host_cpu_features()
HAS_AVX512: Final = bool(_FEATURES.get("avx512bw"))
HAS_BYTE_PRODUCTS: Final = bool(_FEATURES.get("avx512vnni")) and HAS_AVX512

LANES: Final = 16 if HAS_AVX512 else 8
"""Probes in a block: sums of 32 bits in one vector register."""

MOST_BLOCKS: Final = 4
"""Blocks of probes that a tile is made for."""

MOST_ROWS: Final = 12
"""Rows of a tile, at most: each has an address in a register of its own."""

WORD: Final = ir.IntType(32)
INDEX: Final = ir.IntType(64)
VECTOR: Final = ir.VectorType(WORD, LANES)

Value: TypeAlias = Any
"""A value in LLVM's language; the library ships no types."""

Numba: TypeAlias = Any
"""A compiler's context, signature, type or function of numba's, which ships none."""

Multiply = Callable[[ir.IRBuilder, Value, Value, Value], Value]


class Words(Enum):
    """What a word of 32 bits holds."""

    PAIRS = auto()  # two int16
    QUADS = auto()  # four bytes, none above 127
    QUADS_APART = auto()  # the same, on a processor without an instruction for it


# --- products of one word ------------------------------------------------------------


def pairs(builder: ir.IRBuilder, sums: Value, left: Value, right: Value) -> Value:
    """Add both products of two int16 to a lane's sum."""
    entries = ir.VectorType(ir.IntType(16), 2 * LANES)
    wide = ir.VectorType(WORD, 2 * LANES)
    products = builder.mul(
        builder.sext(builder.bitcast(left, entries), wide),
        builder.sext(builder.bitcast(right, entries), wide),
    )
    even, odd = (
        builder.shuffle_vector(
            products,
            products,
            ir.Constant(VECTOR, [2 * lane + side for lane in range(LANES)]),
        )
        for side in (0, 1)
    )
    return builder.add(sums, builder.add(even, odd))


def quads(builder: ir.IRBuilder, sums: Value, left: Value, right: Value) -> Value:
    """Add all four products of bytes to a lane's sum, by the one instruction."""
    four = ir.VectorType(ir.IntType(8), 4 * LANES)
    kind = ir.FunctionType(VECTOR, [VECTOR, four, four])
    name = "llvm.x86.avx512.vpdpbusd.512"
    # once in a module, however often it is called
    function = builder.module.globals.get(name) or ir.Function(
        builder.module, kind, name
    )
    operands = [sums, builder.bitcast(left, four), builder.bitcast(right, four)]
    return builder.call(function, operands)


def quads_apart(builder: ir.IRBuilder, sums: Value, left: Value, right: Value) -> Value:
    """Do the same by pairs: the even bytes, then the odd ones."""
    low_bytes = ir.Constant(VECTOR, [0x00FF00FF] * LANES)
    eight = ir.Constant(VECTOR, [8] * LANES)
    even = [builder.and_(each, low_bytes) for each in (left, right)]
    odd = [builder.and_(builder.lshr(each, eight), low_bytes) for each in (left, right)]
    return pairs(builder, pairs(builder, sums, *even), *odd)


SUMS: Final = {
    Words.PAIRS: 24 if HAS_AVX512 else 8,
    Words.QUADS: 16,
    Words.QUADS_APART: 8,
}
"""Registers that hold sums, at most; others hold probes and a row's word. There are 32
with AVX-512, else 16. With 24 and QUADS the compiler begins to move sums about, which
took a third longer (`ipse bench kernel`)."""

MULTIPLY: Final[dict[Words, Multiply]] = {
    Words.PAIRS: pairs,
    Words.QUADS: quads,
    Words.QUADS_APART: quads_apart,
}


# --- below: arrays, loops and vectors ------------------------------------------------


def repeat(
    builder: ir.IRBuilder,
    count: Value,
    begun: list[Value],
    step: Callable[[Value, list[Value]], list[Value]],
) -> list[Value]:
    """Do a step `count` times, at least once, with values that stay in registers."""
    before = builder.block
    loop = builder.append_basic_block("step")
    after = builder.append_basic_block("stepped")
    builder.branch(loop)
    builder.position_at_end(loop)
    t = builder.phi(INDEX)
    t.add_incoming(index(0), before)
    kept = []
    for value in begun:
        phi = builder.phi(value.type)
        phi.add_incoming(value, before)
        kept.append(phi)
    ended = step(t, kept)
    for phi, value in zip(kept, ended, strict=True):
        phi.add_incoming(value, loop)
    following = builder.add(t, index(1))
    t.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed("<", following, count), loop, after)
    builder.position_at_end(after)
    return ended


def array_of(context: Numba, builder: ir.IRBuilder, kind: Numba, array: Value) -> Numba:
    """Open what compiled code hands over as an array."""
    return context.make_array(kind)(context, builder, array)


def row_pointers(
    context: Numba,
    builder: ir.IRBuilder,
    kind: Numba,
    array: Value,
    first: Value,
    count: int,
) -> list[Value]:
    """Point to some rows of an array, one after the other."""
    found = array_of(context, builder, kind, array)
    stride = row_stride(context, builder, kind, array)
    return [
        builder.gep(found.data, [builder.mul(builder.add(first, index(i)), stride)])
        for i in range(count)
    ]


def row_stride(
    context: Numba, builder: ir.IRBuilder, kind: Numba, array: Value
) -> Value:
    """Return how many entries lie between the beginnings of two rows."""
    found = array_of(context, builder, kind, array)
    size = ir.Constant(INDEX, kind.dtype.bitwidth // 8)
    return builder.sdiv(builder.extract_value(found.strides, 0), size)


def fetch(builder: ir.IRBuilder, pointer: Value) -> None:
    """Ask for memory that is read soon; it need not be there."""
    byte = ir.IntType(8).as_pointer()
    number = ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    name = "llvm.prefetch.p0"
    function = builder.module.globals.get(name) or ir.Function(
        builder.module, kind, name
    )
    how = [ir.Constant(number, each) for each in (0, 3, 1)]  # read, keep, data
    builder.call(function, [builder.bitcast(pointer, byte), *how])


def load(builder: ir.IRBuilder, pointer: Value) -> Value:
    """Read a vector of words, wherever it begins."""
    loaded = builder.load(builder.bitcast(pointer, VECTOR.as_pointer()))
    loaded.align = WORD.width // 8
    return loaded


def store(builder: ir.IRBuilder, value: Value, pointer: Value) -> None:
    """Write a vector, wherever it begins."""
    stored = builder.store(value, builder.bitcast(pointer, value.type.as_pointer()))
    stored.align = value.type.element.width // 8


def spread(builder: ir.IRBuilder, pointer: Value) -> Value:
    """Read one word, for all lanes."""
    word = builder.load(pointer)
    word.align = WORD.width // 8
    nothing = ir.Constant(VECTOR, ir.Undefined)
    one = builder.insert_element(nothing, word, ir.Constant(WORD, 0))
    return builder.shuffle_vector(one, nothing, ir.Constant(VECTOR, [0] * LANES))


def riffle(lane: int, start: int) -> int:
    """Say which lane of two joined vectors comes to stand at a lane."""
    return start + lane // 2 + (LANES if lane % 2 else 0)


def index(number: int) -> Value:
    """Write an index into an array."""
    return ir.Constant(INDEX, number)
