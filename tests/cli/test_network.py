"""A local network is started once, told apart from its neighbours, and explained."""

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ipse.cli.main import main
from ipse.cli.ports import choose_ports
from ipse.operator.local import HOST, default_ports


def test_the_three_operators_are_three_processes_that_are_ready(
    ipse: Callable,
) -> None:
    said = ipse("status")
    assert said.code == 0
    operators = said.object["operators"]
    assert [one["operator"] for one in operators] == [1, 2, 3]
    assert len({one["pid"] for one in operators}) == 3
    assert all(one["ready"] for one in operators)
    assert "ready" in ipse("status", json_too=False).out


def test_starting_what_runs_changes_nothing(ipse: Callable) -> None:
    before = ipse("status").object["operators"]
    said = ipse("up")
    assert said.code == 0
    assert said.object["created"] is False
    after = ipse("status").object["operators"]
    assert [one["pid"] for one in before] == [one["pid"] for one in after]


def test_what_is_stopped_keeps_its_records(
    ipse: Callable, enrolled: str, photo: str
) -> None:
    down = ipse("down")
    assert (down.code, down.object["stopped"]) == (0, [1, 2, 3])
    status = ipse("status")
    assert (status.code, status.object["ready"]) == (1, False)
    away = ipse("verify", "--face", photo, "--wallet", enrolled)
    assert (away.code, away.error[0]) == (3, "Unavailable")
    assert all(f"Operator {n} " in away.error[1] for n in (1, 2, 3))
    again = ipse("up")
    assert (again.code, again.object["created"]) == (0, False)
    found = ipse("verify", "--face", photo, "--wallet", enrolled)
    assert (found.code, found.object["outcome"]) == (0, "matched")


@pytest.mark.parametrize("command", ["down", "status"])
def test_a_home_without_a_network_says_what_to_do(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--home", str(tmp_path / "none")]) == 3
    assert "ipse up" in capsys.readouterr().err


def test_a_home_that_cannot_be_made_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    assert main(["up", "--home", str(taken / "home")]) == 3
    assert "choose another --home" in capsys.readouterr().err


def test_a_picture_that_cannot_be_written_is_told_before_the_play(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "none" / "picture.png"
    assert main(["demo", "--picture", str(place)]) == 3
    assert "--picture" in capsys.readouterr().err


def test_a_network_that_is_new_takes_other_ports_if_a_usual_one_is_taken() -> None:
    usual = {number for at in default_ports() for number in (at.owners, at.peers)}
    with socket.socket() as taken:
        with contextlib.suppress(OSError):
            taken.bind((HOST, min(usual)))  # else a network has it: as good
            taken.listen()
        chosen = [number for at in choose_ports() for number in (at.owners, at.peers)]
    assert len(set(chosen)) == 6
    assert min(usual) not in chosen


def test_an_operator_that_runs_is_not_checked_and_one_that_rests_is(
    ipse: Callable, enrolled: str, tmp_path: Path
) -> None:
    del enrolled
    said = ipse("operator", "check", "--operator", "2")
    assert said.code != 0
    assert "in use by another process" in said.error[1]
    elsewhere = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    assert ipse("down").code == 0
    try:
        found = ipse("operator", "check", "--operator", "2").object
        assert (found["operator"], found["strays"]) == (2, 0)
        # a ledger that is not this home's must not cost it its shares
        words = ("operator", "check", "--operator", "2", "--overwrite")
        refused = ipse(*words, "--ledger", elsewhere)
        assert "the ledger never knew of any" in refused.error[1]
        assert ipse("operator", "check", "--operator", "2").object == found
    finally:
        assert ipse("up").code == 0
