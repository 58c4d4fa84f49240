"""A log signs one thing at a time, and nothing new before both saw the last."""

import pytest

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import OperatorId
from ipse.operator.sequencer import (
    Ask,
    Behind,
    Blank,
    Convicted,
    Cosigned,
    Event,
    Grown,
    Halted,
    Published,
    Signed,
    State,
    Step,
    Waited,
    Warn,
    step,
)
from ipse.tlog.note import Note, Signature
from ipse_lab.logs import MemoryLog, numbered

TWO, THREE = OperatorId(2), OperatorId(3)
LINES = {each: Signature(f"w/{each}", b"1234", b"x") for each in (TWO, THREE)}
OWN = Signature("log", b"1234", b"x")


def grown(size: int) -> Grown:
    checkpoint = MemoryLog(entries=numbered(size)).checkpoint()
    return Grown(checkpoint, Note(f"{size}\n".encode(), (OWN,)))


def moved(state: State, event: Event) -> Step:
    return step(state, event, (TWO, THREE))


SIGNED = Signed(9, grown(9).note, {TWO: 5, THREE: 5})
PUBLISHED = Published(5, Note(b"5\n", (OWN, *LINES.values())))


@pytest.mark.parametrize(("state", "old"), [(Blank(), 0), (PUBLISHED, 5)])
def test_what_is_new_is_shown_to_both_witnesses(state: State, old: int) -> None:
    signed = Signed(9, grown(9).note, {TWO: old, THREE: old})
    assert moved(state, grown(9)) == (signed, (Ask(TWO, old), Ask(THREE, old)))


def test_a_first_checkpoint_may_be_of_nothing() -> None:
    state, asks = moved(Blank(), grown(0))
    assert isinstance(state, Signed)
    assert asks == (Ask(TWO, 0), Ask(THREE, 0))


@pytest.mark.parametrize("order", [(TWO, THREE), (THREE, TWO)])
def test_it_is_published_once_both_cosigned(order: tuple[OperatorId, ...]) -> None:
    first, last = order
    state, effects = moved(SIGNED, Cosigned(first, LINES[first]))
    assert isinstance(state, Signed)
    assert effects == ()
    again, _ = moved(state, Cosigned(first, LINES[first]))
    assert again == state  # one witness twice is not two
    note = Note(SIGNED.note.text, (OWN, LINES[TWO], LINES[THREE]))
    assert moved(state, Cosigned(last, LINES[last])) == (Published(9, note), ())


def test_who_has_not_answered_is_asked_again_and_nobody_else() -> None:
    assert moved(SIGNED, Waited()) == (SIGNED, (Ask(TWO, 5), Ask(THREE, 5)))
    state, _ = moved(SIGNED, Cosigned(TWO, LINES[TWO]))
    assert moved(state, Waited()) == (state, (Ask(THREE, 5),))


@pytest.mark.parametrize("size", [0, 3, 9])
def test_a_witness_is_asked_from_where_it_is(size: int) -> None:
    state, effects = moved(SIGNED, Behind(THREE, size))
    assert effects == (Ask(THREE, size),)
    assert moved(state, Waited())[1] == (Ask(TWO, 5), Ask(THREE, size))


def test_a_witness_that_says_what_it_was_told_is_not_asked_for_ever() -> None:
    assert moved(SIGNED, Behind(TWO, 5)) == (SIGNED, ())


def test_a_log_that_was_longer_once_is_told_so_and_signs_nothing_new() -> None:
    state, (warning,) = moved(SIGNED, Behind(TWO, 10))
    assert state == SIGNED
    assert isinstance(warning, Warn)
    assert "at 10 entries, and here it has 9: it is an old copy" in (warning.sentence)


@pytest.mark.parametrize("state", [Blank(), PUBLISHED, SIGNED, Halted("before")])
def test_a_log_that_is_convicted_signs_no_more(state: State) -> None:
    halted, effects = moved(state, Convicted(THREE))
    assert isinstance(halted, Halted)
    assert effects == ()
    for event in (grown(12), Waited(), Cosigned(TWO, LINES[TWO]), Behind(TWO, 0)):
        assert moved(halted, event) == (halted, ())


@pytest.mark.parametrize("size", [0, 4, 5])
def test_a_log_never_signs_twice_for_one_size_or_shrinks(size: int) -> None:
    with pytest.raises(OutOfTurn, match="Grown in Published"):
        moved(PUBLISHED, grown(size))


def test_nothing_is_signed_while_something_is_out() -> None:
    with pytest.raises(OutOfTurn, match="Grown in Signed"):
        moved(SIGNED, grown(12))


@pytest.mark.parametrize(
    "event", [Waited(), Cosigned(TWO, LINES[TWO]), Behind(TWO, 9), Behind(TWO, 0)]
)
def test_answers_that_come_late_change_nothing(event: Event) -> None:
    assert moved(PUBLISHED, event) == (PUBLISHED, ())
