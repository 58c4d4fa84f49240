"""Tiles: the multiply-accumulate loop, for as many registers as a processor has.

A tile is `rows` rows by `blocks` blocks of probes, one lane a probe. A step takes one
word of 32 bits of each row, spreads it over all lanes, and multiplies it with the
probes' words; what is added up never leaves the registers::

                    word t of the probes, a block of lanes each
                    [p00 .. p15]  [p16 .. p31]
    word t of row 0     sums          sums
    word t of row 1     sums          sums          sums += spread(row) * probes

Rows are read once, in their order; probes come as a panel, word by word
(`ipse.matching.products`).

Numba turns loops over arrays into vector code, but not into this: too many sums at
once. So the loop is written in LLVM's language (`ipse.matching.lanes`).

Source: the shape of the loop is that of Goto, van de Geijn, "Anatomy of
High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008.
"""

from collections.abc import Sequence

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from ipse.matching.lanes import (
    LANES,
    MOST_BLOCKS,
    MOST_ROWS,
    MULTIPLY,
    SUMS,
    VECTOR,
    WORD,
    Numba,
    Value,
    Words,
    array_of,
    fetch,
    index,
    load,
    pairs,
    repeat,
    riffle,
    row_pointers,
    row_stride,
    spread,
    store,
)


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
        probes = builder.gep(array_of(context, builder, kinds[0], panel).data, [start])

        def pass_by(case: int, row: Value, tall: int) -> None:
            at = builder.add(first, row)
            read = row_pointers(context, builder, kinds[3], stored, at, tall)
            kept = row_pointers(context, builder, kinds[8], sums, row, tall)
            of_word = [builder.gep(pointer, [word]) for pointer in read]
            stride = builder.mul(
                row_stride(context, builder, kinds[3], stored), index(tall)
            )
            _tile(builder, words, case, probes, of_word, count, kept, stride)

        for case in range(1, MOST_BLOCKS + 1):
            is_case = builder.icmp_signed("==", blocks, index(case))
            with builder.if_then(is_case):
                tall = min(SUMS[words] // case, MOST_ROWS)
                rest = builder.srem(rows, index(tall))
                even = builder.sub(rows, rest)
                for begin, end, step in ((index(0), even, tall), (even, rows, 1)):
                    loop = cgutils.for_range_slice(builder, begin, end, index(step))
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
    ahead: Value,
) -> None:
    """Add the products of some rows with some blocks of probes to their sums."""
    multiply = MULTIPLY[words]
    places = [
        builder.gep(pointer, [index(block * LANES)])
        for pointer in sums
        for block in range(blocks)
    ]

    def step(t: Value, totals: list[Value]) -> list[Value]:
        at = builder.mul(t, index(blocks * LANES))
        asked = [
            load(builder, builder.gep(probes, [builder.add(at, index(b * LANES))]))
            for b in range(blocks)
        ]
        of_rows = [spread(builder, builder.gep(pointer, [t])) for pointer in rows]
        for pointer in rows:
            fetch(builder, builder.gep(pointer, [builder.add(t, ahead)]))
        met = [(one, other) for other in of_rows for one in asked]
        return [
            multiply(builder, total, *pair)
            for total, pair in zip(totals, met, strict=True)
        ]

    begun = [load(builder, place) for place in places]
    ended = repeat(builder, count, begun, step)
    for total, place in zip(ended, places, strict=True):
        store(builder, total, place)


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
        asked = array_of(context, builder, kinds[0], probe).data
        read = row_pointers(context, builder, kinds[1], stored, row, LANES)

        def step(t: Value, totals: list[Value]) -> list[Value]:
            at = builder.mul(t, index(LANES))
            words = load(builder, builder.gep(asked, [at]))
            return [
                pairs(builder, total, words, load(builder, builder.gep(each, [at])))
                for total, each in zip(totals, read, strict=True)
            ]

        zero = ir.Constant(VECTOR, [0] * LANES)
        totals = repeat(builder, count, [zero] * LANES, step)
        # adding neighbours, of two vectors at once, leaves one lane for each row
        even, odd = (
            ir.Constant(VECTOR, [2 * lane + side for lane in range(LANES)])
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
        store(builder, totals[0], array_of(context, builder, kinds[4], out).data)
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

    Returns: `ceiling(count, words)`, which does `count` steps on the words of
        int32[rows * LANES], and leaves the sums there, where nobody may say that they
        are not wanted.
    """
    multiply = MULTIPLY[words]

    def compile_(
        context: Numba,
        builder: ir.IRBuilder,
        signature: Numba,
        arguments: Sequence[Value],
    ) -> Value:
        count, given = arguments
        out = array_of(context, builder, signature.args[1], given).data
        one = ir.Constant(VECTOR, [1] * LANES)
        # words that are not known in advance, or the product would be something simpler
        of_rows = [
            load(builder, builder.gep(out, [index(LANES * j)])) for j in range(rows)
        ]

        def step(_t: Value, kept: list[Value]) -> list[Value]:
            # words that change, or the product would be taken out of the loop
            asked = [builder.add(each, one) for each in kept[:blocks]]
            return asked + [
                multiply(builder, kept[blocks + j * blocks + b], asked[b], of_rows[j])
                for j in range(rows)
                for b in range(blocks)
            ]

        begun = [load(builder, out) for _ in range(blocks + rows * blocks)]
        ended = repeat(builder, count, begun, step)
        total = ended[0]
        for each in ended[1:]:
            total = builder.add(total, each)
        store(builder, total, out)
        return context.get_dummy_value()

    @intrinsic
    def ceiling_(
        _context: Numba,
        count: Numba,
        given: Numba,
    ) -> Numba:
        del count
        return types.void(types.intp, given), compile_

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
        read = row_pointers(context, builder, kinds[0], sums, row, LANES)
        lines = [load(builder, builder.gep(pointer, [column])) for pointer in read]
        if bits < WORD.width:
            lines = [builder.trunc(line, narrow) for line in lines]
        # riffling the two halves log2(LANES) times exchanges rows and columns
        half = LANES // 2
        lower = [riffle(i, 0) for i in range(LANES)]
        upper = [riffle(i, half) for i in range(LANES)]
        masks = [
            ir.Constant(ir.VectorType(WORD, LANES), chosen) for chosen in (lower, upper)
        ]
        for _ in range(LANES.bit_length() - 1):
            lines = [
                builder.shuffle_vector(
                    lines[i // 2], lines[i // 2 + half], masks[i % 2]
                )
                for i in range(LANES)
            ]
        written = row_pointers(context, builder, kinds[3], out, index(0), LANES)
        for line, pointer in zip(lines, written, strict=True):
            store(builder, line, builder.gep(pointer, [place]))
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
