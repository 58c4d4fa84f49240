"""What is stated of a cheater's luck is what dice give."""

import math

import numpy as np
import pytest

from ipse.audit import odds

MANY = 40_000


@pytest.mark.parametrize(("share", "tests"), [(0.01, 50), (0.1, 10), (0.5, 3)])
def test_passing_all_tests_is_as_likely_as_stated(share: float, tests: int) -> None:
    lies = np.random.default_rng(tests).random((MANY, tests)) < share
    passed = 1.0 - lies.any(axis=1).mean()
    chance = odds.undetected(share, tests)
    assert passed == pytest.approx(chance, abs=4 * math.sqrt(0.25 / MANY))


@pytest.mark.parametrize("rate", [0.1, 0.5, 2.0])
def test_people_are_lied_to_as_often_as_stated(rate: float) -> None:
    """Each lie meets a test or a person, by their share of the requests."""
    is_test = np.random.default_rng(3).random((MANY, 200)) < rate / (1.0 + rate)
    people = is_test.argmax(axis=1)  # before the first test
    assert people.mean() == pytest.approx(odds.fooled(rate), rel=0.05)
    for lies in (1, 3):
        chance = odds.unpunished(lies, rate)
        assert (people >= lies).mean() == pytest.approx(chance, abs=0.01)


def test_as_many_tests_as_needed_suffice_and_one_fewer_does_not() -> None:
    for share in (0.01, 0.2):
        tests = odds.needed(share, 0.99)
        assert odds.undetected(share, tests) <= 0.01
        assert odds.undetected(share, tests - 1) > 0.01
    assert odds.needed(0.01, 0.99) == 459


def test_what_right_answers_rule_out_is_what_they_would_have_caught() -> None:
    share = odds.share_excluded(100, 0.95)
    assert odds.undetected(share, 100) == pytest.approx(0.05)
