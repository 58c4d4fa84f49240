"""A rate: how often something was seen in a drill, beside what was stated of it."""

import math
from dataclasses import dataclass
from typing import Any, Final

DEVIATIONS: Final = 4.0
"""How far a stated rate may lie from the measured one, in standard deviations: by
chance it happens in one of 16,000 comparisons."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something was seen, and what was stated of it."""

    seen: int
    of: int
    stated: float  # chance for each of them

    @property
    def measured(self) -> float:
        """The share that was seen."""
        return self.seen / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """95 % for the chance behind what was seen (Wilson 1927)."""
        return _wilson(self.seen, self.of, 1.96)

    @property
    def is_as_stated(self) -> bool:
        """What was stated is compatible with what was seen."""
        low, high = _wilson(self.seen, self.of, DEVIATIONS)
        return low <= self.stated <= high

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        return {
            "seen": self.seen,
            "of": self.of,
            "measured": self.measured,
            "interval_95": list(self.interval),
            "stated": self.stated,
        }


def _wilson(seen: int, of: int, deviations: float) -> tuple[float, float]:
    """Interval for a chance. Source: Wilson, JASA 22 (1927)."""
    share, square = seen / of, deviations**2
    middle = share + square / (2 * of)
    spread = deviations * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    low, high = middle - spread, middle + spread
    return max(0.0, low / (1 + square / of)), min(1.0, high / (1 + square / of))
