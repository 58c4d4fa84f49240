"""The ideal network is as strict as the real one; only its secrecy is missing."""

from dataclasses import replace
from pathlib import Path

import pytest

from ipse.ground.errors import Refused, Unproven
from ipse.ground.names import OPERATORS, Instant, OperatorId, Outcome, Purpose
from ipse.keys.wallet import Wallet
from ipse.owner.request import Body, Dispatch, compose
from ipse.owner.verdict import conclude
from ipse_lab.examples import NOW, keyrings, owner_seed, trusted_charter
from ipse_lab.fakes import CountedEntropy, SettableClock
from ipse_lab.ideal import IdealNetwork
from ipse_lab.wallets import invented_body, owner_towards


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture
def network(clock: SettableClock) -> IdealNetwork:
    return IdealNetwork(trusted_charter(), keyrings(), clock)


def asked(
    network: IdealNetwork, wallet: Wallet, purpose: Purpose, *bodies: Body
) -> Dispatch:
    entropy = CountedEntropy(f"{purpose}/{len(network.asked)}")
    return compose(network.charter, wallet, purpose, bodies, network.clock, entropy)


def enrolled(network: IdealNetwork, folder: Path) -> Wallet:
    owner = owner_towards(network, folder / "a.wallet")
    assert owner.want(Purpose.ENROL, invented_body(1)).outcome is Outcome.ENROLLED
    wallet = owner.vault.load()
    assert wallet is not None
    return wallet


def outcome(network: IdealNetwork, dispatch: Dispatch) -> Outcome:
    replies = network.deliver(dispatch.submissions)
    return conclude(dispatch.request, network.charter, replies).finding.outcome


def test_a_record_obeys_its_own_key_alone(
    network: IdealNetwork, tmp_path: Path
) -> None:
    wallet = enrolled(network, tmp_path)
    thief = replace(wallet, owner_seed=owner_seed())
    for purpose in (Purpose.STATUS, Purpose.ERASE):
        assert outcome(network, asked(network, thief, purpose)) is Outcome.UNKNOWN
    probe = asked(network, thief, Purpose.VERIFY, invented_body(1))
    assert outcome(network, probe) is Outcome.UNKNOWN
    assert len(network.records) == 1


def test_a_request_that_is_over_is_refused(
    network: IdealNetwork, clock: SettableClock, tmp_path: Path
) -> None:
    dispatch = asked(network, enrolled(network, tmp_path), Purpose.STATUS)
    clock.set(Instant(dispatch.request.header.not_after + 1))
    with pytest.raises(Refused, match="over"):
        network.deliver(dispatch.submissions)


def test_a_box_for_another_operator_is_not_opened(
    network: IdealNetwork, tmp_path: Path
) -> None:
    wallet = enrolled(network, tmp_path)
    dispatch = asked(network, wallet, Purpose.VERIFY, invented_body(1))
    swapped = dict(zip(OPERATORS, reversed(dispatch.submissions.values()), strict=True))
    with pytest.raises(Unproven):
        network.deliver(swapped)


def test_an_operator_that_is_away_stops_all_three(
    network: IdealNetwork, tmp_path: Path
) -> None:
    wallet = enrolled(network, tmp_path)
    network.away = {OperatorId(3)}
    replies = network.deliver(asked(network, wallet, Purpose.ERASE).submissions)
    assert len(network.records) == 1
    blamed = [o for o, reply in replies.items() if getattr(reply, "is_first_hand", 0)]
    assert blamed == [OperatorId(3)]
