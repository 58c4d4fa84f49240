"""The liar drill for the bulk search: one lying operator, and known answers mixed in.

    unprotected   a lie turns the answer round, both ways, and nobody sees it
    tests         known-answer searches, mixed in at a rate: how often a cheater of
                  some share is caught, beside what `ipse.audit.odds` states
    people        how many people are lied to before the first lie meets a test
    one record    who hides one record is caught only if it is the canary that is
                  presented: beside the stated chance

All three seats run in this process, with the operators' own search; seat after seat
lies in turn. A search in which nobody lies is played too, some times, and must be
right; in the runs only searches in which somebody lies are played, as the others
could not change them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ipse.audit import canary, odds
from ipse.ground.names import Form
from ipse.ground.params import THRESHOLDS
from ipse.matching.newcomers import who_is_new
from ipse.matching.rounds import Undertaking, together
from ipse.matching.search import search_stretches, sum_of
from ipse.matching.seat import SEATS, Place
from ipse.matching.zero_test import toss
from ipse_lab.drill.rate import Rate
from ipse_lab.drill.shifted import Shift, shifted
from ipse_lab.people import people
from ipse_lab.table import Table, of_seat

PEOPLE: Final = 48
CANARIES: Final = 12
ROWS: Final = PEOPLE + CANARIES
"""Records of the drill's network: one block, so that a search is a millisecond."""

SEARCHES: Final = 40
"""Searches of one run, tests among them."""

RATE: Final = 0.25
"""Tests for each request of a person that ends in the same answer."""

SHARES: Final = (0.1, 0.3, 1.0)
"""Of the searches, those in which a cheater lies."""

HONEST: Final = 100
"""Pairs of searches without a lie for each way, whose answers must be right."""

Vector = npt.NDArray[np.integer]


class Way(StrEnum):
    """How a cheater lies, blind to what is asked."""

    HIDES = "hides everybody"
    TURNS_AWAY = "turns everybody away"


OFFSETS: Final = {Way.HIDES: -9_000, Way.TURNS_AWAY: 20_000}
"""Scores less threshold are from -19,000 to 7,200: the first leaves none that is not
negative, the second none that is, and no sum wraps in 16 bits."""


@dataclass(frozen=True, slots=True)
class SearchReport:
    """What the drill found."""

    seed: int
    wrong_when_honest: int  # of HONEST
    flipped: dict[Way, Rate]  # without tests: answers turned round
    caught: dict[Way, dict[float, Rate]]  # runs, by the cheater's share
    first_lie: dict[Way, Rate]  # that met a test
    fooled: dict[Way, float]  # people lied to before, on average
    one_record: Rate  # lies about one record that met a test
    one_record_flipped: Rate  # about the person whose record it is

    @property
    def is_held(self) -> bool:
        """Every stated rate is compatible with what was measured."""
        rates = [rate for way in self.caught.values() for rate in way.values()]
        rates += [*self.first_lie.values(), self.one_record]
        return self.wrong_when_honest == 0 and all(one.is_as_stated for one in rates)

    @property
    def would_lie(self) -> bool:
        """Without tests a liar does turn answers round."""
        unseen = [*self.flipped.values(), self.one_record_flipped]
        return all(rate.seen == rate.of for rate in unseen)

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        return {
            "records": ROWS,
            "canaries": CANARIES,
            "searches_in_a_run": SEARCHES,
            "tests_for_a_request": RATE,
            "seed": self.seed,
            "wrong_when_honest": self.wrong_when_honest,
            "without_tests": {
                way.value: rate.as_json() for way, rate in self.flipped.items()
            },
            "caught_in_a_run": {
                way.value: {str(share): one.as_json() for share, one in rates.items()}
                for way, rates in self.caught.items()
            },
            "first_lie_meets_a_test": {
                way.value: rate.as_json() for way, rate in self.first_lie.items()
            },
            "people_lied_to_before": {
                way.value: {"measured": mean, "stated": odds.fooled(RATE)}
                for way, mean in self.fooled.items()
            },
            "lie_about_one_record": {
                "answers_flipped": self.one_record_flipped.as_json(),
                "caught_by_a_test": self.one_record.as_json(),
            },
            "as_stated": self.is_held,
            "lies_change_answers": self.would_lie,
        }


def run(
    runs: int, seed: int, advance: Callable[[int, int], None] = lambda _done, _of: None
) -> SearchReport:
    """Drill the search with so many runs of each cheater.

    Args:
        runs: of each cheater: way of lying, and share.
        seed: of all randomness.
        advance: told how many runs are done, of how many.
    """
    network = _Network(np.random.default_rng(seed))
    of = runs * len(Way) * len(SHARES)
    caught: dict[Way, dict[float, Rate]] = {way: {} for way in Way}
    for number, (way, share) in enumerate(
        (way, share) for way in Way for share in SHARES
    ):
        seen = 0
        for one in range(runs):
            seen += network.is_caught(way, share)
            advance(number * runs + one + 1, of)
        stated = 1.0 - odds.undetected(share * RATE / (1.0 + RATE), SEARCHES)
        caught[way][share] = Rate(seen, runs, stated)
    lied = {way: [network.lied_to_before(way) for _ in range(runs)] for way in Way}
    stated = 1.0 - odds.unpunished(1, RATE)
    return SearchReport(
        seed,
        sum(
            not network.is_right_when_honest(way) for way in Way for _ in range(HONEST)
        ),
        {way: network.flipped(way, runs) for way in Way},
        caught,
        {way: Rate(each.count(0), runs, stated) for way, each in lied.items()},
        {way: sum(each) / runs for way, each in lied.items()},
        Rate(sum(network.hits_the_canary() for _ in range(runs)), runs, 1 / ROWS),
        Rate(sum(network.hides_one() for _ in range(runs)), runs, 1.0),
    )


class _Network:
    """Three seats, some people, some canaries."""

    def __init__(self, dice: np.random.Generator) -> None:
        self._dice = dice
        self._table = Table(dice)
        drawn = people(int(dice.integers(1 << 30)), 2 * PEOPLE)
        self._enrolled = drawn.references[:PEOPLE].astype(np.int64)
        self._strangers = drawn.references[PEOPLE:].astype(np.int64)
        self._canaries = np.stack([self._invented() for _ in range(CANARIES)])
        gallery = np.concatenate([self._enrolled, self._canaries])
        self._rows = self._table.rows(Form.FACE, gallery)
        self._turn = 0

    def is_right_when_honest(self, way: Way) -> bool:
        """Ask for a person and for a test, and lie in neither."""
        asked = self._of_person(way), self._of_test(way)
        return all(self._is_new(one) is (way is Way.TURNS_AWAY) for one in asked)

    def flipped(self, way: Way, count: int) -> Rate:
        """Count the answers to people that a lie turns round."""
        seen = sum(self._is_wrong(way, self._of_person(way)) for _ in range(count))
        return Rate(seen, count, 1.0)

    def is_caught(self, way: Way, share: float) -> bool:
        """Play one run: requests of people, and tests, which the cheater can't tell."""
        is_test = self._dice.random(SEARCHES) < RATE / (1.0 + RATE)
        is_lie = self._dice.random(SEARCHES) < share
        for test in is_test[is_lie]:
            asked = self._of_test(way) if test else self._of_person(way)
            if self._is_wrong(way, asked) and test:
                return True
        return False

    def lied_to_before(self, way: Way) -> int:
        """Let a cheater lie until it is caught; count the people."""
        count = 0
        while True:
            is_test = self._dice.random() < RATE / (1.0 + RATE)
            asked = self._of_test(way) if is_test else self._of_person(way)
            is_wrong = self._is_wrong(way, asked)
            if is_test and is_wrong:
                return count
            count += is_wrong

    def hits_the_canary(self) -> bool:
        """Lie about one record, drawn of all; present one canary."""
        shift = Shift(OFFSETS[Way.HIDES], ROWS, int(self._dice.integers(ROWS)))
        return self._is_new(self._of_test(Way.HIDES), shift)

    def hides_one(self) -> bool:
        """Lie about the very record whose body is presented."""
        row = int(self._dice.integers(PEOPLE))
        shift = Shift(OFFSETS[Way.HIDES], ROWS, row)
        return self._is_new(self._again(self._enrolled[row]), shift)

    def _is_wrong(self, way: Way, asked: Vector) -> bool:
        """Lie, and see whether the answer is not what it would have been."""
        is_new = self._is_new(asked, Shift(OFFSETS[way], ROWS))
        return is_new is (way is Way.HIDES)

    def _is_new(self, asked: Vector, shift: Shift | None = None) -> bool:
        """Search, and say what all three seats concluded."""
        self._turn += 1
        liar = self._turn % SEATS
        parts = {Form.FACE: self._table.raw_parts(Form.FACE, asked[np.newaxis])}

        def searched(place: Place) -> Undertaking[list[bool]]:
            own = search_stretches(
                place,
                of_seat(parts, place),
                self._rows[place.seat],
                np.ones(ROWS, np.bool_),
                THRESHOLDS[(Form.FACE,)].unique,
            )
            if shift is not None and place.seat == liar:
                own = shifted(place, own, shift)
            stretches, coin = yield from together(own, toss(place))
            return (yield from who_is_new(place, coin, sum_of(stretches, 1), None))

        first, second, third = self._table.play(searched).results
        if not first == second == third:
            raise AssertionError("the seats saw different answers")
        return first[0]

    def _of_person(self, way: Way) -> Vector:
        """Who is enrolled and comes again, or a stranger."""
        some = self._enrolled if way is Way.HIDES else self._strangers
        one = some[self._dice.integers(PEOPLE)]
        return self._again(one) if way is Way.HIDES else one

    def _of_test(self, way: Way) -> Vector:
        """A canary that is presented, or an invented newcomer."""
        if way is Way.TURNS_AWAY:
            return self._invented()
        return self._again(self._canaries[self._dice.integers(CANARIES)])

    def _invented(self) -> Vector:
        return canary.invented(self._dice, (Form.FACE,))[Form.FACE].astype(np.int64)

    def _again(self, vector: Vector) -> Vector:
        body = {Form.FACE: vector.astype(np.int16)}
        return canary.nearby(self._dice, body)[Form.FACE].astype(np.int64)
