"""Are these bytes noise? Pearson's chi-square test against the uniform distribution.

    x = sum over 256 values of (count - n/256)^2 / (n/256)
    p = Q(255/2, x/2)          the chance that true noise looks at least this odd

Q is the regularised upper incomplete gamma function, by its continued fraction
(Lentz's method) or, below a + 1, by the series of P = 1 - Q; both as in Numerical
Recipes, section 6.2. No SciPy is needed, and no normal approximation is made: for
true noise p is uniform on (0, 1), up to the multinomial's own discreteness, which at
a thousand bytes of each value is of no account.

A tiny p convicts the bytes of a pattern; a p very near 1 of being too even.
"""

import math
from typing import Final

import numpy as np

VALUES: Final = 256
_MOST_STEPS: Final = 10_000
_PRECISION: Final = 1e-14
_TINY: Final = 1e-300


def uniformity_p(content: bytes) -> float:
    """Return the p-value of the hypothesis that each byte is uniform.

    Bytes at least: 5 * 256, the usual rule for the test to be fair.
    """
    counts = np.bincount(np.frombuffer(content, np.uint8), minlength=VALUES)
    expected = len(content) / VALUES
    statistic = float(((counts - expected) ** 2).sum() / expected)
    return chi_square_survival(statistic, VALUES - 1)


def chi_square_survival(statistic: float, degrees: int) -> float:
    """Chance that a chi-square variable of that many degrees is at least this large."""
    a, x = degrees / 2, statistic / 2
    if x <= 0:
        return 1.0
    return 1 - _lower(a, x) if x < a + 1 else _upper(a, x)


def _lower(a: float, x: float) -> float:
    """P(a, x) by its series, for x < a + 1."""
    term = total = 1 / a
    for n in range(1, _MOST_STEPS):
        term *= x / (a + n)
        total += term
        if term < total * _PRECISION:
            break
    return total * _weight(a, x)


def _upper(a: float, x: float) -> float:
    """Q(a, x) by its continued fraction, for x >= a + 1."""
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    fraction = d
    for n in range(1, _MOST_STEPS):
        numerator, b = n * (a - n), b + 2
        d = 1 / (_away(numerator * d + b))
        c = _away(b + numerator / c)
        change = c * d
        fraction *= change
        if abs(change - 1) < _PRECISION:
            break
    return fraction * _weight(a, x)


def _weight(a: float, x: float) -> float:
    return math.exp(a * math.log(x) - x - math.lgamma(a))


def _away(number: float) -> float:
    """Keep a denominator away from zero."""
    return number if abs(number) > _TINY else _TINY
