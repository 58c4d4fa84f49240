"""Killed at any step, three operators agree on who is enrolled, and nobody is lost.

The normal run kills at each step of an enrolment, one operator drawn for each, and at
some steps of an erasure; it prints its seed. `make kills` plays every step at every
operator (some minutes).
"""

import os
import random
import secrets
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest

from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose
from ipse.operator.commit import CONVENOR
from ipse.operator.desk import Step
from ipse.wire.verdict import Verdict
from ipse_lab.processes import Network, new_body, new_owner

Case = tuple[Purpose, OperatorId, Step]

NOT_THE_CONVENORS = {Step.VOTED, Step.COMMITTED, Step.ACKNOWLEDGED}
NOT_THE_FOLLOWERS = {Step.DECIDED, Step.ANNOUNCED}
NOT_OF_AN_ERASURE = {Step.SEATED, Step.COMPUTED}
ERASURES_DRAWN = 2
SOON_S = 10.0


def every_case() -> list[Case]:
    return [
        (purpose, operator, step)
        for purpose in (Purpose.ENROL, Purpose.ERASE)
        for operator in OPERATORS
        for step in Step
        if step
        not in (NOT_THE_CONVENORS if operator == CONVENOR else NOT_THE_FOLLOWERS)
        and not (purpose is Purpose.ERASE and step in NOT_OF_AN_ERASURE)
    ]


def chosen_cases() -> list[Case]:
    if os.environ.get("IPSE_EVERY_KILL"):
        return every_case()
    seed = int(os.environ.get("IPSE_KILL_SEED", secrets.randbits(32)))
    print(f"IPSE_KILL_SEED={seed}")  # noqa: T201 (to play the same draw again)
    dice = random.Random(seed)  # noqa: S311 (which steps are played)
    enrolments = [case for case in every_case() if case[0] is Purpose.ENROL]
    erasures = [case for case in every_case() if case[0] is Purpose.ERASE]
    at_each_step = [
        dice.choice([case for case in enrolments if case[2] is step]) for step in Step
    ]
    return [*at_each_step, *dice.sample(erasures, ERASURES_DRAWN)]


@pytest.mark.parametrize(
    ("purpose", "operator", "step"),
    chosen_cases(),
    ids=lambda value: str(getattr(value, "value", value)),
)
def test_a_kill_loses_nothing_and_leaves_no_doubt(
    network: Network, purpose: Purpose, operator: OperatorId, step: Step
) -> None:
    owner, body = new_owner(network), new_body(secrets.randbits(32))
    if purpose is Purpose.ERASE:
        assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    network.kill(operator)
    dying = network.spawn(operator, dying_at=step)
    network.wait_until_ready()
    if purpose is Purpose.ENROL:
        replies = network.ask(owner, Purpose.ENROL, body)
    else:
        replies = network.ask(owner, Purpose.ERASE)
    assert dying.wait(timeout=30) == -9
    network.revive()

    assert_same_records(network)
    told = {
        reply.finding.outcome
        for reply in replies.values()
        if isinstance(reply, Verdict)
    }
    standing = network.outcome(owner, Purpose.STATUS)
    assert standing in (Outcome.ACTIVE, Outcome.UNKNOWN)
    if purpose is Purpose.ENROL:
        if Outcome.ENROLLED in told:  # whoever signed it kept it
            assert standing is Outcome.ACTIVE
        if standing is Outcome.UNKNOWN:
            assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
        assert network.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    else:
        if Outcome.ERASED in told:
            assert standing is Outcome.UNKNOWN
        if standing is Outcome.ACTIVE:
            assert network.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
            assert network.outcome(owner, Purpose.ERASE) is Outcome.ERASED
    assert_same_records(network)


@pytest.mark.parametrize(
    "survivor",
    OPERATORS if os.environ.get("IPSE_EVERY_KILL") else [secrets.choice(OPERATORS)],
)
def test_two_that_die_at_once_lose_nothing(
    network: Network, survivor: OperatorId
) -> None:
    owner, body = new_owner(network), new_body(secrets.randbits(32))
    assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    dying = []
    for operator in set(OPERATORS) - {survivor}:
        step = Step.ANNOUNCED if operator == CONVENOR else Step.PREPARED
        network.kill(operator)
        dying.append(network.spawn(operator, dying_at=step))
    network.wait_until_ready()
    network.ask(owner, Purpose.ERASE)
    for operator in set(OPERATORS) - {survivor}:
        network.kill(operator)  # the first death may keep the other from its step
    assert -9 in [process.wait(timeout=30) for process in dying]
    network.revive()
    assert_same_records(network)
    standing = network.outcome(owner, Purpose.STATUS)
    expected = Outcome.MATCHED if standing is Outcome.ACTIVE else Outcome.UNKNOWN
    assert network.outcome(owner, Purpose.VERIFY, body) is expected


def assert_same_records(network: Network) -> None:
    """Same handles in the same slots, nothing in doubt, no row that nobody names."""
    records = [read(network.ledger(n), "handle, slot", "records") for n in OPERATORS]
    assert records[0] == records[1] == records[2]
    living = {slot for _, slot in records[0]}
    end = time.monotonic() + SOON_S
    for operator in OPERATORS:
        ledger = network.ledger(operator)
        while read(ledger, "request", "in_doubt") and time.monotonic() < end:
            time.sleep(0.05)  # a follower answers before it has stored
        assert read(ledger, "request", "in_doubt") == []
        rows = np.fromfile(network.segments(operator) / "face.rows", np.uint16)
        rows = rows[2048:].reshape(-1, 128)
        assert set(np.flatnonzero(rows.any(axis=1)).tolist()) == living


def read(ledger: Path, columns: str, table: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
    try:
        query = f"SELECT {columns} FROM {table} ORDER BY 1"  # noqa: S608 (constants)
        return connection.execute(query).fetchall()
    finally:
        connection.close()
