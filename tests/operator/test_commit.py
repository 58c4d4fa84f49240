"""A change becomes true at all three or at none, whatever strikes whenever."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import OPERATORS, Form, Handle, OperatorId, RequestId, Slot
from ipse.operator import commit
from ipse.operator.change import Change, Kind, Planned
from ipse.operator.commit import FOLLOWERS, convene, follow
from ipse.wire.peer import Ruling
from ipse_lab.commitments import Fault, Play


def change_of(number: int) -> Change:
    key = (5).to_bytes(31) + bytes([number])
    planned = Planned(Handle(bytes(16)), Slot(number), key, (Form.FACE,))
    return Change(RequestId(number.to_bytes(16)), Kind.ADD, (planned,))


CHANGE = change_of(0)
faults = st.lists(st.sampled_from(Fault), max_size=40)


@settings(max_examples=500)
@given(faults)
def test_all_three_or_none_through_any_faults(struck: list[Fault]) -> None:
    play = Play(struck)
    for number in range(3):
        play.change(change_of(number))
        play.settle()  # no change begins before the last one is settled
        disks = [play.disks[operator] for operator in OPERATORS]
        assert disks[0].committed == disks[1].committed == disks[2].committed
        assert not any(disk.doubts or disk.unheard for disk in disks)
        for request, rulings in play.told.items():
            assert rulings == (
                {Ruling.COMMIT} if request in disks[0].committed else {Ruling.ABORT}
            )


def test_without_faults_a_change_becomes_true_and_is_forgotten() -> None:
    play = Play(())
    play.change(CHANGE)
    for disk in play.disks.values():
        assert disk.committed == {CHANGE.request}
        assert not disk.doubts
        assert not disk.unheard
    assert play.told == {CHANGE.request: {Ruling.COMMIT}}


@pytest.mark.parametrize("place", range(3))
def test_one_full_disk_keeps_all_from_storing(place: int) -> None:
    play = Play([Fault.NOTHING] * place + [Fault.DISK_FULL])
    play.change(CHANGE)
    play.settle()
    assert not any(disk.committed or disk.doubts for disk in play.disks.values())
    assert play.told[CHANGE.request] == {Ruling.ABORT}


def test_one_vote_twice_is_not_two() -> None:
    state, effects = convene(
        commit.Prepared(CHANGE), commit.Voted(OperatorId(2), is_prepared=True)
    )
    again, effects = convene(state, commit.Voted(OperatorId(2), is_prepared=True))
    assert (again, effects) == (state, ())


def test_a_commit_is_remembered_until_both_have_heard_it() -> None:
    state: commit.State = commit.Committed(CHANGE, FOLLOWERS)
    state, _ = convene(state, commit.Heard(OperatorId(3)))
    assert state == commit.Committed(CHANGE, frozenset({OperatorId(2)}))


def test_a_follower_in_doubt_decides_nothing_by_itself() -> None:
    assert follow(commit.Prepared(CHANGE), commit.Lost()) == (
        commit.Prepared(CHANGE),
        (),
    )


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (commit.Committed(CHANGE), commit.Ruled(Ruling.ABORT)),
        (commit.Aborted(CHANGE), commit.Ruled(Ruling.COMMIT)),
        (commit.Proposed(CHANGE), commit.Ruled(Ruling.COMMIT)),
        (commit.Committed(CHANGE), commit.Ready()),
    ],
)
def test_what_is_decided_is_never_decided_otherwise(
    state: commit.State, event: commit.Event
) -> None:
    with pytest.raises(OutOfTurn):
        follow(state, event)
