"""From three stances all three operators draw one conclusion, and the right one."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import OutOfTurn, Refused, Unavailable
from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose, RequestId
from ipse.operator import table
from ipse.operator.table import judge, step
from ipse.wire.peer import Position, Ruling, Stance

REQUEST = RequestId(b"r" * 16)
ASKED, ROLL = b"a" * 32, b"o" * 32


def stances_of(position: Position = Position.READY) -> tuple[Stance, ...]:
    """Return stances that agree in everything; seat p shares component p + 1."""
    tags = [bytes([seat]) * 32 for seat in range(3)]
    return tuple(
        Stance(
            operator=operator,
            request=REQUEST,
            asked=ASKED,
            position=position,
            detail="-",
            roll=ROLL,
            tag_prev=tags[seat],
            tag_next=tags[(seat + 1) % 3],
        )
        for seat, operator in enumerate(OPERATORS)
    )


def changed(seat: int, **fields: object) -> tuple[Stance, ...]:
    stances = list(stances_of())
    stances[seat] = replace(stances[seat], **fields)  # type: ignore[arg-type]  # one field at a time
    return tuple(stances)


def answers(purpose: Purpose, stances: tuple[Stance, ...]) -> list[Outcome]:
    _, effects = judge(purpose, stances)
    return [effect.outcome for effect in effects if isinstance(effect, table.Answer)]


@pytest.mark.parametrize(
    ("purpose", "position", "outcome"),
    [
        (Purpose.STATUS, Position.KNOWN, Outcome.ACTIVE),
        (Purpose.STATUS, Position.UNKNOWN, Outcome.UNKNOWN),
        (Purpose.VERIFY, Position.UNKNOWN, Outcome.UNKNOWN),
        (Purpose.ERASE, Position.UNKNOWN, Outcome.UNKNOWN),
        (Purpose.ENROL, Position.KNOWN, Outcome.ALREADY_ENROLLED),
    ],
)
def test_the_records_alone_may_be_the_answer(
    purpose: Purpose, position: Position, outcome: Outcome
) -> None:
    assert answers(purpose, stances_of(position)) == [outcome]


@pytest.mark.parametrize("purpose", [Purpose.ENROL, Purpose.VERIFY, Purpose.BITS])
def test_who_is_ready_computes(purpose: Purpose) -> None:
    assert judge(purpose, stances_of()) == (
        table.Computing(purpose),
        (table.Compute(),),
    )


def test_an_erasure_computes_nothing() -> None:
    assert judge(Purpose.ERASE, stances_of()) == (
        table.Proposing(Outcome.ERASED),
        (table.Propose(),),
    )


@pytest.mark.parametrize("seat", range(3))
@pytest.mark.parametrize("tag", ["tag_prev", "tag_next"])
def test_one_component_told_differently_is_malformed(seat: int, tag: str) -> None:
    stances = changed(seat, **{tag: b"x" * 32})
    assert answers(Purpose.ENROL, stances) == [Outcome.MALFORMED]


@pytest.mark.parametrize("seat", range(3))
@pytest.mark.parametrize(
    ("fields", "family", "sentence"),
    [
        (
            {"position": Position.REFUSED, "detail": "because."},
            Refused,
            "because",
        ),
        (
            {"position": Position.UNABLE, "detail": "not now."},
            Unavailable,
            "not now",
        ),
        ({"asked": b"x" * 32}, Refused, "different requests"),
        ({"roll": b"x" * 32}, Unavailable, "same records"),
        ({"position": Position.UNKNOWN}, Unavailable, "same records"),
    ],
    ids=["a rule", "not now", "another request", "another roll", "another position"],
)
def test_one_that_differs_stops_it_and_nothing_is_computed(
    seat: int, fields: dict[str, object], family: type[Exception], sentence: str
) -> None:
    state, effects = judge(Purpose.VERIFY, changed(seat, **fields))
    assert state == table.Over()
    (fail,) = effects
    assert isinstance(fail, table.Fail)
    assert isinstance(fail.error, family)
    assert sentence in str(fail.error)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_convenor_shows_what_all_said_in_any_order(order: tuple[int, ...]) -> None:
    stances = stances_of()
    state: table.State = table.Calling(Purpose.VERIFY)
    for place in order:
        state, effects = step(state, table.Took(stances[place]))
    assert effects == (table.Show(stances), table.Compute())
    assert step(table.Waiting(Purpose.VERIFY), table.Saw(stances)) == (
        state,
        (table.Compute(),),
    )


def test_nobody_takes_two_stances() -> None:
    state, _ = step(table.Calling(Purpose.VERIFY), table.Took(stances_of()[1]))
    with pytest.raises(OutOfTurn, match="Operator 2 took two stances"):
        step(state, table.Took(stances_of()[1]))


@pytest.mark.parametrize(
    ("purpose", "found", "is_change"),
    [
        (Purpose.ENROL, Outcome.ENROLLED, True),
        (Purpose.ENROL, Outcome.ALREADY_ENROLLED, False),
        (Purpose.ENROL, Outcome.MALFORMED, False),
        (Purpose.SEED, Outcome.SEEDED, True),
        (Purpose.VERIFY, Outcome.MATCHED, False),
        (Purpose.VERIFY, Outcome.NOT_MATCHED, False),
    ],
)
def test_only_a_found_place_changes_the_records(
    purpose: Purpose,
    found: Outcome,
    is_change: bool,  # noqa: FBT001 (a column)
) -> None:
    _, effects = step(table.Computing(purpose), table.Computed(found))
    expected = table.Propose() if is_change else table.Answer(found)
    assert effects == (expected,)


def test_the_answer_follows_what_became_of_the_change() -> None:
    proposing = table.Proposing(Outcome.ENROLLED)
    _, effects = step(proposing, table.Settled(Ruling.COMMIT))
    assert effects == (table.Answer(Outcome.ENROLLED),)
    _, (fail,) = step(proposing, table.Settled(Ruling.ABORT))
    assert isinstance(fail, table.Fail)
    assert "none did; nothing was lost" in str(fail.error)


@given(
    event=st.sampled_from(
        [
            table.Took(stances_of()[0]),
            table.Saw(stances_of()),
            table.Computed(Outcome.MATCHED),
            table.Settled(Ruling.COMMIT),
        ]
    )
)
def test_what_is_over_stays_over(event: table.Event) -> None:
    with pytest.raises(OutOfTurn):
        step(table.Over(), event)


def test_operators_are_named_by_their_numbers() -> None:
    stances = changed(1, position=Position.REFUSED, detail="no.")
    _, (fail,) = judge(Purpose.VERIFY, stances)
    assert isinstance(fail, table.Fail)
    assert str(fail.error) == f"Operator {OperatorId(2)}: no."
