"""Who came first is next, whoever may share comes along, nobody waits for ever."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.ground.names import Form, Handle, Instant, Purpose, RequestId
from ipse.operator.schedule import (
    ANSWER_MS,
    CHANGING,
    ROOM,
    SHARED,
    Candidate,
    next_batch,
)
from ipse.wire import limits

NOW = Instant(1_000_000)
LATER = Instant(NOW + 60_000)


def candidate(
    number: int,
    purpose: Purpose = Purpose.VERIFY,
    handle: int = 0,
    form: Form = Form.FACE,
    deadline: Instant = LATER,
) -> Candidate:
    return Candidate(
        RequestId(number.to_bytes(16, "big")),
        purpose,
        (form,),
        Handle((handle or number + 1_000).to_bytes(16, "big")),
        deadline,
    )


def several(*purposes: Purpose) -> list[Candidate]:
    return [candidate(number, purpose) for number, purpose in enumerate(purposes)]


def batched(waiting: list[Candidate], now: Instant = NOW) -> list[int]:
    return [int.from_bytes(each, "big") for each in next_batch(waiting, now).batch]


V, S, N, E = Purpose.VERIFY, Purpose.STATUS, Purpose.ENROL, Purpose.ERASE


@pytest.mark.parametrize(
    ("purposes", "batch"),
    [
        ((), []),
        ((V,), [0]),
        ((V, S, V), [0, 1, 2]),
        ((V, N, V, N), [0, 2]),
        ((N, V, N, V), [0, 2]),
        ((E, V, E, N), [0, 2]),
        ((Purpose.SEED, Purpose.SEED), [0]),
        ((Purpose.BITS, V), [0]),
        ((V, Purpose.BITS, V), [0, 2]),
    ],
    ids=str,
)
def test_who_may_share_comes_along_in_order(
    purposes: tuple[Purpose, ...], batch: list[int]
) -> None:
    assert batched(several(*purposes)) == batch


@pytest.mark.parametrize(("purpose", "most"), [(V, 64), (S, 64), (N, 16), (E, 16)])
def test_a_job_has_its_room(purpose: Purpose, most: int) -> None:
    assert batched(several(*[purpose] * 100)) == list(range(most))
    assert most <= limits.SEATED


@pytest.mark.parametrize(("purpose", "most"), [(V, 4), (N, 1)])
def test_codes_take_more_of_it(purpose: Purpose, most: int) -> None:
    codes = [candidate(number, purpose, form=Form.CODE) for number in range(10)]
    assert batched(codes) == list(range(most))


def test_nobody_small_overtakes_somebody_large() -> None:
    large = [candidate(number, V, form=Form.CODE) for number in range(4)]
    waiting = [candidate(9), *large, candidate(5)]
    assert batched(waiting) == [9, 0, 1, 2], "the last code has no room, 5 would have"


@pytest.mark.parametrize("purpose", sorted(CHANGING))
def test_two_for_one_handle_never_change_the_records_together(
    purpose: Purpose,
) -> None:
    waiting = [
        candidate(number, purpose, handle)
        for number, handle in enumerate([7, 8, 7, 8, 9])
    ]
    assert batched(waiting) == [0, 1, 4]


def test_who_cannot_be_answered_in_time_is_told_and_not_called() -> None:
    waiting = several(N, V, V)
    waiting[0] = replace(waiting[0], deadline=Instant(NOW + ANSWER_MS - 1))
    waiting[1] = replace(waiting[1], deadline=Instant(NOW + ANSWER_MS))
    plan = next_batch(waiting, NOW)
    assert plan.late == (waiting[0].request,)
    assert plan.batch == (waiting[1].request, waiting[2].request)


requests = st.builds(
    candidate,
    number=st.integers(0, 2**64),
    purpose=st.sampled_from(Purpose),
    handle=st.integers(1, 4),
    form=st.sampled_from([Form.FACE, Form.CODE]),
    deadline=st.sampled_from([NOW, LATER]),
)
queues = st.lists(requests, max_size=30, unique_by=lambda each: each.request)


@given(queues)
def test_a_batch_is_of_one_sort_within_its_room_and_in_order(
    waiting: list[Candidate],
) -> None:
    plan = next_batch(waiting, NOW)
    by_id = {each.request: each for each in waiting}
    batch = [by_id[request] for request in plan.batch]
    timely = [each for each in waiting if each.request not in plan.late]
    assert all(each.deadline == NOW for each in waiting if each not in timely)
    assert batch[:1] == timely[:1], "who came first is next"
    assert [each for each in waiting if each in batch] == batch
    assert sum(each.room for each in batch) <= ROOM
    purposes = {each.purpose for each in batch}
    assert len(purposes) <= 1 or any(purposes <= shared for shared in SHARED)
    changing = [each.handle for each in batch if each.purpose in CHANGING]
    assert len(set(changing)) == len(changing)


@settings(max_examples=200)
@given(
    before=st.lists(st.sampled_from([V, S, N, E]), max_size=20),
    after=st.lists(st.lists(st.sampled_from([V, S, N, E]), max_size=5), max_size=30),
    mine=st.sampled_from([V, S, N, E]),
)
def test_nobody_starves_whatever_keeps_coming(
    before: list[Purpose], after: list[list[Purpose]], mine: Purpose
) -> None:
    """A request is called at the latest after one job for each that came before it."""
    waiting = several(*before, mine)
    own = waiting[-1].request
    numbers = iter(range(1_000, 10_000))
    jobs = 0
    while True:
        batch = next_batch(waiting, NOW).batch
        jobs += 1
        if own in batch:
            break
        waiting = [each for each in waiting if each.request not in batch]
        arriving = after[jobs] if jobs < len(after) else [V, N]
        waiting += [candidate(next(numbers), purpose) for purpose in arriving]
    assert jobs <= len(before) + 1
