"""A wallet never loses the key of a record, and never asks twice what it can recall."""

import itertools

import pytest

from ipse.ground.errors import IpseError, OutOfTurn, Refused
from ipse.ground.names import Outcome, Purpose
from ipse.owner.flow import (
    Answered,
    Ask,
    Asking,
    Draw,
    Effect,
    Forget,
    Keep,
    Parting,
    Recalling,
    Resting,
    Standing,
    State,
    Tell,
    Wanted,
    step,
)

WISHES = (Purpose.ENROL, Purpose.VERIFY, Purpose.STATUS, Purpose.ERASE)


def play(standing: Standing, wanted: Purpose, *answers: Outcome) -> list[Effect]:
    """Every effect of one run."""
    state: State
    state, effects = step(Resting(standing), Wanted(wanted))
    performed = list(effects)
    for answer in answers:
        state, effects = step(state, Answered(answer))
        performed += effects
    return performed


def test_the_file_is_written_before_the_enrolment_is_sent() -> None:
    assert play(Standing.BLANK, Purpose.ENROL, Outcome.ENROLLED) == [
        Draw(),
        Keep(Standing.PENDING),
        Ask(Purpose.ENROL),
        Keep(Standing.CONFIRMED),
        Tell(Outcome.ENROLLED),
    ]


def test_a_retry_asks_what_became_of_the_enrolment_and_keeps_the_key() -> None:
    assert play(Standing.PENDING, Purpose.ENROL, Outcome.ACTIVE) == [
        Ask(Purpose.STATUS),
        Keep(Standing.CONFIRMED),
        Tell(Outcome.ENROLLED),
    ]


def test_a_retry_of_an_enrolment_that_never_arrived_sends_it_with_the_same_key() -> (
    None
):
    effects = play(Standing.PENDING, Purpose.ENROL, Outcome.UNKNOWN, Outcome.ENROLLED)
    assert Draw() not in effects
    assert effects[:2] == [Ask(Purpose.STATUS), Ask(Purpose.ENROL)]


@pytest.mark.parametrize("no", [Outcome.ALREADY_ENROLLED, Outcome.MALFORMED])
def test_a_key_is_thrown_away_only_after_the_network_says_it_opens_nothing(
    no: Outcome,
) -> None:
    gone = play(Standing.BLANK, Purpose.ENROL, no, Outcome.UNKNOWN)
    assert gone[-3:] == [Ask(Purpose.STATUS), Forget(), Tell(no)]
    late = play(Standing.BLANK, Purpose.ENROL, no, Outcome.ACTIVE)
    assert late[-2:] == [Keep(Standing.CONFIRMED), Tell(Outcome.ENROLLED)]
    assert Forget() not in late


def test_a_record_that_somebody_else_erased_is_not_waited_for() -> None:
    gone = play(Standing.PENDING, Purpose.VERIFY, Outcome.ERASED)
    assert gone == [
        Ask(Purpose.STATUS),
        Keep(Standing.ERASED),
        Tell(Outcome.ERASED),
    ]


def test_verifying_changes_nothing_on_the_device() -> None:
    for outcome in (Outcome.MATCHED, Outcome.NOT_MATCHED, Outcome.UNKNOWN):
        assert play(Standing.CONFIRMED, Purpose.VERIFY, outcome) == [
            Ask(Purpose.VERIFY),
            Tell(outcome),
        ]


def test_an_erased_record_is_asked_about_and_not_assumed() -> None:
    effects = play(Standing.ERASED, Purpose.VERIFY, Outcome.UNKNOWN)
    assert effects == [Ask(Purpose.VERIFY), Tell(Outcome.UNKNOWN)]


def test_an_erasure_that_was_cut_off_is_finished() -> None:
    assert play(Standing.ERASING, Purpose.ERASE, Outcome.ACTIVE, Outcome.ERASED) == [
        Ask(Purpose.STATUS),
        Keep(Standing.CONFIRMED),
        Keep(Standing.ERASING),
        Ask(Purpose.ERASE),
        Keep(Standing.ERASED),
        Tell(Outcome.ERASED),
    ]
    done = play(Standing.ERASING, Purpose.ERASE, Outcome.UNKNOWN)
    assert done[-2:] == [Keep(Standing.ERASED), Tell(Outcome.ERASED)]


def test_whoever_erased_may_enrol_again_with_a_new_key() -> None:
    for standing, answers in (
        (Standing.ERASED, [Outcome.ENROLLED]),
        (Standing.ERASING, [Outcome.UNKNOWN, Outcome.ENROLLED]),
    ):
        effects = play(standing, Purpose.ENROL, *answers)
        assert Draw() in effects


def test_a_wallet_holds_one_record() -> None:
    with pytest.raises(Refused, match="already holds a record"):
        step(Resting(Standing.CONFIRMED), Wanted(Purpose.ENROL))


@pytest.mark.parametrize("purpose", [Purpose.VERIFY, Purpose.STATUS, Purpose.ERASE])
def test_an_empty_wallet_says_to_enrol_first(purpose: Purpose) -> None:
    with pytest.raises(Refused, match="enrol first"):
        step(Resting(Standing.BLANK), Wanted(purpose))


def test_an_answer_that_nobody_asked_for_is_refused_loudly() -> None:
    for state in (
        Resting(Standing.CONFIRMED),
        Asking(Standing.CONFIRMED, Purpose.VERIFY),
        Recalling(Standing.PENDING, Purpose.ENROL),
        Parting(Outcome.MALFORMED),
    ):
        with pytest.raises(OutOfTurn, match="seeded"):
            step(state, Answered(Outcome.SEEDED))


def test_in_every_run_of_every_length_the_key_of_a_sent_enrolment_is_on_disk() -> None:
    """All standings, wishes and answers, three deep: exhaustive, not sampled."""
    runs = 0
    for standing, wanted, answers in itertools.product(
        Standing, WISHES, itertools.product(Outcome, repeat=3)
    ):
        on_disk = standing not in {Standing.BLANK, Standing.ERASED}
        fresh_key_unsaved = False
        try:
            state, effects = step(Resting(standing), Wanted(wanted))
            for answer in (None, *answers):
                if answer is not None:
                    state, effects = step(state, Answered(answer))
                for effect in effects:
                    match effect:
                        case Draw():
                            fresh_key_unsaved = True
                        case Keep():
                            on_disk, fresh_key_unsaved = True, False
                        case Ask(Purpose.ENROL):
                            assert on_disk
                            assert not fresh_key_unsaved
                        case Forget():
                            assert answer in {Outcome.UNKNOWN, Outcome.ERASED}
                            on_disk = False
                        case _:
                            pass
                runs += 1
        except IpseError:
            continue
    assert runs > 1_000
