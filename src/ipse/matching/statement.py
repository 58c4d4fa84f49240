"""A statement: the equations that what one seat said must keep.

What a seat sends is a function of what it shares with one of the others, so it can be
written in equations of which each neighbour knows a half::

    sum over t of u_t v_t  +  c1  +  c2  =  0      mod 2^bits

    the prover           knows  u, v, c1 (and so c2)     Said
    its previous seat    knows  u, c1                    HeardOfNext
    its next seat        knows  v, c2                    HeardOfPrev

Each of the three writes the same equations down in the same order, with as many
products; an equation may have none. All are brought to 32 bits by 2^(32 - bits).

For the proof (`ipse.matching.proof`) they are laid out in columns of ROWS rows, those
with equally many products together. An equation's products stand below each other;
short equations share a column, a long one has whole columns. Each equation's weight
is alpha_q beta_s: q is its place in a column, s the sheet, which is one column of
short equations, or all those of a long one::

              sheet 0   sheet 1  ...            sheet 0, one equation
    place 0   u v       u v                     u v   u v   u v
    place 1   u v       u v                     u v   u v   u v
      ...                                        ...

Which equations there are is public. Specification: docs/spec/matching.md, section 8.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.crypto.secret import Secret
from ipse.ground.errors import Malformed
from ipse.matching.galois import Numbers

WORD_BITS: Final = 32

LEAST_ROWS: Final = 8
MOST_ROWS: Final = 64
"""Rows of a column, by powers of two. A proof sends twice as many elements as rows in
one round, and as many as columns to each side in the next. More than 64 would save
little, cost the prover as much time as they are, and the proof a bit of its soundness:
2 * 64 + 3 chances to pass are fewer than 2^8."""

MOST_COLUMNS: Final = 4
"""Columns for each row, up to MOST_ROWS. The prover's time grows with the square of
the rows, so columns are rather more than rows."""

Shape: TypeAlias = tuple[int, int]
"""Equations, and products of each."""


@dataclass(frozen=True)
class Group:
    """Equations with equally many products, laid out in columns."""

    equations: int
    products: int  # of each equation
    rows: int  # of a column

    @cached_property
    def places(self) -> int:
        """Equations in a sheet: with alphas of their own."""
        return max(1, self.rows // max(1, self.products))

    @cached_property
    def sheets(self) -> int:
        """Sheets: with betas of their own."""
        return -(-self.equations // self.places)

    @cached_property
    def sheet_columns(self) -> int:
        """Columns of a sheet; none where there is nothing to multiply."""
        return -(-self.products // self.rows)

    @cached_property
    def columns(self) -> int:
        """All columns."""
        return self.sheets * self.sheet_columns

    @cached_property
    def run(self) -> int:
        """Rows of one equation in a column."""
        return min(self.products, self.rows)

    def laid(self, factors: Numbers) -> Numbers:
        """Lay factors out: uint32[equations, products] to uint32[rows, columns]."""
        out = np.zeros((self.rows, self.columns), np.uint32)
        if self.sheet_columns > 1:
            length = self.sheet_columns * self.rows
            padded = np.zeros((self.equations, length), np.uint32)
            padded[:, : self.products] = factors
            out[:] = padded.reshape(-1, self.rows).T
        elif self.products:
            padded = np.zeros((self.places * self.sheets, self.products), np.uint32)
            padded[: self.equations] = factors
            cut = padded.reshape(self.places, self.sheets, self.products)
            used = self.places * self.products
            out[:used] = cut.transpose(0, 2, 1).reshape(used, self.sheets)
        return out

    def placed(self, constants: Numbers) -> Numbers:
        """Lay constants out: uint32[equations] to uint32[places, sheets]."""
        out = np.zeros(self.places * self.sheets, np.uint32)
        out[: self.equations] = constants
        return out.reshape(self.places, self.sheets)


@dataclass(frozen=True)
class Layout:
    """How all equations of a statement are laid out: the same at all three seats."""

    rows: int
    groups: tuple[Group, ...]

    @cached_property
    def columns(self) -> int:
        """Columns of all groups together."""
        return sum(group.columns for group in self.groups)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Laid(Secret):
    """What one seat knows of a statement, laid out, group by group.

    Shapes: factors uint32[rows, columns], constants uint32[places, sheets].
    """

    layout: Layout
    u: tuple[Numbers, ...]  # none at its next seat
    v: tuple[Numbers, ...]  # none at its previous seat
    constants: tuple[Numbers, ...]  # c1, at its next seat c2


@dataclass(slots=True, eq=False, repr=False)
class _Statement(Secret):
    """Equations in the order in which they were written down."""

    _shapes: list[Shape] = field(default_factory=list)
    _u: list[Numbers] = field(default_factory=list)
    _v: list[Numbers] = field(default_factory=list)
    _constants: list[Numbers] = field(default_factory=list)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Equations and products, block by block. Public."""
        return tuple(self._shapes)

    def laid(self) -> Laid:
        """Lay out all equations, those with equally many products together."""
        layout = layout_of(self.shapes)
        return Laid(
            layout,
            *(
                tuple(self._laid(layout, blocks))
                for blocks in (self._u, self._v, self._constants)
            ),
        )

    def _laid(self, layout: Layout, blocks: Sequence[Numbers]) -> Iterator[Numbers]:
        for group in layout.groups if blocks else ():
            mine = [
                block
                for block, (_, products) in zip(blocks, self._shapes, strict=True)
                if products == group.products
            ]
            lay = group.laid if mine[0].ndim > 1 else group.placed
            yield lay(np.concatenate(mine))

    def _note(self, constants: Numbers, bits: int, *factors: Numbers) -> list[Numbers]:
        """Note constants; bring factors to one shape."""
        if constants.ndim != 1 or not 1 <= bits <= WORD_BITS:
            raise Malformed("An equation has one constant, and 1 to 32 bits.")
        try:
            products = factors[0].shape[1]
            shape = len(constants), products
            spread = [
                each if each.shape == shape else np.broadcast_to(each, shape)
                for each in factors
            ]
        except (IndexError, ValueError) as mismatch:
            raise Malformed(
                "Factors are [equations, products], equations as many as constants."
            ) from mismatch
        self._shapes.append(shape)
        self._constants.append(constants << np.uint32(WORD_BITS - bits))
        return spread


class Said(_Statement):
    """What this seat said."""

    __slots__ = ()

    def equations(self, bits: int, u: Numbers, v: Numbers, c1: Numbers) -> None:
        """Write down equations.

        Shapes: u, v are uint32[equations, products], either may have one row for all;
        c1 is uint32[equations].
        """
        u, v = self._note(c1, bits, u, v)
        self._u.append(_scaled(u, bits))
        self._v.append(_cut(v, bits))


class HeardOfNext(_Statement):
    """What the next seat said, as this one heard it."""

    __slots__ = ()

    def equations(self, bits: int, u: Numbers, c1: Numbers) -> None:
        """Write down equations. Shapes: as `Said`."""
        (u,) = self._note(c1, bits, u)
        self._u.append(_scaled(u, bits))


class HeardOfPrev(_Statement):
    """What the previous seat said, as this one heard it."""

    __slots__ = ()

    def equations(self, bits: int, v: Numbers, c2: Numbers) -> None:
        """Write down equations. Shapes: as `Said`."""
        (v,) = self._note(c2, bits, v)
        self._v.append(_cut(v, bits))


@lru_cache
def layout_of(shapes: tuple[Shape, ...]) -> Layout:
    """Lay out equations, in more rows the more products there are.

    A few shapes come up again and again, so layouts are kept.
    """
    equations: dict[int, int] = {}
    for count, products in shapes:
        equations[products] = equations.get(products, 0) + count
    total = sum(products * count for products, count in equations.items())
    rows = LEAST_ROWS
    while rows < MOST_ROWS and MOST_COLUMNS * rows * rows < total:
        rows *= 2
    groups = tuple(
        Group(count, products, rows)
        for products, count in sorted(equations.items())
        if count
    )
    return Layout(rows, groups)


def _scaled(factors: Numbers, bits: int) -> Numbers:
    return np.left_shift(factors, np.uint32(WORD_BITS - bits))


def _cut(factors: Numbers, bits: int) -> Numbers:
    """Leave what counts mod 2^bits, so that both who know it spell it alike."""
    kept: npt.NDArray[np.uint32] = factors & np.uint32((1 << bits) - 1)
    return kept
