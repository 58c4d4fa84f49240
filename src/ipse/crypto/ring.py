"""The Galois ring GR(2^k, 2): pairs of integers mod 2^k, with w^2 = -w - 1.

An element is a pair (c0, c1) for c0 + c1 w. Two entries of a template are packed
into one element, so that a Shamir share is as long as the template itself.
Z_2^k alone has no three points whose differences are units, and so no Shamir
sharing among three; this extension has four: 0, 1, w and w + 1.

Arrays hold elements as consecutive pairs in their last axis, in uint16 (k = 16)
or uint32 (k = 32); arithmetic wraps, as it should. Reduction from k = 32 to 16
is a ring homomorphism, so it may be done share by share.

Source: Abspoel, Cramer, Damgard, Escudero, Yuan, "Efficient Information-Theoretic
Secure Multiparty Computation over Z/p^kZ via Galois Rings", TCC 2019, section 3.
"""

from typing import Any, Final, NewType, TypeAlias

import numpy as np
import numpy.typing as npt

Element = NewType("Element", tuple[int, int])
"""c0 + c1 w, both mod 2^32; smaller rings use the same constants, reduced."""

Words: TypeAlias = npt.NDArray[Any]
"""uint16 or uint32 [..., 2 m]: m packed elements of the ring of that width."""

_MODULUS: Final = 1 << 32
ONE: Final = Element((1, 0))
POINTS: Final = (Element((1, 0)), Element((0, 1)), Element((1, 1)))
"""Where the sharing polynomial is evaluated: seat 0 at 1, seat 1 at w, seat 2 at
w + 1. Each difference of two, and of one and 0, is a unit."""


def multiply(left: Element, right: Element) -> Element:
    """Multiply two elements."""
    (a, b), (c, d) = left, right
    return Element(((a * c - b * d) % _MODULUS, (a * d + b * c - b * d) % _MODULUS))


def subtract(left: Element, right: Element) -> Element:
    """Subtract `right` from `left`."""
    return Element(((left[0] - right[0]) % _MODULUS, (left[1] - right[1]) % _MODULUS))


def inverse(element: Element) -> Element:
    """Invert a unit, by its conjugate over its norm.

    With the other root of x^2 + x + 1, the conjugate of a + b w is (a - b) - b w,
    and the norm a^2 - a b + b^2 is odd exactly for units.

    Raises:
        ValueError: the element is no unit.
    """
    a, b = element
    norm = (a * a - a * b + b * b) % _MODULUS
    scale = pow(norm, -1, _MODULUS)
    return Element(((a - b) * scale % _MODULUS, -b * scale % _MODULUS))


def _lagrange(seat: int) -> Element:
    weight = ONE
    for other, point in enumerate(POINTS):
        if other != seat:
            zero_less_point = subtract(Element((0, 0)), point)
            weight = multiply(weight, zero_less_point)
            weight = multiply(weight, inverse(subtract(POINTS[seat], point)))
    return weight


LAGRANGE: Final = tuple(_lagrange(seat) for seat in range(len(POINTS)))
"""Weights with f(0) = sum of LAGRANGE[i] * f(POINTS[i]), for degree 2 or less."""


def _divided(seat: int) -> Element:
    weight = ONE
    for other, point in enumerate(POINTS):
        if other != seat:
            weight = multiply(weight, inverse(subtract(POINTS[seat], point)))
    return weight


DIVIDED: Final = tuple(_divided(seat) for seat in range(len(POINTS)))
"""Weights with 0 = sum of DIVIDED[i] * f(POINTS[i]), for degree 1 or less: the second
divided difference. Three shares fit together exactly where it is zero."""


def times(packed: Words, factor: Element) -> Words:
    """Multiply every packed element by one constant.

    Shapes: packed is uint16 or uint32 [..., 2 m]; so is the result.
    """
    dtype = packed.dtype.type
    c, d = (
        dtype(factor[0] & np.iinfo(dtype).max),
        dtype(factor[1] & np.iinfo(dtype).max),
    )
    a, b = packed[..., 0::2], packed[..., 1::2]
    product = np.empty_like(packed)
    product[..., 0::2] = a * c - b * d
    product[..., 1::2] = a * d + b * c - b * d
    return product


def mirrored(packed: Words) -> Words:
    """Negate every second coordinate.

    It turns a product into an inner product: the constant coefficient of
    (a0 + a1 w)(b0 - b1 w) is a0 b0 + a1 b1.
    """
    turned = packed.copy()
    np.negative(turned[..., 1::2], out=turned[..., 1::2])
    return turned
