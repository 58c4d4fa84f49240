"""GR(2^k, 2) is a ring with four points far enough apart to share among three."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.crypto import ring
from ipse.crypto.ring import LAGRANGE, ONE, POINTS, Element

elements = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)).map(Element)


def test_w_squared_is_minus_w_minus_one() -> None:
    w = Element((0, 1))
    assert ring.multiply(w, w) == (2**32 - 1, 2**32 - 1)


@given(elements, elements, elements)
def test_multiplication_distributes_and_commutes(
    a: Element, b: Element, c: Element
) -> None:
    left = ring.multiply(a, ring.subtract(b, c))
    assert left == ring.subtract(ring.multiply(a, b), ring.multiply(c, a))


@given(elements)
def test_an_element_is_a_unit_exactly_when_it_is_not_zero_mod_2(a: Element) -> None:
    if a[0] % 2 == a[1] % 2 == 0:
        with pytest.raises(ValueError, match="not invertible"):
            ring.inverse(a)
    else:
        assert ring.multiply(a, ring.inverse(a)) == ONE


def test_every_difference_of_two_points_and_of_a_point_and_zero_is_a_unit() -> None:
    places = [Element((0, 0)), *POINTS]
    for one in places:
        for other in places:
            if one != other:
                ring.inverse(ring.subtract(one, other))


@given(elements, elements, elements)
def test_the_weights_open_any_polynomial_of_degree_two(
    a: Element, b: Element, c: Element
) -> None:
    total = [0, 0]
    for point, weight in zip(POINTS, LAGRANGE, strict=True):
        square = ring.multiply(point, point)
        terms = (a, ring.multiply(b, point), ring.multiply(c, square))
        value = Element((sum(t[0] for t in terms), sum(t[1] for t in terms)))
        part = ring.multiply(value, weight)
        total = [total[0] + part[0], total[1] + part[1]]
    assert (total[0] % 2**32, total[1] % 2**32) == a


@given(elements, st.lists(elements, min_size=1, max_size=9))
@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_arrays_multiply_as_elements_do(
    dtype: type, factor: Element, packed: list[Element]
) -> None:
    array = np.array(packed, np.uint32).reshape(-1).astype(dtype)
    expected = np.array([ring.multiply(e, factor) for e in packed], np.uint32)
    assert (ring.times(array, factor) == expected.reshape(-1).astype(dtype)).all()


@given(st.lists(elements, min_size=1, max_size=9))
def test_a_mirrored_product_is_an_inner_product(packed: list[Element]) -> None:
    left = np.array(packed, np.uint32).reshape(-1)
    right = left[::-1].copy()
    mirrored = ring.mirrored(right).reshape(-1, 2)
    total = sum(
        ring.multiply(Element((int(a[0]), int(a[1]))), Element((int(b[0]), int(b[1]))))[
            0
        ]
        for a, b in zip(left.reshape(-1, 2), mirrored, strict=True)
    )
    assert total % 2**32 == int((left * right).sum(dtype=np.uint32))
