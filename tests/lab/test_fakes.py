"""The fakes keep the promises of the ports that they stand in for."""

from collections.abc import Callable

import pytest

from ipse.ground.names import Instant
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.ports import Clock, Entropy
from ipse_lab.fakes import CountedEntropy, SettableClock

CLOCKS: list[Callable[[], Clock]] = [SystemClock, lambda: SettableClock(Instant(5))]
DICE: list[Callable[[], Entropy]] = [SystemEntropy, CountedEntropy]


@pytest.mark.parametrize("make", CLOCKS)
def test_clocks_tell_whole_milliseconds_and_do_not_run_back(
    make: Callable[[], Clock],
) -> None:
    clock = make()
    first, second = clock.now(), clock.now()
    assert type(first) is int
    assert 0 <= first <= second


@pytest.mark.parametrize("make", DICE)
def test_dice_give_as_much_as_is_asked_and_never_the_same_twice(
    make: Callable[[], Entropy],
) -> None:
    dice = make()
    assert [len(dice.draw(size)) for size in (0, 1, 16, 1_000)] == [0, 1, 16, 1_000]
    assert len({dice.draw(16) for _ in range(1_000)}) == 1_000


def test_a_settable_clock_stands_still_until_it_is_moved() -> None:
    clock = SettableClock(Instant(5))
    assert clock.now() == clock.now() == 5
    clock.advance(10)
    assert clock.now() == 15
    clock.set(Instant(3))
    assert clock.now() == 3


def test_counted_dice_throw_the_same_in_each_run_of_the_same_name() -> None:
    once, again, other = (CountedEntropy(name) for name in ("a", "a", "b"))
    throws = [once.draw(8) for _ in range(5)]
    assert throws == [again.draw(8) for _ in range(5)]
    assert other.draw(8) not in throws
    assert once.drawn == 5
    assert throws[0].hex() == "6fffdac7e23c31a1"
