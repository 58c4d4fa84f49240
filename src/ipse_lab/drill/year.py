"""An honest person's year under the meter: how often are they told to wait?

VISITS a day, at any time of sixteen hours; whoever is not recognised tries again after
RETRY_MS until recognised or told to wait, and then gives this visit up. Failures are
independent, each as frequent as FNMR says.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ipse.ground.names import Instant
from ipse.ground.params import METER_FAILURES
from ipse.receipt.meter import UNTRIED, allowed_from, tried
from ipse_lab.drill.counts import Told, share

VISITS: Final = 10
"""Verifications a day: every door, sign-in and payment of a busy day."""

DAYS: Final = 360
"""Twelve terms of the meter."""

RETRY_MS: Final = 15_000
"""Milliseconds until somebody who was not recognised holds still again."""

FNMRS: Final = (0.03, 0.05, 0.1, 0.2)
"""Of the README's 3 %, of 5 % as an ageing template may have, and of people whom
templates suit badly."""

_DAY_MS: Final = 86_400_000
_AWAKE_MS: Final = 16 * 3_600_000


@dataclass(frozen=True, slots=True)
class Year:
    """What became of the visits of one year."""

    visits: int
    turned_away: int  # told to wait
    months_spent: int  # months in which the cap was reached


def lived(fnmr: float, dice: np.random.Generator) -> Year:
    """Live one year."""
    at_times = np.sort(dice.integers(0, _AWAKE_MS, (DAYS, VISITS)), axis=1)
    starts = (at_times + _DAY_MS * np.arange(DAYS)[:, None]).ravel().tolist()
    meter, now, turned_away, spent = UNTRIED, Instant(0), 0, set[int]()
    for start in starts:
        now = Instant(max(now, start))
        while True:
            if allowed_from(meter, now) > now:
                turned_away += 1
                break
            is_match = bool(dice.random() >= fnmr)
            meter = tried(meter, now, is_match=is_match)
            if meter.failures == METER_FAILURES:
                spent.add(meter.term)
            if is_match:
                break
            now = Instant(now + RETRY_MS)
    return Year(len(starts), turned_away, len(spent))


def years(count: int, seed: int) -> Told:
    """Live so many years at every FNMR."""
    told: Told = {}
    for fnmr in FNMRS:
        dice = np.random.default_rng((seed, round(1_000 * fnmr)))
        all_years = [lived(fnmr, dice) for _ in range(count)]
        told[f"{fnmr:.0%}"] = {
            "visits_a_day": VISITS,
            "told_to_wait": share(
                sum(year.turned_away for year in all_years),
                sum(year.visits for year in all_years),
            ),
            "months_with_all_failures_spent": share(
                sum(year.months_spent for year in all_years), count * DAYS // 30
            ),
        }
    return told
