"""Fakes behind the ports: a clock that is set, and dice that can be thrown again.

For tests, vectors and laboratory networks. They are as strict as the real ones
(tests/lab/test_fakes.py), and worthless as a source of secrets.
"""

import hashlib

from ipse.ground.names import Instant


class SettableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: Instant) -> None:
        """Start at an instant."""
        self._now = now

    def now(self) -> Instant:
        """Return the instant that was set last."""
        return self._now

    def set(self, now: Instant) -> None:
        """Move to an instant, forwards or backwards, as real clocks do."""
        self._now = now

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self._now = Instant(self._now + milliseconds)


class CountedEntropy:
    """Dice whose n-th throw is a digest of a name and n: the same on each run."""

    def __init__(self, name: str = "") -> None:
        """Start the row of throws that has this name."""
        self._name = name
        self.drawn = 0  # throws so far

    def draw(self, size: int) -> bytes:
        """Return `size` bytes that no earlier throw of these dice returned."""
        self.drawn += 1
        return hashlib.shake_256(f"{self._name}/{self.drawn}".encode()).digest(size)
