"""An honest year: whoever never fails never waits, and the meter is the real one."""

import numpy as np

from ipse_lab.drill.year import DAYS, VISITS, lived, years


def test_whoever_is_always_recognised_never_waits() -> None:
    year = lived(0.0, np.random.default_rng(1))
    assert (year.visits, year.turned_away) == (DAYS * VISITS, 0)
    assert year.months_spent == 0


def test_whoever_is_never_recognised_is_turned_away_every_time() -> None:
    year = lived(1.0, np.random.default_rng(1))
    assert year.months_spent >= 1
    assert year.turned_away == year.visits


def test_somebody_of_the_measured_rate_hardly_ever_waits() -> None:
    told = years(3, seed=4)
    assert told["3%"]["told_to_wait"]["rate"] < 0.002
    assert told["20%"]["told_to_wait"]["rate"] > 0.1
