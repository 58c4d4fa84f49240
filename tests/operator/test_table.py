"""From three stances all three operators draw one conclusion, and the right one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Malformed, OutOfTurn, Refused
from ipse.ground.names import OPERATORS, Outcome, Purpose, RequestId
from ipse.operator import table
from ipse.operator.position import KNOWN, READY, UNKNOWN, Position, Standing
from ipse.operator.table import judge, step
from ipse.wire.peer import Ruling, Stance

REQUEST = RequestId(b"r" * 16)
ASKED = b"a" * 32


def stances_of() -> tuple[Stance, ...]:
    """Return stances that agree in everything; seat p shares component p + 1."""
    tags = [bytes([seat]) * 32 for seat in range(3)]
    return tuple(
        Stance(
            operator=operator,
            request=REQUEST,
            asked=ASKED,
            tag_prev=tags[seat],
            tag_next=tags[(seat + 1) % 3],
        )
        for seat, operator in enumerate(OPERATORS)
    )


def changed(seat: int, **fields: object) -> tuple[Stance, ...]:
    stances = list(stances_of())
    stances[seat] = replace(stances[seat], **fields)  # type: ignore[arg-type]  # one field at a time
    return tuple(stances)


def answers(
    purpose: Purpose, position: Position, stances: tuple[Stance, ...]
) -> list[Outcome]:
    _, effects = judge(purpose, position, stances)
    return [effect.outcome for effect in effects if isinstance(effect, table.Answer)]


@pytest.mark.parametrize(
    ("purpose", "position", "outcome"),
    [
        (Purpose.STATUS, KNOWN, Outcome.ACTIVE),
        (Purpose.STATUS, UNKNOWN, Outcome.UNKNOWN),
        (Purpose.VERIFY, UNKNOWN, Outcome.UNKNOWN),
        (Purpose.ERASE, UNKNOWN, Outcome.UNKNOWN),
        (Purpose.ENROL, KNOWN, Outcome.ALREADY_ENROLLED),
        (Purpose.WITHDRAW, KNOWN, Outcome.WITHDRAWN),
        (Purpose.WITHDRAW, UNKNOWN, Outcome.UNKNOWN),
        (Purpose.LEDGER, KNOWN, Outcome.LISTED),
        (Purpose.LEDGER, UNKNOWN, Outcome.UNKNOWN),
    ],
)
def test_the_records_alone_may_be_the_answer(
    purpose: Purpose, position: Position, outcome: Outcome
) -> None:
    assert answers(purpose, position, stances_of()) == [outcome]


@pytest.mark.parametrize("purpose", [Purpose.ENROL, Purpose.VERIFY, Purpose.BITS])
def test_who_is_ready_computes(purpose: Purpose) -> None:
    seen = table.Seen(READY, stances_of())
    assert step(table.Called(purpose), seen) == (table.Computing(purpose), ())


def test_an_erasure_computes_nothing() -> None:
    judged = judge(Purpose.ERASE, READY, stances_of())
    assert judged == (table.Proposing(Outcome.ERASED), ())


@pytest.mark.parametrize("seat", range(3))
@pytest.mark.parametrize("tag", ["tag_prev", "tag_next"])
def test_of_one_component_told_differently_nobody_signs_whose_fault_it_is(
    seat: int, tag: str
) -> None:
    """An operator that lies about what it was sent stops an answer, and signs alone."""
    stances = changed(seat, **{tag: b"x" * 32})
    state, (fail,) = judge(Purpose.ENROL, READY, stances)
    assert state == table.Over()
    assert isinstance(fail, table.Fail)
    assert isinstance(fail.error, Malformed)
    assert f"{seat + 1}" in str(fail.error)


@pytest.mark.parametrize("seat", range(3))
def test_one_that_was_asked_something_else_stops_it(seat: int) -> None:
    state, (fail,) = judge(Purpose.VERIFY, READY, changed(seat, asked=b"x" * 32))
    assert state == table.Over()
    assert isinstance(fail, table.Fail)
    assert isinstance(fail.error, Refused)
    assert "different requests" in str(fail.error)


def test_what_a_rule_refuses_is_not_computed() -> None:
    refused = Position(Standing.REFUSED, "Because.")
    state, (fail,) = judge(Purpose.VERIFY, refused, stances_of())
    assert state == table.Over()
    assert isinstance(fail, table.Fail)
    assert isinstance(fail.error, Refused)
    assert str(fail.error) == "Because."


@pytest.mark.parametrize(
    ("purpose", "found", "is_change"),
    [
        (Purpose.ENROL, Outcome.ENROLLED, True),
        (Purpose.ENROL, Outcome.ALREADY_ENROLLED, False),
        (Purpose.ENROL, Outcome.MALFORMED, False),
        (Purpose.SEED, Outcome.SEEDED, True),
        (Purpose.VERIFY, Outcome.MATCHED, True),
        (Purpose.VERIFY, Outcome.NOT_MATCHED, True),
        (Purpose.VERIFY, Outcome.MALFORMED, True),
        (Purpose.BITS, Outcome.BITS, False),
    ],
)
def test_what_adds_or_uses_a_record_is_a_change(
    purpose: Purpose,
    found: Outcome,
    is_change: bool,  # noqa: FBT001 (a column)
) -> None:
    moved = step(table.Computing(purpose), table.Computed(found))
    if is_change:
        assert moved == (table.Proposing(found), ())
    else:
        assert moved == (table.Over(), (table.Answer(found),))


def test_the_answer_follows_what_became_of_the_change() -> None:
    proposing = table.Proposing(Outcome.ENROLLED)
    _, effects = step(proposing, table.Settled(Ruling.COMMIT))
    assert effects == (table.Answer(Outcome.ENROLLED),)
    _, (fail,) = step(proposing, table.Settled(Ruling.ABORT))
    assert isinstance(fail, table.Fail)
    assert "none did; nothing was lost" in str(fail.error)


def test_a_use_that_was_interrupted_is_not_answered_as_it_was_seen_here() -> None:
    cut_off = table.Settled(Ruling.COMMIT, Outcome.INTERRUPTED)
    state, (fail,) = step(table.Proposing(Outcome.MATCHED), cut_off)
    assert state == table.Over()
    assert isinstance(fail, table.Fail)
    assert "in your ledger as interrupted" in str(fail.error)


@given(
    event=st.sampled_from(
        [
            table.Seen(READY, stances_of()),
            table.Computed(Outcome.MATCHED),
            table.Settled(Ruling.COMMIT),
        ]
    )
)
def test_what_is_over_stays_over(event: table.Event) -> None:
    with pytest.raises(OutOfTurn):
        step(table.Over(), event)
