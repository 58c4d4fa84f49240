"""GR(2^32, 64) is a ring in which different binary elements differ by a unit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.matching import galois
from ipse.matching.galois import DEGREE, Columns

MODULUS = 1 << 32
LOW = (0, 1, 3, 4)  # X^64 = -(1 + X + X^3 + X^4)
POLYNOMIAL = 1 << 64 | 0b11011

words = st.integers(0, MODULUS - 1)
elements = st.lists(words, min_size=DEGREE, max_size=DEGREE)
binaries = st.integers(0, 2**64 - 1)
quick = settings(max_examples=30, deadline=None)


def slow(left: list[int], right: list[int]) -> list[int]:
    """Multiply as one does on paper: Python's integers, one power after the other."""
    wide = [0] * (2 * DEGREE)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            wide[i + j] += a * b
    for power in reversed(range(DEGREE, 2 * DEGREE)):
        for low in LOW:
            wide[power - DEGREE + low] -= wide[power]
    return [word % MODULUS for word in wide[:DEGREE]]


def plus(left: list[int], right: list[int]) -> list[int]:
    return [(a + b) % MODULUS for a, b in zip(left, right, strict=True)]


def bits(binary: int) -> list[int]:
    return [binary >> k & 1 for k in range(DEGREE)]


def array(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.uint32)


def some(count: int, seed: int) -> np.ndarray:
    dice = np.random.default_rng(seed)
    return dice.integers(0, MODULUS, (count, DEGREE), np.uint32)


def times_mod_2(left: int, right: int) -> int:
    product = 0
    for k in range(DEGREE):
        product ^= (left << k) * (right >> k & 1)
    for k in reversed(range(DEGREE, 2 * DEGREE)):
        product ^= (POLYNOMIAL << k - DEGREE) * (product >> k & 1)
    return product


def remainder(left: int, right: int) -> int:
    while left.bit_length() >= right.bit_length():
        left ^= right << left.bit_length() - right.bit_length()
    return left


def test_the_modulus_is_irreducible_mod_2() -> None:
    """Rabin's test: X^(2^64) = X, and X^(2^32) - X has no factor in common with it."""
    power = 2
    for step in range(1, 65):
        power = times_mod_2(power, power)
        if step == 32:
            one, other = POLYNOMIAL, power ^ 2
            while other:
                one, other = other, remainder(one, other)
            assert one == 1
    assert power == 2


@quick
@given(elements, elements)
def test_elements_are_multiplied_as_on_paper(a: list[int], b: list[int]) -> None:
    assert galois.multiplied(array(a), array(b)[0]).tolist() == [slow(a, b)]
    assert galois.inner(array(a), array(b)).tolist() == slow(a, b)


@quick
@given(elements, binaries)
def test_a_binary_factor_is_one_that_is_spelled_out(a: list[int], b: int) -> None:
    spelled = galois.spelled(np.array([b], np.uint64))
    assert spelled.tolist() == [bits(b)]
    found = galois.scaled(array(a), np.array([b], np.uint64))
    assert found.tolist() == [slow(a, bits(b))]


@pytest.mark.parametrize("last", range(60, 64))
def test_the_highest_powers_are_reduced_twice(last: int) -> None:
    """What lies over X^124 comes back over X^64, and must be reduced again."""
    a, b = [0] * DEGREE, [0] * DEGREE
    a[last], b[63] = 5, 7
    assert galois.inner(array(a), array(b)).tolist() == slow(a, b)


@quick
@given(elements, elements, elements)
def test_multiplication_distributes_and_commutes(
    a: list[int], b: list[int], c: list[int]
) -> None:
    together = galois.inner(array(plus(a, b)), array(c)).tolist()
    assert together == galois.inner(array(c, c), array(a, b)).tolist()


@given(binaries, binaries)
@settings(max_examples=15, deadline=None)
def test_two_binary_elements_differ_by_a_unit(one: int, other: int) -> None:
    """A unit has an inverse: found mod 2, then lifted to twice the bits five times."""
    if one == other:
        return
    difference = [a - b for a, b in zip(bits(one), bits(other), strict=True)]
    inverse, square = 1, one ^ other
    for _ in range(63):  # to the power of 2^64 - 2
        square = times_mod_2(square, square)
        inverse = times_mod_2(inverse, square)
    lifted = bits(inverse)
    for _ in range(5):
        rest = [-word for word in slow(difference, lifted)]
        lifted = slow(lifted, plus([2] + [0] * 63, rest))
    assert slow(difference, lifted) == [1] + [0] * 63


@given(st.integers(1, MODULUS - 1), binaries, binaries)
@settings(max_examples=15, deadline=None)
def test_no_error_vanishes_under_two_weights(error: int, one: int, other: int) -> None:
    one_error = array([error] + [0] * 63)
    weighed = [
        galois.scaled(one_error, np.array([each], np.uint64)) for each in (one, other)
    ]
    assert (weighed[0] == weighed[1]).all() == (one == other)


def test_powers_begin_with_one() -> None:
    point = 0xD1B54A32D192ED03
    expected, power = [], [1] + [0] * 63
    for _ in range(5):
        expected.append(power)
        power = slow(power, bits(point))
    assert galois.powers(np.uint64(point), 5).tolist() == expected
    assert galois.powers(np.uint64(point), 0).shape == (0, DEGREE)


def test_a_polynomial_is_evaluated_power_by_power() -> None:
    point, coefficients = np.uint64(0xD1B54A32D192ED03), some(5, 2)
    value = galois.evaluated(coefficients, point).tolist()
    assert value == galois.inner(coefficients, galois.powers(point, 5)).tolist()


@pytest.mark.parametrize(("rows", "count"), [(1, 1), (2, 3), (3, 4), (5, 67), (1, 130)])
def test_numbers_times_elements_are_added_up(rows: int, count: int) -> None:
    dice = np.random.default_rng(count)
    numbers = dice.integers(0, MODULUS, (rows, count), np.uint32)
    given_elements = some(count, 1)
    found = galois.combined(numbers, given_elements)
    for row in range(rows):
        parts = numbers[row, :, np.newaxis] * given_elements
        assert (found[row] == parts.sum(axis=0, dtype=np.uint32)).all()


def columns_of(rows: int, columns: int, run: int) -> Columns:
    dice = np.random.default_rng([rows, columns, run])
    left, right = dice.integers(0, MODULUS, (2, rows, columns), np.uint32)
    left[rows // run * run :] = 0
    return Columns(left, right, run, dice.integers(0, 2**64, columns, np.uint64))


@pytest.mark.parametrize(
    ("rows", "shapes"),
    [
        (4, [(1, 1)]),
        (4, [(3, 2), (1, 4), (2, 1)]),
        (3, [(70, 3)]),
        (8, [(65, 8), (1, 3)]),
        (2, [(0, 1)]),
        (2, []),
    ],
)
def test_products_of_polynomials_are_weighed_and_added(
    rows: int, shapes: list[tuple[int, int]]
) -> None:
    alphas = np.random.default_rng(rows).integers(0, 2**64, rows, np.uint64)
    pairs = [columns_of(rows, *shape) for shape in shapes]
    expected = [[0] * DEGREE for _ in range(2 * rows - 1)]
    for each in pairs:
        for i in range(rows // each.run * each.run):
            for j in range(rows):
                total = [0] * DEGREE
                for m, beta in enumerate(each.betas):
                    factor = int(each.left[i, m]) * int(each.right[j, m])
                    total = plus(total, [factor * bit for bit in bits(int(beta))])
                weighed = slow(bits(int(alphas[i // each.run])), total)
                expected[i + j] = plus(expected[i + j], weighed)
    assert galois.polynomial(pairs, alphas, rows).tolist() == expected
