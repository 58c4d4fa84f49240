"""Operators stop, start, fill their disks and fall silent; no record is lost."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipse.ground.errors import Refused, Unavailable
from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose
from ipse.keys.wallet import Wallet
from ipse.operator import local
from ipse.owner.request import Body
from ipse.owner.verdict import Silence
from ipse_lab.processes import (
    PATIENCE_S,
    THRESHOLDS,
    Network,
    new_body,
    new_owner,
)

TWO = OperatorId(2)


@pytest.fixture
def alive(network: Network) -> Iterator[Network]:
    """Return the network with all three alive, before and after."""
    network.revive()
    yield network
    network.revive()


@pytest.fixture
def enrolled(alive: Network) -> tuple[Wallet, Body]:
    owner, body = new_owner(alive), new_body(time.time_ns())
    assert alive.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    return owner, body


@pytest.mark.parametrize("operator", OPERATORS)
def test_whoever_is_down_is_named_in_time_and_comes_back(
    alive: Network, enrolled: tuple[Wallet, Body], operator: OperatorId
) -> None:
    owner, body = enrolled
    alive.kill(operator)
    began = time.monotonic()
    replies = alive.ask(owner, Purpose.VERIFY, body)
    assert time.monotonic() - began < PATIENCE_S + 8
    for other in set(OPERATORS) - {operator}:
        reply = replies[other]
        assert isinstance(reply, Silence)
        assert isinstance(reply.error, Unavailable)
        assert f"operator {operator} is missing: nothing was lost" in str(reply.error)
    alive.revive()
    assert alive.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED


def test_one_that_hangs_is_not_waited_for_for_ever(
    alive: Network, enrolled: tuple[Wallet, Body]
) -> None:
    owner, body = enrolled
    pid = local.status(alive.home)[TWO - 1].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        dispatch = alive.compose(owner, Purpose.VERIFY, body)
        others = {n: s for n, s in dispatch.submissions.items() if n != TWO}
        began = time.monotonic()
        replies = alive.deliver(type(dispatch)(dispatch.request, others))
        assert time.monotonic() - began < PATIENCE_S + 8
        for reply in replies.values():
            assert isinstance(reply, Silence)
            assert "nothing was lost" in str(reply.error)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert alive.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED


def test_a_clean_stop_and_start_keeps_every_record(
    alive: Network, enrolled: tuple[Wallet, Body]
) -> None:
    owner, body = enrolled
    local.stop(alive.home)
    assert [state.pid for state in local.status(alive.home)] == [None] * 3
    alive.revive()
    assert alive.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED


def test_a_second_process_in_a_home_says_so_and_ends(alive: Network) -> None:
    second = subprocess.run(
        [
            sys.executable,
            *("-m", "ipse.operator", "--operator", "2"),
            *("--home", str(alive.home)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert "is in use by another process: stop that one first" in second.stderr
    assert "Traceback" not in second.stderr
    assert alive.outcome(new_owner(alive), Purpose.STATUS) is Outcome.UNKNOWN


def test_a_home_with_a_network_is_not_given_another(alive: Network) -> None:
    before = (alive.home / "charter.cbor").read_bytes()
    with pytest.raises(Refused, match="There is a network in home already"):
        local.create_network(alive.home, "other", thresholds=THRESHOLDS)
    assert (alive.home / "charter.cbor").read_bytes() == before


def test_a_home_without_a_network_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="start one with `ipse up`"):
        local.start(tmp_path)


def test_a_full_disk_at_one_keeps_all_from_storing(
    alive: Network, enrolled: tuple[Wallet, Body]
) -> None:
    owner, body = enrolled
    count = alive.records(TWO)
    fill_slots(alive)
    local.stop(alive.home)
    for operator in OPERATORS:
        alive.spawn(operator, file_bytes=500_000 if operator == TWO else None)
    alive.wait_until_ready()
    newcomer, other = new_owner(alive), new_body(time.time_ns())
    said = alive.outcome(newcomer, Purpose.ENROL, other)
    assert "could not store the change, so none did; nothing was lost" in said
    assert [alive.records(operator) for operator in OPERATORS] == [count] * 3
    assert alive.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    alive.kill(TWO)
    alive.revive()
    assert alive.outcome(newcomer, Purpose.ENROL, other) is Outcome.ENROLLED


def fill_slots(network: Network) -> None:
    """Take away the room that operator 2 has allocated and not used."""
    rows = network.segments(TWO) / "face.rows"
    local.stop(network.home)
    with sqlite3.connect(network.ledger(TWO)) as ledger:
        (last,) = ledger.execute("SELECT MAX(slot) FROM records").fetchone()
    ledger.close()
    os.truncate(rows, 4_096 + 256 * (last + 1))


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_with_anothers_disk_serves_nobody(
    alive: Network, enrolled: tuple[Wallet, Body], operator: OperatorId
) -> None:
    del enrolled
    rows = alive.segments(operator) / "face.rows"
    local.stop(alive.home)
    good = rows.read_bytes()
    neighbour = OperatorId(operator % 3 + 1)
    rows.write_bytes((alive.segments(neighbour) / "face.rows").read_bytes())
    failed = alive.spawn(operator)
    assert failed.wait(timeout=60) == 1
    log = alive.home / "run" / f"operator-{operator}.log"
    assert "is not this operator's for this network" in log.read_text()
    rows.write_bytes(good)


def test_strangers_at_the_operators_door_keep_nobody_out(
    alive: Network, enrolled: tuple[Wallet, Body]
) -> None:
    owner, body = enrolled
    address = alive.charter.charter.entry(TWO).peer_address.split(":")
    strangers = [socket.create_connection((address[0], int(address[1]))) for _ in "abc"]
    strangers[0].sendall(b"GET / HTTP/1.1\r\n\r\n")
    strangers[1].sendall(bytes(100_000))
    assert alive.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    alive.kill(OperatorId(1))
    alive.revive()  # operator 2 has to get past all of them, one of whom is silent
    assert alive.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    for stranger in strangers:
        stranger.close()
