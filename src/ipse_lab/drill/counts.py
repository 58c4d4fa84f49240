"""How counts are told: a share with its interval, values with their spread.

Shares: E. B. Wilson's interval (JASA 22, 1927), which holds for few and for none.
Medians: the order statistics that a fair coin leaves between them.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

NORMAL_95: Final = 1.96
"""Standard deviations about the mean that hold 95 % of a normal variable."""

CHANCE: Final = 1e-6
"""Chance with which what is as frequent as strangers exceeds its bound."""

Told = dict[str, object]


def share(count: int, of: int) -> Told:
    """Tell a count as a share, with the 95 % interval."""
    rate, z = count / of, NORMAL_95
    middle = (rate + z**2 / (2 * of)) / (1 + z**2 / of)
    half = z * math.sqrt(rate * (1 - rate) / of + z**2 / (4 * of**2)) / (1 + z**2 / of)
    low = max(0.0, middle - half) if count else 0.0
    high = min(1.0, middle + half) if count < of else 1.0
    interval = [_round(low), _round(high)]
    return {"count": count, "of": of, "rate": _round(rate), "rate_95": interval}


def spread(values: npt.NDArray[np.number]) -> Told | None:
    """Tell values by their quantiles, the median with its 95 %; None of none."""
    if not len(values):
        return None
    ordered = np.sort(values)
    half = NORMAL_95 * math.sqrt(len(ordered)) / 2
    middle = (len(ordered) - 1) / 2
    low = ordered[max(0, math.floor(middle - half))]
    high = ordered[min(len(ordered) - 1, math.ceil(middle + half))]
    p5, median, p95 = np.percentile(ordered, [5, 50, 95])
    return {
        "p5": _round(p5),
        "median": _round(median),
        "median_95": [_round(low), _round(high)],
        "p95": _round(p95),
    }


def _round(value: float) -> float:
    """Keep what such a sample can tell: four digits."""
    return float(f"{value:.4g}")


def most_by_chance(mean: float) -> int:
    """The smallest count that a Poisson variable exceeds with less than CHANCE."""
    term = tail = math.exp(-mean)
    count = 0
    while 1 - tail > CHANCE:
        count += 1
        term *= mean / count
        tail += term
    return count
