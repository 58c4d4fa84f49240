"""Error rates are what counting gives, and say when there is too little to count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse_lab.rates import Counter, Pairs, bootstrap, interval, is_resolved, rates_of


def pairs_of(mated: list[int], non_mated: list[int]) -> Pairs:
    """Pairs of people 0 and 1: mated ones of person 0."""
    scores = np.array(mated + non_mated)
    second = np.array([0] * len(mated) + [1] * len(non_mated))
    return Pairs(scores, np.zeros_like(second), second)


ONES = np.ones(2)
several = st.lists(st.integers(-50, 50), min_size=1, max_size=40)


@given(several, several, st.integers(-60, 60))
def test_both_rates_are_counts_at_every_threshold(
    mated: list[int], non_mated: list[int], threshold: int
) -> None:
    fmr, fnmr = Counter(pairs_of(mated, non_mated)).curve(ONES).at(threshold)
    assert fmr == sum(score >= threshold for score in non_mated) / len(non_mated)
    assert fnmr == sum(score < threshold for score in mated) / len(mated)


@given(several, several, st.sampled_from([0.5, 0.1, 0.01]))
def test_a_threshold_for_an_fmr_is_the_least_that_keeps_it(
    mated: list[int], non_mated: list[int], fmr: float
) -> None:
    curve = Counter(pairs_of(mated, non_mated)).curve(ONES)
    threshold = curve.threshold_at(fmr)
    assert curve.at(threshold)[0] <= fmr
    assert curve.fnmr_at(fmr) == curve.at(threshold)[1]
    if threshold > curve.thresholds[0]:
        assert curve.at(threshold - 1)[0] > fmr


def test_separate_scores_have_no_error_and_equal_ones_err_in_half() -> None:
    assert Counter(pairs_of([5, 6], [1, 2])).curve(ONES).eer() == 0
    assert Counter(pairs_of([3, 3], [3, 3])).curve(ONES).eer() == 0.5


def test_one_wrong_of_four_on_either_side_is_a_quarter() -> None:
    curve = Counter(pairs_of([1, 7, 8, 9], [0, 2, 3, 8])).curve(ONES)
    assert curve.eer() == 0.25
    assert rates_of(curve, (0.25,)).fnmr == {0.25: 0.25}


def test_a_person_drawn_twice_counts_twice_in_mated_and_fourfold_in_pairs_of_two() -> (
    None
):
    pairs = Pairs(
        np.array([10, 0, 10, 0]), np.array([0, 1, 0, 0]), np.array([0, 1, 1, 2])
    )
    curve = Counter(pairs).curve(np.array([2.0, 2.0, 1.0]))
    assert curve.at(5) == (4 / 6, 0.5)
    assert Counter(pairs).curve(np.array([2.0, 1.0, 1.0])).at(5)[1] == 1 / 3


def test_intervals_hold_the_rate_and_are_the_same_for_the_same_seed() -> None:
    dice = np.random.default_rng(1)
    people = np.repeat(np.arange(40), 3)
    first, second = np.triu_indices(len(people), 1)
    same = people[first] == people[second]
    scores = np.rint(dice.normal(0, 10, len(first)) + 30 * same)
    counter = Counter(Pairs(scores.astype(int), people[first], people[second]))
    drawn = bootstrap(counter, 40, 50, 1)
    low, high = interval([each.eer for each in drawn])
    assert low <= counter.curve(np.ones(40)).eer() <= high
    assert low < high
    assert drawn == bootstrap(counter, 40, 50, 1)


def test_ten_false_matches_are_needed_to_speak_of_a_rate() -> None:
    assert is_resolved(1e-3, 10_000)
    assert not is_resolved(1e-3, 9_999)


def test_without_mated_or_non_mated_pairs_there_is_nothing_to_count() -> None:
    with pytest.raises(ValueError, match="no mated"):
        Counter(pairs_of([], [1, 2]))
    with pytest.raises(ValueError, match="no mated"):
        Counter(pairs_of([1, 2], []))
