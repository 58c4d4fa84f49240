"""Whatever gets lost on the way, the wallet ends with the key of its record."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ipse.ground.errors import Misbehaved, Refused, Unavailable, Unproven
from ipse.ground.names import OperatorId, Outcome, Purpose
from ipse.owner.flow import Standing
from ipse.owner.vault import held
from ipse.owner.verdict import Reply
from ipse.owner.wallet import Owner
from ipse.wire.verdict import Verdict
from ipse_lab.ideal import IdealNetwork
from ipse_lab.wallets import invented_body as body
from ipse_lab.wallets import owner_towards

Owners = Callable[[str], Owner]


def standing(owner: Owner) -> str:
    wallet = owner.vault.load()
    return Standing.BLANK if wallet is None else wallet.standing


def test_a_body_enrols_is_recognised_found_again_erased_and_then_unknown(
    owner_of: Owners,
) -> None:
    eileen, twin = owner_of("eileen"), owner_of("twin")
    assert eileen.want(Purpose.ENROL, body(1)).outcome is Outcome.ENROLLED
    assert eileen.want(Purpose.VERIFY, body(1)).outcome is Outcome.MATCHED
    assert eileen.want(Purpose.VERIFY, body(2)).outcome is Outcome.NOT_MATCHED
    assert twin.want(Purpose.ENROL, body(1)).outcome is Outcome.ALREADY_ENROLLED
    assert standing(twin) == Standing.BLANK
    assert eileen.want(Purpose.STATUS).outcome is Outcome.ACTIVE
    assert eileen.want(Purpose.ERASE).outcome is Outcome.ERASED
    assert eileen.want(Purpose.VERIFY, body(1)).outcome is Outcome.UNKNOWN
    assert eileen.want(Purpose.ENROL, body(1)).outcome is Outcome.ENROLLED


@pytest.mark.parametrize("moment", ["lose_before", "lose_after"])
def test_an_enrolment_whose_answer_is_lost_is_finished_by_the_next_try(
    network: IdealNetwork, owner_of: Owners, moment: str
) -> None:
    setattr(network, moment, True)
    with pytest.raises(Unavailable):
        owner_of("eileen").want(Purpose.ENROL, body(1))
    assert standing(owner_of("eileen")) == Standing.PENDING
    setattr(network, moment, False)
    assert owner_of("eileen").want(Purpose.ENROL, body(1)).outcome is Outcome.ENROLLED
    assert owner_of("eileen").want(Purpose.VERIFY, body(1)).outcome is Outcome.MATCHED
    assert len(network.records) == 1


@pytest.mark.parametrize("moment", ["lose_before", "lose_after"])
def test_an_erasure_whose_answer_is_lost_is_finished_by_the_next_try(
    network: IdealNetwork, owner_of: Owners, moment: str
) -> None:
    owner_of("eileen").want(Purpose.ENROL, body(1))
    setattr(network, moment, True)
    with pytest.raises(Unavailable):
        owner_of("eileen").want(Purpose.ERASE)
    setattr(network, moment, False)
    assert owner_of("eileen").want(Purpose.ERASE).outcome is Outcome.ERASED
    assert not network.records


def test_the_wallet_is_on_disk_when_the_enrolment_leaves(
    network: IdealNetwork, owner_of: Owners
) -> None:
    owner = owner_of("eileen")
    seen: list[str] = []

    def look(_operator: OperatorId, reply: Reply) -> Reply:
        seen.append(standing(owner))
        return reply

    network.twist = look
    owner.want(Purpose.ENROL, body(1))
    assert set(seen) == {Standing.PENDING}
    assert standing(owner) == Standing.CONFIRMED


def test_another_charter_ends_the_run_before_a_byte_is_sent(
    network: IdealNetwork, owner_of: Owners
) -> None:
    owner_of("eileen").want(Purpose.ENROL, body(1))
    owner = owner_of("eileen")
    owner.charter = replace(owner.charter, digest=bytes(32))
    sent = len(network.asked)
    with pytest.raises(Unproven, match="not the one that this wallet pinned"):
        owner.want(Purpose.VERIFY, body(1))
    assert len(network.asked) == sent


def test_a_wrong_passphrase_opens_nothing_and_changes_nothing(
    network: IdealNetwork, owner_of: Owners, tmp_path: Path
) -> None:
    owner_of("eileen").want(Purpose.ENROL, body(1))
    path = tmp_path / "eileen.wallet"
    before = path.read_bytes()
    owner = owner_towards(network, path, "a short walk")
    with pytest.raises(Refused, match="passphrase does not open"):
        owner.want(Purpose.VERIFY, body(1))
    assert path.read_bytes() == before


def test_two_operators_that_contradict_each_other_are_convicted_by_their_signatures(
    network: IdealNetwork, owner_of: Owners
) -> None:
    owner = owner_of("eileen")
    owner.want(Purpose.ENROL, body(1))

    def lie(operator: OperatorId, reply: Reply) -> Reply:
        assert isinstance(reply, Verdict)
        if operator == OperatorId(1):
            return reply
        outcomes = (Outcome.UNKNOWN, Outcome.NOT_MATCHED)
        return network.sign(operator, reply, outcomes[operator - 2])

    network.twist = lie
    with pytest.raises(Misbehaved, match="The evidence is in") as caught:
        owner.want(Purpose.VERIFY, body(1))
    place = str(caught.value).split("The evidence is in ")[1].split(":")[0]
    assert b"ipse/evidence/split/1" in Path(place).read_bytes()


def test_a_single_liar_changes_no_answer_and_leaves_its_signature(
    network: IdealNetwork, owner_of: Owners
) -> None:
    owner = owner_of("eileen")
    owner.want(Purpose.ENROL, body(1))

    def lie(operator: OperatorId, reply: Reply) -> Reply:
        assert isinstance(reply, Verdict)
        if operator != OperatorId(3):
            return reply
        return network.sign(operator, reply, Outcome.NOT_MATCHED)

    network.twist = lie
    told = owner.want(Purpose.VERIFY, body(1))
    assert told.outcome is Outcome.MATCHED
    assert told.answer.dissent == (OperatorId(3),)
    assert Path(told.evidence).exists()


def test_an_operator_that_is_away_is_named_and_not_the_ones_that_wait_for_it(
    network: IdealNetwork, owner_of: Owners
) -> None:
    network.away = {OperatorId(2)}
    with pytest.raises(Unavailable, match=r"^Operator 2 cannot be reached") as caught:
        owner_of("eileen").want(Purpose.ENROL, body(1))
    assert "Operator 1" not in str(caught.value)


def test_two_runs_on_one_wallet_do_not_happen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "me.wallet"
    with held(path), pytest.raises(Unavailable, match="in use"), held(path):
        pass
    with held(path):
        pass
