"""Tiles: the multiply-accumulate loop, for as many registers as a processor has.

A tile is `rows` rows by `blocks` blocks of probes, one lane a probe. A step takes one
word of 32 bits of each row, spreads it over all lanes, and multiplies it with the
probes' words; what is added up never leaves the registers::

                    word t of the probes, a block of lanes each
                    [p00 .. p15]  [p16 .. p31]
    word t of row 0     sums          sums
    word t of row 1     sums          sums          sums += spread(row) * probes

A word is a pair of signed 16-bit entries, or four bytes below 128; the products of one
word are added up in its lane's 32 bits, which wrap. Rows are read once, in their order;
probes come as a panel, word by word (`ipse.matching.products`).

Numba turns loops over arrays into vector code, but not into this: too many sums at
once. So the loop is written in LLVM's language, which is portable: `pairs` becomes
VPDPWSSD, PMADDWD or SMLAL by itself. Only `quads` names an instruction, where there is
one.

Source: the shape of the loop is that of Goto, van de Geijn, "Anatomy of
High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Any, Final, TypeAlias

from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_FEATURES: Final = binding.get_host_cpu_features()
HAS_AVX512: Final = bool(_FEATURES.get("avx512bw"))
HAS_BYTE_PRODUCTS: Final = bool(_FEATURES.get("avx512vnni")) and HAS_AVX512

LANES: Final = 16 if HAS_AVX512 else 8
"""Probes in a block: sums of 32 bits in one vector register."""

MOST_BLOCKS: Final = 4
"""Blocks of probes that a tile is made for."""

MOST_ROWS: Final = 12
"""Rows of a tile, at most: each has an address in a register of its own."""

_WORD: Final = ir.IntType(32)
_INDEX: Final = ir.IntType(64)
_LANES: Final = ir.VectorType(_WORD, LANES)

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


def sweep(words: Words) -> Numba:
    """Make the pass of some rows over a window of a panel, to be called when compiled.

    Returns: `sweep(panel, start, blocks, stored, first, rows, word, count, sums)`,
        which adds the products of `count` words to the sums. panel is int32[...], read
        from `start` on, `blocks` blocks a word; stored is int32[rows, words], read from
        `first` and `word` on; sums is int32[rows, blocks * LANES], from row 0 on.
    """

    def compile_(
        context: Numba,
        builder: ir.IRBuilder,
        signature: Numba,
        arguments: Sequence[Value],
    ) -> Value:
        panel, start, blocks, stored, first, rows, word, count, sums = arguments
        kinds = signature.args
        probes = builder.gep(_array(context, builder, kinds[0], panel).data, [start])

        def pass_by(case: int, row: Value, tall: int) -> None:
            at = builder.add(first, row)
            read = _rows(context, builder, kinds[3], stored, at, tall)
            kept = _rows(context, builder, kinds[8], sums, row, tall)
            of_word = [builder.gep(pointer, [word]) for pointer in read]
            _tile(builder, words, case, probes, of_word, count, kept)

        for case in range(1, MOST_BLOCKS + 1):
            is_case = builder.icmp_signed("==", blocks, _index(case))
            with builder.if_then(is_case):
                tall = min(_SUMS[words] // case, MOST_ROWS)
                rest = builder.srem(rows, _index(tall))
                even = builder.sub(rows, rest)
                for begin, end, step in ((_index(0), even, tall), (even, rows, 1)):
                    loop = cgutils.for_range_slice(builder, begin, end, _index(step))
                    with loop as (row, _):
                        pass_by(case, row, step)
        return context.get_dummy_value()

    @intrinsic
    def sweep_(
        _context: Numba,
        panel: Numba,
        start: Numba,
        blocks: Numba,
        stored: Numba,
        first: Numba,
        rows: Numba,
        word: Numba,
        count: Numba,
        sums: Numba,
    ) -> Numba:
        del start, blocks, first, rows, word, count
        i = types.intp
        return types.void(panel, i, i, stored, i, i, i, i, sums), compile_

    return sweep_


def _tile(
    builder: ir.IRBuilder,
    words: Words,
    blocks: int,
    probes: Value,
    rows: Sequence[Value],
    count: Value,
    sums: Sequence[Value],
) -> None:
    """Add the products of some rows with some blocks of probes to their sums."""
    multiply = _MULTIPLY[words]
    places = [
        builder.gep(pointer, [_index(block * LANES)])
        for pointer in sums
        for block in range(blocks)
    ]

    def step(t: Value, totals: list[Value]) -> list[Value]:
        at = builder.mul(t, _index(blocks * LANES))
        asked = [
            _load(builder, builder.gep(probes, [builder.add(at, _index(b * LANES))]))
            for b in range(blocks)
        ]
        spread = [_spread(builder, builder.gep(pointer, [t])) for pointer in rows]
        pairs = [(one, other) for other in spread for one in asked]
        return [
            multiply(builder, total, *pair)
            for total, pair in zip(totals, pairs, strict=True)
        ]

    begun = [_load(builder, place) for place in places]
    ended = _repeat(builder, count, begun, step)
    for total, place in zip(ended, places, strict=True):
        _store(builder, total, place)


def column() -> Numba:
    """Make the tile of a single probe: LANES rows, one lane an entry.

    Returns: `column(probe, stored, row, count, out)`, from int32[words] and
        int32[rows, words] to the sums of LANES rows, int32[LANES]; `count` is in
        vectors of LANES words.
    """

    def compile_(
        context: Numba,
        builder: ir.IRBuilder,
        signature: Numba,
        arguments: Sequence[Value],
    ) -> Value:
        probe, stored, row, count, out = arguments
        kinds = signature.args
        asked = _array(context, builder, kinds[0], probe).data
        read = _rows(context, builder, kinds[1], stored, row, LANES)

        def step(t: Value, totals: list[Value]) -> list[Value]:
            at = builder.mul(t, _index(LANES))
            words = _load(builder, builder.gep(asked, [at]))
            return [
                _pairs(builder, total, words, _load(builder, builder.gep(each, [at])))
                for total, each in zip(totals, read, strict=True)
            ]

        zero = ir.Constant(_LANES, [0] * LANES)
        totals = _repeat(builder, count, [zero] * LANES, step)
        # adding neighbours, of two vectors at once, leaves one lane for each row
        even, odd = (
            ir.Constant(_LANES, [2 * lane + side for lane in range(LANES)])
            for side in (0, 1)
        )
        while len(totals) > 1:
            totals = [
                builder.add(
                    builder.shuffle_vector(one, other, even),
                    builder.shuffle_vector(one, other, odd),
                )
                for one, other in zip(totals[::2], totals[1::2], strict=True)
            ]
        _store(builder, totals[0], _array(context, builder, kinds[4], out).data)
        return context.get_dummy_value()

    @intrinsic
    def column_(
        _context: Numba,
        probe: Numba,
        stored: Numba,
        row: Numba,
        count: Numba,
        out: Numba,
    ) -> Numba:
        del row, count
        return types.void(probe, stored, types.intp, types.intp, out), compile_

    return column_


def ceiling(words: Words, blocks: int, rows: int) -> Numba:
    """Make a tile's arithmetic without its memory: the most that a core can do.

    Returns: `ceiling(count, sums)`, which does `count` steps on made-up words, and
        leaves the sums where nobody may say that they are not wanted.
    """
    multiply = _MULTIPLY[words]

    def compile_(
        context: Numba,
        builder: ir.IRBuilder,
        signature: Numba,
        arguments: Sequence[Value],
    ) -> Value:
        count, sums = arguments
        out = _array(context, builder, signature.args[1], sums).data
        one = ir.Constant(_LANES, [1] * LANES)
        spread = [ir.Constant(_LANES, [7 * j + 3] * LANES) for j in range(rows)]

        def step(_t: Value, kept: list[Value]) -> list[Value]:
            # words that change, or the product would be taken out of the loop
            asked = [builder.add(each, one) for each in kept[:blocks]]
            return asked + [
                multiply(builder, kept[blocks + j * blocks + b], asked[b], spread[j])
                for j in range(rows)
                for b in range(blocks)
            ]

        begun = [_load(builder, out) for _ in range(blocks + rows * blocks)]
        ended = _repeat(builder, count, begun, step)
        total = ended[0]
        for each in ended[1:]:
            total = builder.add(total, each)
        _store(builder, total, out)
        return context.get_dummy_value()

    @intrinsic
    def ceiling_(
        _context: Numba,
        count: Numba,
        sums: Numba,
    ) -> Numba:
        del count
        return types.void(types.intp, sums), compile_

    return ceiling_


def turned(bits: int) -> Numba:
    """Make a transposition of LANES rows of sums, each cut to its low bits.

    Returns: `turned(sums, row, column, out, place)`: from int32[rows, probes] at row
        and column to unsigned[probes, rows] at (0, place), LANES by LANES.
    """
    narrow = ir.VectorType(ir.IntType(bits), LANES)

    def compile_(
        context: Numba,
        builder: ir.IRBuilder,
        signature: Numba,
        arguments: Sequence[Value],
    ) -> Value:
        sums, row, column, out, place = arguments
        kinds = signature.args
        read = _rows(context, builder, kinds[0], sums, row, LANES)
        lines = [_load(builder, builder.gep(pointer, [column])) for pointer in read]
        if bits < _WORD.width:
            lines = [builder.trunc(line, narrow) for line in lines]
        # riffling the two halves log2(LANES) times exchanges rows and columns
        half = LANES // 2
        lower = [_riffle(i, 0) for i in range(LANES)]
        upper = [_riffle(i, half) for i in range(LANES)]
        masks = [
            ir.Constant(ir.VectorType(_WORD, LANES), chosen)
            for chosen in (lower, upper)
        ]
        for _ in range(LANES.bit_length() - 1):
            lines = [
                builder.shuffle_vector(
                    lines[i // 2], lines[i // 2 + half], masks[i % 2]
                )
                for i in range(LANES)
            ]
        written = _rows(context, builder, kinds[3], out, _index(0), LANES)
        for line, pointer in zip(lines, written, strict=True):
            _store(builder, line, builder.gep(pointer, [place]))
        return context.get_dummy_value()

    @intrinsic
    def turned_(
        _context: Numba,
        sums: Numba,
        row: Numba,
        column: Numba,
        out: Numba,
        place: Numba,
    ) -> Numba:
        del row, column, place
        index = types.intp
        return types.void(sums, index, index, out, index), compile_

    return turned_


# --- products of one word ------------------------------------------------------------


def _pairs(builder: ir.IRBuilder, sums: Value, left: Value, right: Value) -> Value:
    """Add both products of two int16 to a lane's sum."""
    entries = ir.VectorType(ir.IntType(16), 2 * LANES)
    wide = ir.VectorType(_WORD, 2 * LANES)
    products = builder.mul(
        builder.sext(builder.bitcast(left, entries), wide),
        builder.sext(builder.bitcast(right, entries), wide),
    )
    even, odd = (
        builder.shuffle_vector(
            products,
            products,
            ir.Constant(_LANES, [2 * lane + side for lane in range(LANES)]),
        )
        for side in (0, 1)
    )
    return builder.add(sums, builder.add(even, odd))


def _quads(builder: ir.IRBuilder, sums: Value, left: Value, right: Value) -> Value:
    """Add all four products of bytes to a lane's sum, by the one instruction."""
    four = ir.VectorType(ir.IntType(8), 4 * LANES)
    kind = ir.FunctionType(_LANES, [_LANES, four, four])
    name = "llvm.x86.avx512.vpdpbusd.512"
    # once in a module, however often it is called
    function = builder.module.globals.get(name) or ir.Function(
        builder.module, kind, name
    )
    operands = [sums, builder.bitcast(left, four), builder.bitcast(right, four)]
    return builder.call(function, operands)


def _quads_apart(
    builder: ir.IRBuilder, sums: Value, left: Value, right: Value
) -> Value:
    """Do the same by pairs: the even bytes, then the odd ones."""
    low_bytes = ir.Constant(_LANES, [0x00FF00FF] * LANES)
    eight = ir.Constant(_LANES, [8] * LANES)
    even = [builder.and_(each, low_bytes) for each in (left, right)]
    odd = [builder.and_(builder.lshr(each, eight), low_bytes) for each in (left, right)]
    return _pairs(builder, _pairs(builder, sums, *even), *odd)


_SUMS: Final = {
    Words.PAIRS: 24 if HAS_AVX512 else 8,
    Words.QUADS: 16,
    Words.QUADS_APART: 8,
}
"""Registers that hold sums, at most; others hold probes and a row's word. There are 32
with AVX-512, else 16. With 24 and QUADS the compiler begins to move sums about, which
took a third longer (`ipse bench kernel`)."""

_MULTIPLY: Final[dict[Words, Multiply]] = {
    Words.PAIRS: _pairs,
    Words.QUADS: _quads,
    Words.QUADS_APART: _quads_apart,
}


# --- below: arrays, loops and vectors ------------------------------------------------


def _repeat(
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
    t = builder.phi(_INDEX)
    t.add_incoming(_index(0), before)
    kept = []
    for value in begun:
        phi = builder.phi(value.type)
        phi.add_incoming(value, before)
        kept.append(phi)
    ended = step(t, kept)
    for phi, value in zip(kept, ended, strict=True):
        phi.add_incoming(value, loop)
    following = builder.add(t, _index(1))
    t.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed("<", following, count), loop, after)
    builder.position_at_end(after)
    return ended


def _array(context: Numba, builder: ir.IRBuilder, kind: Numba, array: Value) -> Numba:
    return context.make_array(kind)(context, builder, array)


def _rows(
    context: Numba,
    builder: ir.IRBuilder,
    kind: Numba,
    array: Value,
    first: Value,
    count: int,
) -> list[Value]:
    """Point to some rows of an array, one after the other."""
    found = _array(context, builder, kind, array)
    size = ir.Constant(_INDEX, kind.dtype.bitwidth // 8)
    stride = builder.sdiv(builder.extract_value(found.strides, 0), size)
    return [
        builder.gep(found.data, [builder.mul(builder.add(first, _index(i)), stride)])
        for i in range(count)
    ]


def _load(builder: ir.IRBuilder, pointer: Value) -> Value:
    loaded = builder.load(builder.bitcast(pointer, _LANES.as_pointer()))
    loaded.align = _WORD.width // 8
    return loaded


def _store(builder: ir.IRBuilder, value: Value, pointer: Value) -> None:
    stored = builder.store(value, builder.bitcast(pointer, value.type.as_pointer()))
    stored.align = value.type.element.width // 8


def _spread(builder: ir.IRBuilder, pointer: Value) -> Value:
    word = builder.load(pointer)
    word.align = _WORD.width // 8
    nothing = ir.Constant(_LANES, ir.Undefined)
    one = builder.insert_element(nothing, word, ir.Constant(_WORD, 0))
    return builder.shuffle_vector(one, nothing, ir.Constant(_LANES, [0] * LANES))


def _riffle(lane: int, start: int) -> int:
    """Say which lane of two joined vectors comes to stand at a lane."""
    return start + lane // 2 + (LANES if lane % 2 else 0)


def _index(number: int) -> Value:
    return ir.Constant(_INDEX, number)
