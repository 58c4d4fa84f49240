"""Both sides compute the polynomials that their docstring says, term by term."""

import numpy as np
import pytest

from ipse.crypto.stream import Stream
from ipse.matching import galois
from ipse.matching.galois import DEGREE, Elements
from ipse.matching.sides import (
    Side,
    Weights,
    elements,
    first_side,
    prover_sides,
    second_side,
    told,
)
from ipse.matching.statement import HeardOfNext, HeardOfPrev, Laid, Said

COIN = bytes(range(32))
KEYS = bytes([1]) * 32, bytes([2]) * 32
POINT = np.uint64(0x9E3779B97F4A7C15)
SHAPES = [(5, 3), (11, 1), (2, 20), (4, 0), (1, 8)]


@pytest.fixture(name="laid")
def _laid() -> tuple[Laid, Laid, Laid]:
    """One statement, as the prover and its first and second verifier lay it out."""
    dice = np.random.default_rng(1)
    said, first, second = Said(), HeardOfNext(), HeardOfPrev()
    for equations, products in SHAPES:
        u, v = dice.integers(0, 2**32, (2, equations, products), np.uint32)
        c1 = dice.integers(0, 2**32, equations, np.uint32)
        said.equations(32, u, v, c1)
        first.equations(32, u, c1)
        second.equations(32, v, -((u * v).sum(axis=1, dtype=np.uint32) + c1))
    return said.laid(), first.laid(), second.laid()


def sides_of(laid: tuple[Laid, Laid, Laid]) -> tuple[Side, Side, Side, Side]:
    """The prover's two sides, and the two verifiers' own."""
    own, of_first, of_second = laid
    weights = Weights.drawn(own.layout, COIN)
    first, second = prover_sides(own, weights, *map(Stream, KEYS))
    mask = elements(Stream(KEYS[1]), own.layout.columns)
    return (
        first,
        second,
        first_side(of_first, weights, Stream(KEYS[0])),
        second_side(of_second, weights, mask, told(second)),
    )


def times(element: Elements, binary: np.uint64) -> Elements:
    return galois.scaled(element[np.newaxis], np.array([binary], np.uint64))[0]


def number(value: np.uint32) -> Elements:
    element = np.zeros(DEGREE, np.uint32)
    element[0] = value
    return element


def polynomials(laid: Laid, side: Side) -> list[list[Elements]]:
    """All columns' polynomials, from the definition."""
    rows, found = laid.layout.rows, []
    for (group, alphas, _), factors in zip(
        side.weights.groups, side.factors, strict=True
    ):
        for column in factors.T:
            terms = [number(0)] * rows
            for row in range(rows):
                if side.is_first:
                    place = row // max(1, group.run)
                    alpha = alphas[place] if place < len(alphas) else np.uint64(0)
                    terms[row] = times(number(column[row]), alpha)
                else:
                    terms[rows - 1 - row] = number(column[row])
            found.append([*terms, side.mask[len(found)]])
    return found


def test_shares_of_the_product_add_up_to_it(laid: tuple[Laid, Laid, Laid]) -> None:
    own = laid[0]
    first, second, _, _ = sides_of(laid)
    rows = own.layout.rows
    expected = np.zeros((2 * rows + 1, DEGREE), np.uint32)
    betas = first.weights.of_columns
    for beta, one, other in zip(
        betas, polynomials(own, first), polynomials(own, second), strict=True
    ):
        for i, left in enumerate(one):
            for j, right in enumerate(other):
                product = galois.inner(left[np.newaxis], right[np.newaxis])
                expected[i + j] += times(product, beta)
    assert (first.share + second.share == expected).all()


def test_one_coefficient_is_the_weighted_sum_of_all_equations(
    laid: tuple[Laid, Laid, Laid],
) -> None:
    own = laid[0]
    first, second, of_first, of_second = sides_of(laid)
    middle = own.layout.rows - 1
    total = first.share[middle] + second.share[middle]
    expected = np.zeros(DEGREE, np.uint32)
    for (group, alphas, betas), u, v in zip(
        first.weights.groups, own.u, own.v, strict=True
    ):
        if not group.products:
            continue
        for column, (one, other) in enumerate(zip(u.T, v.T, strict=True)):
            beta = betas[column // group.sheet_columns]
            for place, alpha in enumerate(alphas):
                run = slice(place * group.run, (place + 1) * group.run)
                products = (one[run] * other[run]).sum(dtype=np.uint32)
                expected += times(times(number(products), alpha), beta)
    assert (total == expected).all()
    # and that is what the verifiers' constants make of it
    verified = of_first.share[middle] + of_second.share[middle]
    unpaired = Weights.total(
        first.weights,
        [
            one + other if not group.products else np.zeros_like(one)
            for group, one, other in zip(
                own.layout.groups, laid[1].constants, laid[2].constants, strict=True
            )
        ],
    )
    assert (verified == expected - unpaired).all()


def test_equations_without_products_are_weighed_as_well(
    laid: tuple[Laid, Laid, Laid],
) -> None:
    """Those of the fixture are true: their constants add up to 0."""
    zero = [
        one + other
        for group, one, other in zip(
            laid[0].layout.groups, laid[1].constants, laid[2].constants, strict=True
        )
        if not group.products
    ]
    assert len(zero) == 1
    assert not zero[0].any()


def test_an_answer_is_what_the_polynomials_are_at_the_point(
    laid: tuple[Laid, Laid, Laid],
) -> None:
    for side in sides_of(laid)[:2]:
        answer = side.answer(POINT)
        for expected, terms in [
            *zip(answer[:-1], polynomials(laid[0], side), strict=True),
            (answer[-1], list(side.share)),
        ]:
            value = number(0)
            for term in reversed(terms):
                value = times(value, POINT) + term
            assert (value == expected).all()


def test_the_prover_knows_what_its_verifiers_must_answer(
    laid: tuple[Laid, Laid, Laid],
) -> None:
    first, second, of_first, of_second = sides_of(laid)
    assert (first.answer(POINT) == of_first.answer(POINT)).all()
    assert (second.answer(POINT) == of_second.answer(POINT)).all()


def test_answers_fit_if_and_only_if_nothing_is_changed(
    laid: tuple[Laid, Laid, Laid],
) -> None:
    _, _, first, second = sides_of(laid)
    mine, theirs = first.answer(POINT), second.answer(POINT)
    assert first.fits(mine, theirs)
    assert second.fits(theirs, mine)
    dice = np.random.default_rng(2)
    for changed in (mine, theirs):
        for _ in range(50):
            at = dice.integers(len(changed)), dice.integers(DEGREE)
            changed[at] ^= np.uint32(1 << 31)  # the smallest change in the ring
            assert not first.fits(mine, theirs)
            changed[at] ^= np.uint32(1 << 31)


def test_every_equation_has_a_weight_of_its_own(laid: tuple[Laid, Laid, Laid]) -> None:
    weights = Weights.drawn(laid[0].layout, COIN)
    seen = set()
    for group, alphas, betas in weights.groups:
        assert (len(alphas), len(betas)) == (group.places, group.sheets)
        for alpha in alphas:
            for beta in betas:
                one = galois.spelled(np.array([alpha], np.uint64))
                seen.add(galois.scaled(one, np.array([beta], np.uint64)).tobytes())
    laid_out = sum(group.places * group.sheets for group in laid[0].layout.groups)
    assert len(seen) == laid_out


def test_another_coin_gives_other_weights(laid: tuple[Laid, Laid, Laid]) -> None:
    layout = laid[0].layout
    one, other = (Weights.drawn(layout, coin) for coin in (COIN, COIN[::-1]))
    assert not (one.alphas == other.alphas).any()
    assert not (one.betas == other.betas).any()
