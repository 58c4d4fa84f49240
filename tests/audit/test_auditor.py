"""An honest network passes every test, and a lie is kept as evidence that convicts."""

from collections.abc import Callable, Mapping

import pytest

from ipse.audit.auditor import Auditor, Turn
from ipse.audit.diary import Stage
from ipse.audit.evidence import Conviction, convict
from ipse.ground.names import OperatorId, Outcome, Purpose
from ipse.owner.verdict import Reply
from ipse.wire.known_answer import KNOWN_ANSWER
from ipse.wire.request import Header, Submission
from ipse_lab.ideal import IdealNetwork

AuditorOf = Callable[[str], Auditor]
Lying = Callable[[Outcome, Outcome], None]


def turns(auditor: Auditor, count: int) -> list[Turn]:
    return [auditor.turn() for _ in range(count)]


def convicted(turn: Turn, network: IdealNetwork) -> Conviction:
    assert turn.evidence is not None
    evidence = KNOWN_ANSWER.decode(turn.evidence.read_bytes())
    return convict(evidence, network.charter)


def test_an_honest_network_answers_every_test_right(
    network: IdealNetwork, auditor_of: AuditorOf
) -> None:
    auditor = auditor_of("one")
    seen = turns(auditor, 80)
    diary = auditor.diary
    assert diary.wrong == 0
    assert not any(turn.evidence or turn.remark for turn in seen)
    assert diary.presented + diary.newcomers == sum(turn.is_test for turn in seen)
    assert min(diary.presented, diary.newcomers) > 10
    assert {one.handle for one in diary.canaries} == set(network.records)


def test_no_more_canaries_wait_than_were_wanted(auditor_of: AuditorOf) -> None:
    auditor = auditor_of("two")
    waiting = []
    for _ in range(60):
        auditor.turn()
        waiting.append(len(auditor.diary.at(Stage.WAITING)))
    assert max(waiting) == 4


def test_a_canary_is_presented_once_and_every_key_is_new(
    auditor_of: AuditorOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = auditor_of("three")
    headers: list[Header] = []
    deliver = IdealNetwork.deliver

    def overheard(
        network: IdealNetwork, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        headers.append(submissions[OperatorId(1)].request.header)
        return deliver(network, submissions)

    monkeypatch.setattr(IdealNetwork, "deliver", overheard)
    turns(auditor, 40)
    enrolments = [one for one in headers if one.purpose is Purpose.ENROL]
    assert len(enrolments) > 15
    assert len({one.handle for one in enrolments}) == len(enrolments)
    assert len({one.owner_key for one in enrolments}) == len(enrolments)


def test_a_test_that_is_turned_away_asks_for_its_status_as_every_wallet_does(
    network: IdealNetwork, auditor_of: AuditorOf
) -> None:
    auditor = auditor_of("four")
    while auditor.diary.presented == 0:
        network.asked.clear()
        turn = auditor.turn()
    assert turn.outcome is Outcome.ALREADY_ENROLLED
    assert network.asked == [Purpose.ENROL, Purpose.STATUS]


def test_a_network_that_hides_records_is_convicted_by_the_first_canary(
    network: IdealNetwork, auditor_of: AuditorOf, lying: Lying
) -> None:
    auditor = auditor_of("five")
    lying(Outcome.ALREADY_ENROLLED, Outcome.ENROLLED)
    seen = turns(auditor, 30)
    wrong = [turn for turn in seen if turn.evidence]
    assert len(wrong) == auditor.diary.presented == auditor.diary.wrong > 3
    for turn in wrong:
        found = convicted(turn, network)
        assert found == Conviction(Outcome.ENROLLED, Outcome.ALREADY_ENROLLED, 0.0)


def test_what_a_lie_let_in_is_to_be_erased(auditor_of: AuditorOf, lying: Lying) -> None:
    auditor = auditor_of("eleven")
    lying(Outcome.ALREADY_ENROLLED, Outcome.ENROLLED)
    while not auditor.turn().evidence:
        pass
    strangers = [one for one in auditor.diary.canaries if not one.enrolled]
    assert [one.stage for one in strangers] == [Stage.SPENT]


@pytest.mark.parametrize("told", [Outcome.ALREADY_ENROLLED, Outcome.MALFORMED])
def test_a_network_that_turns_newcomers_away_is_convicted(
    network: IdealNetwork, auditor_of: AuditorOf, lying: Lying, told: Outcome
) -> None:
    auditor = auditor_of("six")
    lying(Outcome.ENROLLED, told)
    turn = auditor.turn()
    found = convicted(turn, network)
    assert (found.outcome, found.expected) == (told, Outcome.ENROLLED)
    if told is Outcome.ALREADY_ENROLLED:
        assert 0.0 < found.chance < 1e-4  # it may be a coincidence, and how likely
    else:
        assert found.chance == 0.0
    assert auditor.diary.canaries == ()


def test_what_was_not_answered_counts_for_nothing_and_is_erased(
    network: IdealNetwork, auditor_of: AuditorOf
) -> None:
    auditor = auditor_of("seven")
    network.lose_after = True
    seen = turns(auditor, 4)
    assert all(turn.outcome is None and turn.remark for turn in seen)
    assert (auditor.diary.presented, auditor.diary.newcomers) == (0, 0)
    assert network.records
    network.lose_after = False
    lost = set(network.records)
    turns(auditor, 40)
    assert not lost & set(network.records)


def test_a_test_that_a_crash_cut_off_is_erased_by_the_next_run(
    auditor_of: AuditorOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = auditor_of("eight")
    with monkeypatch.context() as patch:

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(IdealNetwork, "deliver", crash)
        with pytest.raises(KeyboardInterrupt):
            auditor.turn()
    again = auditor_of("eight")
    (left,) = again.diary.canaries
    assert left.stage is Stage.SPENT
    turns(again, 20)
    assert left.handle not in {one.handle for one in again.diary.canaries}


def test_a_diary_goes_on_where_it_was(auditor_of: AuditorOf) -> None:
    auditor = auditor_of("nine")
    turns(auditor, 10)
    again = auditor_of("nine")
    assert again.diary == auditor.diary
    turns(again, 10)
    assert again.diary.newcomers > auditor.diary.newcomers


def test_pauses_are_as_long_on_average_as_was_asked(auditor_of: AuditorOf) -> None:
    auditor = auditor_of("ten")
    pauses = [auditor.pause_s(10.0) for _ in range(4_000)]
    assert sum(pauses) / len(pauses) == pytest.approx(10.0, rel=0.1)
    short = sum(pause < 10.0 for pause in pauses) / len(pauses)
    assert short == pytest.approx(0.632, abs=0.04)  # 1 - 1/e: exponential


def test_an_auditor_that_ends_leaves_nothing_behind(
    network: IdealNetwork, auditor_of: AuditorOf
) -> None:
    auditor = auditor_of("twelve")
    turns(auditor, 12)
    assert network.records
    network.lose_before = True
    assert all(turn.remark for turn in auditor.end())
    assert auditor.diary.canaries  # written down until they are erased
    network.lose_before = False
    auditor.end()
    assert (auditor.diary.canaries, network.records) == ((), {})
