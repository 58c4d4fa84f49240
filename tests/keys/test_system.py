"""The machine's clock and dice are the operating system's."""

import time

from ipse.keys.system import SystemClock, SystemEntropy


def test_the_clock_tells_milliseconds_since_1970() -> None:
    before = time.time()
    now = SystemClock().now()
    assert before * 1_000 - 1 <= now <= time.time() * 1_000


def test_the_dice_are_not_stuck() -> None:
    """2,048 fair bits lie within six standard deviations of half."""
    ones = int.from_bytes(SystemEntropy().draw(256)).bit_count()
    assert abs(ones - 1_024) < 6 * 22.7
