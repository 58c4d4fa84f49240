"""The meter: never more than so many tries a term, whatever the order and the clock."""

from bisect import bisect_right
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Refused
from ipse.ground.names import Instant
from ipse.ground.params import (
    METER_FADE_MS,
    METER_FAILURES,
    METER_FIRST_DELAY_MS,
    METER_FREE_FAILURES,
    METER_LONGEST_DELAY_MS,
    METER_TERM_MS,
    METER_TRIES,
)
from ipse.receipt.meter import (
    UNTRIED,
    Meter,
    Term,
    allowed_from,
    delay_after,
    require_allowed,
    tried,
    worded,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START = Instant(600 * METER_TERM_MS)
GAPS = (0, MINUTE, HOUR, DAY, METER_TERM_MS, -HOUR, -DAY, -2 * METER_TERM_MS)
histories = st.lists(
    st.tuples(st.sampled_from(GAPS) | st.integers(-DAY, 3 * DAY), st.booleans()),
    max_size=120,
)


def is_allowed(meter: Meter, at: Instant) -> bool:
    try:
        require_allowed(meter, at)
    except Refused:
        return False
    return True


def played(
    history: list[tuple[int, bool]],
) -> list[tuple[Instant, bool, Meter]]:
    """Every try that was allowed: when, whether it matched, and the meter after it."""
    meter, at, done = UNTRIED, START, []
    for gap, is_match in history:
        at = Instant(max(0, at + gap))
        if is_allowed(meter, at):
            meter = tried(meter, at, is_match=is_match)
            done.append((at, is_match, meter))
    return done


def eager(match_every: int, days: int) -> list[tuple[Instant, bool]]:
    """Whoever tries again at the first moment allowed; every n-th one matches."""
    meter, at, done = UNTRIED, START, []
    while at < START + days * DAY:
        if is_allowed(meter, at):
            is_match = match_every > 0 and len(done) % match_every != 0
            meter = tried(meter, at, is_match=is_match)
            done.append((at, is_match))
        else:
            at = Instant(at + MINUTE)
    return done


@pytest.mark.parametrize("match_every", [0, 2, 7, 20])
def test_the_most_eager_gets_no_more_in_a_term_than_the_caps(match_every: int) -> None:
    done = eager(match_every, 95)
    for term in range(600, 603):
        own = [m for at, m in done if at // METER_TERM_MS == term]
        assert own.count(False) <= METER_FAILURES
        assert len(own) <= METER_TRIES
    if match_every == 0:  # the caps can be reached: they are what holds
        assert [at // METER_TERM_MS for at, _ in done].count(600) == METER_FAILURES


def test_no_thirty_days_hold_many_more_failures_wherever_they_begin() -> None:
    times = [at for at, _ in eager(0, 95)]
    most = max(
        bisect_right(times, at + METER_TERM_MS) - number
        for number, at in enumerate(times)
    )
    longest = next(n for n in range(99) if delay_after(n) == METER_LONGEST_DELAY_MS)
    assert most <= METER_TERM_MS // METER_FADE_MS + longest


@given(histories)
def test_no_history_on_any_clock_has_more_in_a_term_than_the_caps(
    history: list[tuple[int, bool]],
) -> None:
    done = played(history)
    for _, _, meter in done:
        assert meter.failures <= METER_FAILURES
        assert meter.tries <= METER_TRIES
    for term in {meter.term for _, _, meter in done}:
        own = [is_match for _, is_match, meter in done if meter.term == term]
        last = [meter for _, _, meter in done if meter.term == term][-1]
        assert (last.tries, last.failures) == (len(own), own.count(False))


@given(histories)
def test_what_is_refused_is_allowed_at_the_moment_that_was_named(
    history: list[tuple[int, bool]],
) -> None:
    for at, _, meter in played(history):
        opens = allowed_from(meter, at)
        assert is_allowed(meter, opens)
        assert opens == at or not is_allowed(meter, Instant(opens - 1))


@given(histories)
def test_terms_and_delays_never_go_back(history: list[tuple[int, bool]]) -> None:
    meters = [meter for _, _, meter in played(history)]
    for before, after in pairwise(meters):
        assert before.term <= after.term
        assert before.open_from <= after.open_from
        assert before.stale_at <= after.stale_at


def test_in_every_short_history_one_more_try_never_opens_anything() -> None:
    """Neither a match nor a failure in between lets the next one in any sooner."""
    later = [Instant(START + gap) for gap in (0, MINUTE, HOUR, DAY, 3 * DAY)]
    for history in product(product((0, MINUTE, DAY), (True, False)), repeat=5):
        done = played(list(history))
        before, (at, _, after) = done[-2][2] if len(done) > 1 else UNTRIED, done[-1]
        for moment in later:
            instant = Instant(at + moment - START)
            assert is_allowed(before, instant) or not is_allowed(after, instant)


def test_the_first_failures_are_free_and_then_delays_grow() -> None:
    delays = [delay_after(fresh) for fresh in range(METER_FAILURES + 2)]
    free, first = METER_FREE_FAILURES, METER_FREE_FAILURES + 1
    assert delays[: free + 1] == [0] * (free + 1)
    assert delays[first] == METER_FIRST_DELAY_MS
    assert delays == sorted(delays)
    assert delays[-1] == METER_LONGEST_DELAY_MS


def test_a_failure_goes_stale_in_a_day() -> None:
    meter, at = UNTRIED, START
    for _ in range(3 * METER_FREE_FAILURES):
        assert is_allowed(meter, at)
        meter = tried(meter, at, is_match=False)
        assert meter.open_from == at
        at = Instant(at + METER_FADE_MS)


def test_matches_alone_never_wait_before_the_cap_on_all_tries() -> None:
    meter = UNTRIED
    for _ in range(METER_TRIES):
        require_allowed(meter, START)
        meter = tried(meter, START, is_match=True)
    assert not is_allowed(meter, START)
    assert is_allowed(meter, Instant(START + METER_TERM_MS))


def test_a_clock_that_ran_ahead_and_came_back_gives_no_fresh_term() -> None:
    spent = Meter(
        Term(600), METER_FAILURES, METER_FAILURES, Instant(START), Instant(START)
    )
    ahead = tried(spent, Instant(START + METER_TERM_MS), is_match=False)
    assert (ahead.term, ahead.failures) == (601, 1)
    back = tried(ahead, START, is_match=False)
    assert (back.term, back.failures) == (601, 2)
    assert back.open_from >= ahead.open_from


@given(st.integers(0, 10 * METER_TERM_MS))
def test_going_back_in_time_is_never_kinder(back: int) -> None:
    meter = UNTRIED
    for _ in range(METER_FREE_FAILURES + 3):
        meter = tried(meter, START, is_match=False)
    earlier = Instant(START - back)
    assert not is_allowed(meter, earlier)
    assert tried(meter, earlier, is_match=False).open_from >= meter.open_from


@pytest.mark.parametrize(
    ("meter", "words"),
    [
        (
            Meter(Term(600), 40, METER_FAILURES, Instant(0), Instant(0)),
            ("32 times without a match in 30 days", "in 30 days, or erase"),
        ),
        (
            Meter(Term(600), METER_TRIES, 3, Instant(0), Instant(0)),
            ("480 times in 30 days", "try again in 30 days"),
        ),
        (
            Meter(Term(600), 9, 6, Instant(0), Instant(START + 4 * MINUTE)),
            ("try again in 4 minutes", "26 of 32 such tries are left"),
        ),
        (
            Meter(Term(600), 9, 5, Instant(0), Instant(START + 59_001)),
            ("try again in 60 seconds",),
        ),
    ],
)
def test_a_refusal_says_how_many_are_left_and_when(
    meter: Meter, words: tuple[str, ...]
) -> None:
    with pytest.raises(Refused) as refusal:
        require_allowed(meter, START)
    for each in words:
        assert each in str(refusal.value)


def test_a_new_term_forgets_the_counts_and_keeps_the_delay() -> None:
    meter, edge = UNTRIED, Instant(START + METER_TERM_MS - 1)
    for _ in range(METER_FREE_FAILURES + 8):
        meter = tried(meter, edge, is_match=False)
    over = Instant(edge + 1)
    assert not is_allowed(meter, over)
    assert tried(meter, over, is_match=True).failures == 0


def test_the_owner_is_told_what_is_spent_and_when_the_next_may_begin() -> None:
    spent = Meter(Term(600), 41, 6, Instant(0), Instant(START + 4 * MINUTE))
    assert worded(spent, START) == (
        "6 of 32 failed tries and 41 of 480 in all are spent in these 30 days; "
        "the next may begin in 4 minutes."
    )
    assert worded(UNTRIED, START).startswith("0 of 32 failed tries and 0 of 480 in all")
    assert worded(UNTRIED, START).endswith("the next may begin now.")


def test_a_delay_that_outlasts_the_term_is_waited_for_too() -> None:
    late = Instant(START + METER_TERM_MS + HOUR)
    spent = Meter(Term(600), METER_FAILURES, METER_FAILURES, late, late)
    assert allowed_from(spent, START) == late
    assert not is_allowed(spent, Instant(late - 1))
