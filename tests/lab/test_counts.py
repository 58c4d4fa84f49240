"""Counts are told with what they leave open."""

import numpy as np
import pytest

from ipse_lab.drill.counts import most_by_chance, share, spread


def test_a_share_has_wilson_s_interval() -> None:
    told = share(8, 100)
    assert told["rate"] == 0.08
    assert told["rate_95"] == pytest.approx([0.0411, 0.1500], abs=1e-4)


@pytest.mark.parametrize(("count", "side", "bound"), [(0, 0, 0.0), (50, 1, 1.0)])
def test_none_and_all_leave_the_other_side_open(
    count: int, side: int, bound: float
) -> None:
    interval = share(count, 50)["rate_95"]
    assert interval[side] == bound
    assert interval[1 - side] == pytest.approx(abs(bound - 0.0713), abs=1e-3)


def test_a_median_lies_within_its_interval_and_quantiles_without() -> None:
    told = spread(np.arange(1_001))
    low, high = told["median_95"]
    assert told["median"] == 500
    assert (low, high) == (468, 532)
    assert (told["p5"], told["p95"]) == (50, 950)


def test_of_nothing_nothing_is_told() -> None:
    assert spread(np.zeros(0)) is None
    assert spread(np.array([7]))["median_95"] == [7, 7]


def test_chance_is_exceeded_once_in_a_million() -> None:
    assert most_by_chance(0) == 0
    assert most_by_chance(1) == 9  # a Poisson variable of mean 1 exceeds 9: 1.1e-7
