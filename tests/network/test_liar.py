"""One of three real operators lies: nothing wrong is answered, and it is told of."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipse.ground.errors import Misbehaved
from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose
from ipse.operator import local
from ipse.operator.process import complaints_in
from ipse.owner.verdict import Silence
from ipse.receipt.blame import Case, in_all
from ipse_lab.liar import Lie
from ipse_lab.processes import THRESHOLDS, Network, new_body, new_owner, started

ONE, TWO, THREE = OPERATORS


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with started(tmp_path_factory.mktemp("liar")) as running:
        yield running


def known_to(network: Network, operator: OperatorId) -> list[Case]:
    return complaints_in(network.home, operator)


def replace_by_liar(network: Network, operator: OperatorId, lie: Lie) -> None:
    network.kill(operator)
    network.spawn(operator, lie=lie)
    network.wait_until_ready()


def test_who_lies_in_two_ways_is_named_and_changes_no_answer(network: Network) -> None:
    owner, body = new_owner(network), new_body(1)
    assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    for number, lie in enumerate((Lie.CARRIES, Lie.PROOF), 1):
        replace_by_liar(network, ONE, lie)
        replies = network.ask(owner, Purpose.VERIFY, body)
        # wallets hear from the honest ones whom each suspects
        for operator in (TWO, THREE):
            reply = replies[operator]
            assert isinstance(reply, Silence)
            assert isinstance(reply.error, Misbehaved)
            assert f"Operator {operator} suspects operator 1" in str(reply.error)
        # each has its own complaint on its disk, and the others' when they met again
        network.kill(ONE)
        for operator in (TWO, THREE):
            said = known_to(network, operator)[-1].complaints
            assert operator in [complaint.operator for complaint in said]
        network.revive()
        for operator in OPERATORS:
            found = known_to(network, operator)
            assert len(found) == number
            about = {one.operator: one.suspects for one in found[-1].complaints}
            assert ONE in about[TWO]
            assert ONE in about[THREE]
        # nobody has to mend anything: the use was interrupted, the next is answered
        assert network.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    first, second = known_to(network, TWO)
    assert (first.liars, second.liars) == ((ONE, THREE), (ONE, TWO))
    assert in_all([first, second]) == (ONE,)


def test_a_false_opening_to_one_other_answers_nothing_wrong(network: Network) -> None:
    """Who is told two things can't say which is false: it suspects both."""
    owner, body, stranger = new_owner(network), new_body(2), new_body(3)
    assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    replace_by_liar(network, ONE, Lie.OPENING)
    said = network.outcome(owner, Purpose.VERIFY, stranger)
    assert said not in (Outcome.MATCHED, Outcome.MALFORMED)
    network.kill(ONE)
    network.revive()
    for operator in OPERATORS:
        case = known_to(network, operator)[-1]
        assert (TWO, (ONE, THREE)) in [
            (complaint.operator, complaint.suspects) for complaint in case.complaints
        ]
        assert ONE in case.liars
        assert not case.is_named
    assert network.outcome(owner, Purpose.VERIFY, stranger) is Outcome.NOT_MATCHED


def test_an_operator_lists_who_suspects_whom(network: Network, tmp_path: Path) -> None:
    words = ["operator", "complaints", "--operator", "3", "--home", str(network.home)]
    command = [sys.executable, "-m", "ipse.cli.main", *words]
    listed = json.loads(subprocess.check_output([*command, "--json"], text=True))
    found = known_to(network, THREE)
    assert [call["liars"] for call in listed["calls"]] == [
        list(case.liars) for case in found
    ]
    assert listed["liars"] == [ONE]
    wide = {**os.environ, "COLUMNS": "160"}
    seen = subprocess.check_output(command, text=True, env=wide)
    assert "operator 3 suspects 1 (message)" in seen
    assert "not settled" in seen
    assert "If one operator told all these lies, it is operator 1." in seen
    local.create_network(tmp_path, "quiet", thresholds=THRESHOLDS)
    command[-1] = str(tmp_path)
    quiet = subprocess.check_output(command, text=True)
    assert quiet == "Nobody complained: no lie was seen.\n"
