"""Two sides of a proof: what its prover and its verifiers compute. No message is here.

Column m of a statement (`ipse.matching.statement`) is two polynomials of degree rows,
the last term of each a mask::

    U_m = alpha_0 u_0m + alpha_1 u_1m X + ...         + a_m X^rows     first side
    V_m = v_0m X^(rows - 1) + v_1m X^(rows - 2) + ... + b_m X^rows     second side

    h = sum over m of beta_m U_m V_m      degree 2 rows, shared: h = first + second

A mask's products begin at X^rows, so the coefficient of X^(rows - 1) in h is the
weighted sum of all u v. Of it no share is told: the sides take the weighted sums of
their constants, negated, and if the statement is false that is no sharing of h.

At a point r, a side answers with its polynomials and its share. Answers fit if

    sum over m of beta_m U_m(r) V_m(r) = first(r) + second(r)

Specification: docs/spec/matching.md, section 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from ipse.crypto.secret import Secret
from ipse.crypto.stream import Stream
from ipse.matching.galois import (
    DEGREE,
    Binaries,
    Columns,
    Elements,
    Numbers,
    combined,
    evaluated,
    inner,
    multiplied,
    polynomial,
    powers,
    scaled,
    spelled,
)
from ipse.matching.statement import Group, Laid, Layout

ELEMENT_BYTES = 4 * DEGREE


@dataclass(frozen=True, eq=False)
class Weights:
    """Public weights of a statement's equations: alpha_q beta_s."""

    layout: Layout
    alphas: Binaries  # uint64[rows], one for each place in a column
    betas: Binaries  # uint64[sheets of all groups]

    @classmethod
    def drawn(cls, layout: Layout, coin: bytes) -> "Weights":
        """Draw all weights from a coin of 32 bytes."""
        sheets = sum(group.sheets for group in layout.groups)
        drawn = Stream(coin).draw(8 * (layout.rows + sheets)).view(np.uint64)
        return cls(layout, drawn[: layout.rows], drawn[layout.rows :])

    @cached_property
    def groups(self) -> tuple[tuple[Group, Binaries, Binaries], ...]:
        """Each group with its alphas and betas: uint64[places], [sheets]."""
        ends = accumulate(group.sheets for group in self.layout.groups)
        return tuple(
            (group, self.alphas[: group.places], self.betas[end - group.sheets : end])
            for group, end in zip(self.layout.groups, ends, strict=True)
        )

    @cached_property
    def of_columns(self) -> Binaries:
        """The beta of each column's sheet: uint64[columns]."""
        spread = [
            np.repeat(betas, group.sheet_columns) for group, _, betas in self.groups
        ]
        return np.concatenate([np.empty(0, np.uint64), *spread])

    def total(self, constants: Sequence[Numbers]) -> Elements:
        """Add up constants, each with its weight. Shapes: as `Laid`; uint32[64]."""
        total = np.zeros(DEGREE, np.uint32)
        for (_, alphas, betas), each in zip(self.groups, constants, strict=True):
            places = combined(each, spelled(betas))
            total += scaled(places, alphas).sum(axis=0, dtype=np.uint32)
        return total


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Side(Secret):
    """One verifier's side, which the prover knows as well."""

    weights: Weights
    factors: tuple[Numbers, ...]  # by group, uint32[rows, columns]
    mask: Elements  # uint32[columns, 64]
    share: Elements  # uint32[2 * rows + 1, 64]: its share of h
    is_first: bool

    def answer(self, point: np.uint64) -> Elements:
        """Evaluate all polynomials, and then the share: uint32[columns + 1, 64]."""
        rows = self.weights.layout.rows
        at = powers(point, rows + 1)
        answer = np.empty((len(self.mask) + 1, DEGREE), np.uint32)
        answer[:-1] = multiplied(self.mask, at[rows])
        start = 0
        for (group, alphas, _), each in zip(
            self.weights.groups, self.factors, strict=True
        ):
            terms = at[rows - 1 :: -1]
            if self.is_first:
                terms = scaled(at[:rows], _by_row(group, alphas))
            columns = np.ascontiguousarray(each.T)
            answer[start : start + group.columns] += combined(
                columns, np.ascontiguousarray(terms)
            )
            start += group.columns
        answer[-1] = evaluated(self.share, point)
        return answer

    def fits(self, mine: Elements, theirs: Elements) -> bool:
        """Say whether both sides' answers at one point fit each other."""
        products = inner(scaled(mine[:-1], self.weights.of_columns), theirs[:-1])
        return bool((products == mine[-1] + theirs[-1]).all())


def first_side(laid: Laid, weights: Weights, stream: Stream) -> Side:
    """Take the first side, whose mask and share of h are drawn."""
    mask = elements(stream, laid.layout.columns)
    told = elements(stream, 2 * laid.layout.rows)
    share = _completed(weights, told, laid.constants)
    return Side(weights, laid.u, mask, share, is_first=True)


def second_side(laid: Laid, weights: Weights, mask: Elements, told: Elements) -> Side:
    """Take the second side, whose share of h the prover tells.

    Shapes: mask uint32[columns, 64], told uint32[2 * rows, 64].
    """
    share = _completed(weights, told, laid.constants)
    return Side(weights, laid.v, mask, share, is_first=False)


def prover_sides(
    laid: Laid, weights: Weights, with_first: Stream, with_second: Stream
) -> tuple[Side, Side]:
    """Take both sides of one's own statement."""
    first = first_side(laid, weights, with_first)
    mask = elements(with_second, laid.layout.columns)
    share = _product(laid, weights, first.mask, mask) - first.share
    return first, Side(weights, laid.v, mask, share, is_first=False)


def told(side: Side) -> Elements:
    """What the prover tells of the second side's share: uint32[2 * rows, 64]."""
    return np.delete(side.share, side.weights.layout.rows - 1, axis=0)


def elements(stream: Stream, count: int) -> Elements:
    """Draw uniform elements: uint32[count, 64]."""
    return stream.draw(count * ELEMENT_BYTES).view(np.uint32).reshape(count, DEGREE)


def _completed(
    weights: Weights, share: Elements, constants: Sequence[Numbers]
) -> Elements:
    """Put in the coefficient of which no share is told."""
    rows = weights.layout.rows
    total = np.negative(weights.total(constants))
    return np.concatenate([share[: rows - 1], total[np.newaxis], share[rows - 1 :]])


def _product(laid: Laid, weights: Weights, a: Elements, b: Elements) -> Elements:
    """Coefficients of h: uint32[2 * rows + 1, 64]."""
    rows = laid.layout.rows
    product = np.zeros((2 * rows + 1, DEGREE), np.uint32)
    of_columns = weights.of_columns
    a, b_weighed = scaled(a, of_columns), scaled(b, of_columns)
    product[-1] = inner(a, b)
    start, pairs = 0, []
    for (group, alphas, _), u, v in zip(weights.groups, laid.u, laid.v, strict=True):
        columns = slice(start, start + group.columns)
        turned = np.ascontiguousarray(v[::-1])
        if group.columns:
            pairs.append(Columns(u, turned, group.run, of_columns[columns]))
        product[rows:-1] += combined(turned, a[columns])
        by_row = _by_row(group, alphas)
        product[rows:-1] += scaled(combined(u, b_weighed[columns]), by_row)
        start += group.columns
    product[: 2 * rows - 1] += polynomial(pairs, weights.alphas, rows)
    return product


def _by_row(group: Group, alphas: Binaries) -> Binaries:
    """Give each row of a column the alpha of its equation, and 0 below the last."""
    by_row = np.zeros(group.rows, np.uint64)
    spread = np.repeat(alphas, group.run)
    by_row[: len(spread)] = spread
    return by_row
