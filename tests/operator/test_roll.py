"""Two rolls have one digest exactly if they have the same records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import Epoch, Form, Handle, Instant, Slot
from ipse.operator.roll import Roll
from ipse.store.ledger import Record


def record_of(slot: int, name: int, forms: tuple[Form, ...] = (Form.FACE,)) -> Record:
    handle = Handle(name.to_bytes(16))
    return Record(handle, Slot(slot), bytes(32), forms, Epoch(0), Instant(name))


def roll_of(*records: Record, epoch: int = 0) -> Roll:
    return Roll(Epoch(epoch), records)


slots = st.sets(st.integers(0, 300), max_size=12)


@given(slots, st.randoms(use_true_random=False))
def test_the_order_of_changes_does_not_matter(taken: set[int], dice: object) -> None:
    records = [record_of(slot, slot) for slot in taken]
    shuffled = list(records)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    roll = roll_of(*shuffled, record_of(301, 301))
    roll.remove(Handle((301).to_bytes(16)))
    assert roll.digest() == roll_of(*records).digest()
    assert len(roll) == len(taken)


def test_any_difference_shows() -> None:
    rolls = [
        roll_of(),
        roll_of(record_of(0, 1)),
        roll_of(record_of(1, 1)),
        roll_of(record_of(0, 2)),
        roll_of(record_of(0, 1), record_of(1, 2)),
        roll_of(record_of(0, 2), record_of(1, 1)),
        roll_of(epoch=1),
    ]
    assert len({roll.digest() for roll in rolls}) == len(rolls)


@given(slots, st.integers(1, 20))
def test_free_slots_are_the_lowest_that_nobody_has(taken: set[int], count: int) -> None:
    roll = roll_of(*(record_of(slot, slot) for slot in taken))
    free = roll.free_slots(count)
    everyone = (slot for slot in range(400) if slot not in taken)
    assert list(free) == [next(everyone) for _ in range(count)]
    assert all(roll.is_free(slot) for slot in free)


def test_each_form_has_its_own_living_rows() -> None:
    both = (Form.FACE, Form.VOICE)
    roll = roll_of(record_of(1, 1), record_of(3, 3, both), record_of(4, 4))
    assert roll.alive(Form.FACE).tolist() == [False, True, False, True, True]
    assert roll.alive(Form.VOICE).tolist() == [False, False, False, True]
    assert roll.alive(Form.CODE).tolist() == []
    roll.remove(Handle((4).to_bytes(16)))
    assert roll.alive(Form.FACE).tolist() == [False, True, False, True]


@pytest.mark.parametrize("other", [record_of(1, 2), record_of(2, 1)])
def test_a_slot_and_a_handle_have_one_record(other: Record) -> None:
    with pytest.raises(OutOfTurn, match="taken"):
        roll_of(record_of(1, 1)).add(other)
