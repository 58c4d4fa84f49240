"""Three real operators count tries alike, through a kill, and refuse in a sentence."""

import secrets
import sqlite3
from pathlib import Path

import pytest

from ipse.ground.errors import Refused
from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose
from ipse.ground.params import METER_FREE_FAILURES
from ipse.keys.wallet import Wallet
from ipse.operator.desk import Step
from ipse.owner.verdict import Silence
from ipse_lab.drill.over_network import attack_networks
from ipse_lab.drill.victims import portrayed
from ipse_lab.processes import Network, new_body, new_owner, started

COLUMNS = "term, tries, failures, stale_at, open_from, number"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    with started(tmp_path_factory.mktemp("meter")) as network:
        yield network


def meters(ledger: Path, handle: bytes) -> list[tuple[int, ...]]:
    connection = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
    try:
        query = f"SELECT {COLUMNS} FROM chains WHERE handle = ?"  # noqa: S608 (constants)
        return connection.execute(query, (handle,)).fetchall()
    finally:
        connection.close()


def of_all(network: Network, owner: Wallet) -> tuple[int, ...]:
    """Tries and failures, which are the same at all three."""
    # a follower answers before it stores; no other job begins before all have
    assert network.outcome(owner, Purpose.STATUS) is Outcome.ACTIVE
    handle = owner.handle
    found = [meters(network.ledger(operator), handle) for operator in OPERATORS]
    assert found[0] == found[1] == found[2]
    ((_, tries, failures, _, _, _),) = found[0]
    return tries, failures


def test_failures_are_free_and_then_all_three_say_when(network: Network) -> None:
    owner, body, other = new_owner(network), new_body(1), new_body(2)
    assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    assert network.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    for _ in range(METER_FREE_FAILURES + 1):
        said = network.outcome(owner, Purpose.VERIFY, other)
        assert said is Outcome.NOT_MATCHED
    replies = network.ask(owner, Purpose.VERIFY, body)
    assert len(replies) == len(OPERATORS)
    for reply in replies.values():
        assert isinstance(reply, Silence)
        assert isinstance(reply.error, Refused)
        assert "27 of 32 such tries are left in 30 days" in str(reply.error)
        assert "try again in" in str(reply.error)
    # to be refused is no try
    assert of_all(network, owner) == (6, 5)


@pytest.mark.parametrize(
    ("operator", "step"),
    [
        (OperatorId(1), Step.DECIDED),
        (OperatorId(2), Step.SEATED),
        (OperatorId(3), Step.COMPUTED),
    ],
    ids=str,
)
def test_a_try_that_a_kill_cuts_off_is_counted_at_all_three(
    network: Network, operator: OperatorId, step: Step
) -> None:
    """Its bit may have been seen, so it was a try; and never counts as none."""
    owner, body = new_owner(network), new_body(secrets.randbits(32))
    assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    network.kill(operator)
    dying = network.spawn(operator, dying_at=step)
    network.wait_until_ready()
    network.ask(owner, Purpose.VERIFY, body)
    assert dying.wait(timeout=30) == -9
    network.revive()
    tries, failures = of_all(network, owner)
    assert tries == 1
    assert failures <= 1
    assert network.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    assert of_all(network, owner) == (2, failures)


def test_answers_of_real_operators_are_used_until_the_meter_says_no() -> None:
    """What the drill does to the end: here a dozen tries on either network."""
    attacked = attack_networks(portrayed().first, most=12, seed=1)
    assert (attacked.without_cap.tries, attacked.without_cap.refusal) == (12, "")
    assert attacked.under_cap.tries < 12
    assert attacked.under_cap.failures == METER_FREE_FAILURES + 1
    assert "try again in" in attacked.under_cap.refusal
    assert not attacked.is_held, "a dozen tries rebuild nothing"
