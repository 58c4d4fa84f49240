"""Two rolls have one digest exactly if they have the same records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Malformed, OutOfTurn
from ipse.ground.names import Epoch, Form, Handle, Instant, Slot
from ipse.operator.roll import PAGE_SLOTS, Roll
from ipse.store.ledger import NO_PAGES, Pages, Record
from ipse_lab.book import Book

BOTH = (Form.FACE, Form.VOICE)


def record_of(slot: int, name: int, forms: tuple[Form, ...] = (Form.FACE,)) -> Record:
    handle = Handle(name.to_bytes(16))
    return Record(handle, Slot(slot), bytes(32), forms, Instant(name))


slots = st.sets(
    st.one_of(st.integers(0, 300), st.integers(PAGE_SLOTS - 9, 2 * PAGE_SLOTS + 9)),
    max_size=12,
)


@given(slots, st.randoms(use_true_random=False))
def test_the_order_of_changes_does_not_matter(taken: set[int], dice: object) -> None:
    records = [record_of(slot, slot) for slot in taken]
    shuffled = list(records)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    passing = record_of(301, 301)
    kept = Book(*shuffled, passing)
    kept.remove(passing)
    assert kept.roll.digest() == Book(*records).roll.digest()
    assert len(kept.roll) == len(taken)


@given(slots, st.data())
def test_what_is_opened_is_what_was_kept(taken: set[int], data: st.DataObject) -> None:
    records = [record_of(slot, slot, BOTH[: 1 + slot % 2]) for slot in taken]
    kept = Book(*records)
    gone = [record for record in records if data.draw(st.booleans())]
    kept.remove(*gone)
    again = kept.opened()
    assert again.digest() == kept.roll.digest()
    assert len(again) == len(kept.roll) == len(records) - len(gone)
    assert again.forms == kept.roll.forms
    for forms in ((Form.FACE,), (Form.VOICE,), BOTH):
        assert again.alive(*forms).tolist() == kept.roll.alive(*forms).tolist()


def test_any_difference_shows() -> None:
    kept = [
        Book(),
        Book(record_of(0, 1)),
        Book(record_of(1, 1)),
        Book(record_of(0, 2)),
        Book(record_of(0, 1), record_of(1, 2)),
        Book(record_of(0, 2), record_of(1, 1)),
        Book(epoch=1),
    ]
    assert len({each.roll.digest() for each in kept}) == len(kept)


def test_a_turn_that_is_not_taken_changes_nothing() -> None:
    kept = Book(record_of(1, 1))
    before = kept.roll.digest()
    kept.roll.turn(added=(record_of(2, 2),), removed=(record_of(1, 1),))
    assert kept.roll.digest() == before
    assert kept.roll.alive(Form.FACE).tolist() == [False, True]
    assert kept.roll.is_free(Slot(2))


@given(slots, st.integers(1, 20))
def test_free_slots_are_the_lowest_that_nobody_has(taken: set[int], count: int) -> None:
    roll = Book(*(record_of(slot, slot) for slot in taken)).roll
    free = roll.free_slots(count)
    everyone = (slot for slot in range(400) if slot not in taken)
    assert list(free) == [next(everyone) for _ in range(count)]
    assert all(roll.is_free(slot) for slot in free)


@pytest.mark.parametrize("end", [3, PAGE_SLOTS])
def test_a_slot_whose_row_is_not_wiped_is_not_free(end: int) -> None:
    kept = Book(*(record_of(slot, slot + 1) for slot in range(end)))
    kept.remove(record_of(1, 2), record_of(2, 3))
    kept.roll.rest((Slot(1), Slot(end)))
    assert not kept.roll.is_free(Slot(1))
    assert kept.roll.free_slots(3) == (2, end + 1, end + 2)
    kept.roll.wake((Slot(1), Slot(end)))
    assert kept.roll.free_slots(3) == (1, 2, end)


def test_each_form_has_its_own_living_rows() -> None:
    kept = Book(record_of(1, 1), record_of(3, 3, BOTH), record_of(4, 4))
    alive = kept.roll.alive
    assert alive(Form.FACE).tolist() == [False, True, False, True, True]
    assert alive(Form.VOICE).tolist() == [False, False, False, True]
    assert alive(*BOTH).tolist() == [False, False, False, True]
    assert alive(Form.CODE).tolist() == []
    kept.remove(record_of(4, 4))
    assert alive(Form.FACE).tolist() == [False, True, False, True]


def test_what_a_search_was_given_does_not_change() -> None:
    kept = Book(record_of(0, 1), record_of(1, 2))
    seen = kept.roll.alive(Form.FACE)
    kept.remove(record_of(0, 1))
    kept.add(record_of(2, 3))
    assert seen.tolist() == [True, True]
    assert kept.roll.alive(Form.FACE).tolist() == [False, True, True]
    with pytest.raises(ValueError, match="read-only"):
        seen[0] = False


@pytest.mark.parametrize(
    "others",
    [
        (record_of(1, 2),),
        (record_of(1, 2, (Form.CODE,)),),
        (record_of(2, 2), record_of(2, 3)),
        (record_of(2, 2), record_of(2, 3, (Form.CODE,))),
    ],
)
def test_a_slot_has_one_record(others: tuple[Record, ...]) -> None:
    with pytest.raises(OutOfTurn, match="taken"):
        Book(record_of(1, 1)).add(*others)


def test_an_empty_slot_is_not_emptied() -> None:
    with pytest.raises(OutOfTurn, match="Slot 4"):
        Book(record_of(1, 1)).roll.turn(removed=(record_of(4, 1),))


def test_a_record_that_the_pages_do_not_name_is_not_used() -> None:
    kept = Book(record_of(1, 1), record_of(2, 2))
    kept.records[Handle(bytes(16))] = record_of(PAGE_SLOTS, 0)
    with pytest.raises(Malformed, match=f"slot {PAGE_SLOTS}.*restore"):
        kept.roll.get(Handle(bytes(16)))
    assert kept.roll.get(record_of(1, 1).handle) == record_of(1, 1)
    assert kept.roll.knows_any((record_of(1, 1).handle,))


def test_what_changed_since_is_known() -> None:
    kept = Book(record_of(1, 1))
    first = kept.roll.changes
    kept.add(record_of(3, 3), record_of(PAGE_SLOTS + 1, 5))
    second = kept.roll.changes
    kept.remove(record_of(1, 1))
    everywhere = range(2 * PAGE_SLOTS)
    assert kept.roll.touched(first, everywhere).tolist() == [1, 3, PAGE_SLOTS + 1]
    assert kept.roll.touched(second, everywhere).tolist() == [1]
    assert kept.roll.touched(first, range(2, PAGE_SLOTS)).tolist() == [3]
    assert kept.roll.touched(kept.roll.changes, everywhere).tolist() == []


def test_a_record_that_was_found_is_not_found_after_it_went() -> None:
    one, two = record_of(1, 1), record_of(2, 2)
    kept = Book(one, two)
    assert kept.roll.get(one.handle) == kept.roll.get(one.handle) == one
    kept.remove(one)
    assert kept.roll.get(one.handle) is None
    assert kept.roll.get(two.handle) == two
    moved = record_of(5, 1)
    kept.add(moved)
    assert kept.roll.get(one.handle) == moved


@pytest.mark.parametrize("pages", [{("face", 0): b"short"}, {("face", 0): b""}])
def test_a_page_of_another_length_is_refused(pages: Pages) -> None:
    with pytest.raises(Malformed, match="wrong length"):
        Roll(Epoch(0), Book(), pages)
    assert len(Roll(Epoch(0), Book(), NO_PAGES)) == 0
