"""A change becomes true at all three or at none, whatever strikes whenever."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.ground.errors import Misbehaved, OutOfTurn
from ipse.ground.names import (
    OPERATORS,
    Form,
    Handle,
    Instant,
    OperatorId,
    Outcome,
    Purpose,
    RequestId,
    Slot,
)
from ipse.operator import commit
from ipse.operator.commit import FOLLOWERS, convene, follow
from ipse.wire.change import Change, Kind, Planned, Use
from ipse.wire.peer import Ruling
from ipse_lab.commitments import Fault, Play
from ipse_lab.examples import signed_grant

HANDLE = Handle(bytes(16))
KEY = (5).to_bytes(32)


def change_of(number: int) -> Change:
    """Return the change that a new record is."""
    key = (5).to_bytes(31) + bytes([number])
    request = RequestId(number.to_bytes(16))
    planned = Planned(HANDLE, Slot(number), key, (Form.FACE,))
    use = Use(request, HANDLE, key, Purpose.ENROL, ())
    return Change(request, Kind.ADD, Instant(9), number, (planned,), (use,))


def use_of(number: int) -> Change:
    """Return the change that a verification is."""
    request = RequestId(number.to_bytes(16))
    use = Use(request, HANDLE, KEY, Purpose.VERIFY, (signed_grant(),))
    return Change(request, Kind.USE, Instant(9), number, (), (use,))


CHANGE, USE = change_of(0), use_of(0)
SEEN, OTHER = (Outcome.NOT_MATCHED,), (Outcome.MATCHED,)
INTERRUPTED = (Outcome.INTERRUPTED,)
faults = st.lists(st.sampled_from(Fault), max_size=40)
kinds = st.lists(st.sampled_from([change_of, use_of]), min_size=3, max_size=3)


@settings(max_examples=1_000)
@given(faults, kinds)
def test_all_three_or_none_through_any_faults(
    struck: list[Fault], made: list[Callable[[int], Change]]
) -> None:
    play = Play(struck)
    for number, make in enumerate(made):
        play.change(make(number))
        play.settle()  # no change begins before the last one is settled
        disks = [play.disks[operator] for operator in OPERATORS]
        assert disks[0].committed == disks[1].committed == disks[2].committed
        assert not any(disk.doubts or disk.unheard for disk in disks)
        assert play.opened <= disks[0].committed.keys()
        for request, told in play.told.items():
            outcomes = disks[0].committed.get(request)
            assert told == {
                (Ruling.ABORT, ()) if outcomes is None else (Ruling.COMMIT, outcomes)
            }


@settings(max_examples=300)
@given(faults)
def test_a_use_that_was_opened_has_one_receipt_at_all_three(
    struck: list[Fault],
) -> None:
    """Whatever strikes: as it was seen by all, or interrupted."""
    play = Play(struck)
    play.change(USE)
    play.settle()
    for disk in play.disks.values():
        if USE.request in play.opened:
            assert disk.committed[USE.request] in (SEEN, OTHER, INTERRUPTED)


@pytest.mark.parametrize("places", [1, 2])
def test_a_use_that_was_seen_otherwise_is_interrupted(places: int) -> None:
    """Prepared by all three without a fault; then one or two see something else."""
    play = Play([Fault.NOTHING] * 3 + [Fault.SEES_OTHERWISE, Fault.NOTHING] * places)
    play.change(USE)
    play.settle()
    assert {d.committed[USE.request] for d in play.disks.values()} == {INTERRUPTED}


@pytest.mark.parametrize("place", range(3))
def test_a_use_that_one_could_not_begin_is_in_doubt_nowhere(place: int) -> None:
    """If the convenor began it, all have it as interrupted; if not, nobody has it."""
    play = Play([Fault.NOTHING] * place + [Fault.DISK_FULL])
    play.change(USE)
    play.settle()
    expected = {USE.request: INTERRUPTED} if place else {}
    assert all(disk.committed == expected for disk in play.disks.values())
    assert USE.request not in play.opened


def test_a_decision_that_is_not_what_was_seen_is_refused() -> None:
    state = commit.Prepared(USE, seen=SEEN)
    told, effects = follow(state, commit.Ruled(Ruling.COMMIT, SEEN))
    assert told == commit.Told(USE, SEEN)
    assert effects == (commit.Conclude(Ruling.COMMIT, SEEN),)
    kept = (commit.Committed(USE, SEEN), (commit.Acknowledge(),))
    assert follow(told, commit.Kept()) == kept
    assert follow(state, commit.Ruled(Ruling.COMMIT, INTERRUPTED))
    for outcomes in (OTHER, (), SEEN * 2):
        with pytest.raises(Misbehaved, match="something else"):
            follow(state, commit.Ruled(Ruling.COMMIT, outcomes))
    enrolment = commit.Prepared(CHANGE, seen=(Outcome.ENROLLED,))
    with pytest.raises(Misbehaved, match="something else"):
        follow(enrolment, commit.Ruled(Ruling.COMMIT, INTERRUPTED))


def test_who_crashed_after_its_vote_takes_what_was_decided_for_each_use() -> None:
    state = commit.Prepared(USE)
    told, _ = follow(state, commit.Ruled(Ruling.COMMIT, OTHER))
    assert told == commit.Told(USE, OTHER)
    with pytest.raises(Misbehaved, match="something else"):
        follow(state, commit.Ruled(Ruling.COMMIT, OTHER * 2))


def test_without_faults_a_change_becomes_true_and_is_forgotten() -> None:
    play = Play(())
    play.change(CHANGE)
    for disk in play.disks.values():
        assert disk.committed == {CHANGE.request: (Outcome.ENROLLED,)}
        assert not disk.doubts
        assert not disk.unheard
    assert play.told == {CHANGE.request: {(Ruling.COMMIT, (Outcome.ENROLLED,))}}


@pytest.mark.parametrize("place", range(3))
def test_one_full_disk_keeps_all_from_storing(place: int) -> None:
    play = Play([Fault.NOTHING] * place + [Fault.DISK_FULL])
    play.change(CHANGE)
    play.settle()
    assert not any(disk.committed or disk.doubts for disk in play.disks.values())
    assert play.told[CHANGE.request] == {(Ruling.ABORT, ())}


def test_one_vote_twice_is_not_two() -> None:
    vote = commit.Voted(OperatorId(2), is_prepared=True, outcomes=SEEN)
    state, effects = convene(commit.Prepared(USE, SEEN), vote)
    again, effects = convene(state, vote)
    assert (again, effects) == (state, ())


def test_a_commit_is_remembered_until_both_have_heard_it() -> None:
    state: commit.State = commit.Committed(USE, SEEN, FOLLOWERS)
    state, _ = convene(state, commit.Heard(OperatorId(3)))
    assert state == commit.Committed(USE, SEEN, frozenset({OperatorId(2)}))


def test_a_follower_in_doubt_decides_nothing_by_itself() -> None:
    assert follow(commit.Prepared(CHANGE), commit.Lost()) == (
        commit.Prepared(CHANGE),
        (),
    )


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (commit.Committed(CHANGE, SEEN), commit.Ruled(Ruling.ABORT)),
        (commit.Aborted(CHANGE), commit.Ruled(Ruling.COMMIT)),
        (commit.Proposed(CHANGE), commit.Ruled(Ruling.COMMIT)),
        (commit.Committed(CHANGE, SEEN), commit.Ready()),
    ],
)
def test_what_is_decided_is_never_decided_otherwise(
    state: commit.State, event: commit.Event
) -> None:
    with pytest.raises(OutOfTurn):
        follow(state, event)
