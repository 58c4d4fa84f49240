"""The machine's own clock and dice."""

import os
import time

from ipse.ground.names import Instant


class SystemClock:
    """The operating system's time."""

    def now(self) -> Instant:
        """Return the present, in milliseconds since 1970-01-01T00:00:00Z."""
        return Instant(time.time_ns() // 1_000_000)


class SystemEntropy:
    """The operating system's cryptographic random numbers."""

    def draw(self, size: int) -> bytes:
        """Return `size` fresh, uniform, unpredictable bytes."""
        return os.urandom(size)
