"""A person's commands: yes is 0, no is 1, and each error says what to do."""

import io
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ipse.owner import courier
from ipse.wire.charter import SIGNED_CHARTER
from ipse_lab.examples import signed_charter


def test_a_photo_enrols_is_recognised_found_again_and_erased(
    ipse: Callable, photo: str
) -> None:
    enrolled = ipse("enrol", "--face", photo)
    assert (enrolled.code, enrolled.object["outcome"]) == (0, "enrolled")
    assert enrolled.object["signed_by"] == [1, 2, 3]
    verified = ipse("verify", "--face", photo)
    assert (verified.code, verified.object["outcome"]) == (0, "matched")
    assert ipse("status", "--wallet", "me").object["record"]["outcome"] == "active"
    twice = ipse("enrol", "--face", photo)
    assert twice.code == 1
    assert twice.error[0] == "Refused"
    other = ipse("enrol", "--face", photo, "--wallet", "other")
    assert (other.code, other.object["outcome"]) == (1, "already-enrolled")
    erased = ipse("erase", "--yes")
    assert (erased.code, erased.object["outcome"]) == (0, "erased")
    gone = ipse("verify", "--face", photo)
    assert (gone.code, gone.object["outcome"]) == (1, "unknown")
    told = ipse("verify", "--face", photo, json_too=False)
    assert told.out == "There is no such record: it was erased, or never enrolled.\n"


def test_a_wrong_passphrase_is_refused_in_one_sentence(
    ipse: Callable, photo: str, enrolled: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("another walk\n")
    words = ("--wallet", enrolled, "--passphrase-file", str(wrong))
    said = ipse("verify", "--face", photo, *words)
    assert said.code == 1
    assert "passphrase does not open the wallet" in said.error[1]


def test_a_passphrase_is_never_an_argument_and_never_empty(
    ipse: Callable, photo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ipse("enrol", "--face", photo, "--passphrase", "x").code == 2
    empty = tmp_path / "empty"
    empty.write_text("\n")
    said = ipse("enrol", "--face", photo, "--passphrase-file", str(empty))
    assert said.error == (
        "Malformed",
        "The passphrase is empty: choose one with several words.",
    )
    gone = ipse("enrol", "--face", photo, "--passphrase-file", str(tmp_path / "no"))
    assert (gone.code, gone.error[0]) == (3, "Unavailable")
    monkeypatch.delenv("IPSE_PASSPHRASE")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    said = ipse("enrol", "--face", photo, "--wallet", "new")
    assert said.code == 2
    assert "--passphrase-file" in said.error[1]


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" * 9],
    ids=["empty", "text", "a cut PNG", "a broken JPEG"],
)
def test_a_photo_that_is_no_photo_is_named(
    ipse: Callable, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    said = ipse("verify", "--face", str(path))
    assert said.code == 4
    assert said.error[0] == "Malformed"
    assert "photo" in said.error[1]


def test_a_photo_that_is_not_there_is_named(ipse: Callable, tmp_path: Path) -> None:
    said = ipse("verify", "--face", str(tmp_path / "none.jpg"))
    assert said.code == 3
    assert "none.jpg" in said.error[1]


def test_a_wallet_with_a_name_that_climbs_out_is_refused(ipse: Callable) -> None:
    said = ipse("erase", "--yes", "--wallet", "../../me")
    assert (said.code, said.error[0]) == (4, "Malformed")


def test_a_wallet_that_holds_nothing_says_to_enrol(ipse: Callable, photo: str) -> None:
    said = ipse("verify", "--face", photo, "--wallet", "nobody")
    assert said.code == 1
    assert said.error[1] == "This wallet holds no record yet: enrol first."


def test_erasing_is_never_done_without_a_word(
    ipse: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    said = ipse("erase")
    assert said.code == 2
    assert "--yes" in said.error[1]


def test_another_networks_charter_is_not_taken_for_the_pinned_one(
    ipse: Callable, photo: str, enrolled: str, tmp_path: Path
) -> None:
    other = tmp_path / "charter.cbor"
    other.write_bytes(SIGNED_CHARTER.encode(signed_charter()))
    words = ("--wallet", enrolled, "--charter", str(other))
    said = ipse("verify", "--face", photo, *words)
    assert (said.code, said.error[0]) == (5, "Unproven")
    assert "This wallet is for network local" in said.error[1]
    assert "nothing was sent" in said.error[1]


@pytest.mark.parametrize("operator", [1, 3])
def test_an_operator_that_is_down_is_named(
    ipse: Callable, photo: str, pid_of: Callable[[int], int], operator: int
) -> None:
    os.kill(pid_of(operator), signal.SIGKILL)
    said = ipse("enrol", "--face", photo, "--wallet", f"down-{operator}")
    assert (said.code, said.error[0]) == (3, "Unavailable")
    assert said.error[1].startswith(f"Operator {operator} ")
    assert "see whether it is up" in said.error[1]


def test_an_operator_that_is_slow_is_named(
    ipse: Callable,
    photo: str,
    pid_of: Callable[[int], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier, "GRACE_S", 0.5)
    slow = pid_of(2)
    os.kill(slow, signal.SIGSTOP)
    try:
        said = ipse("enrol", "--face", photo, "--wallet", "slow")
    finally:
        os.kill(slow, signal.SIGCONT)
    assert (said.code, said.error[0]) == (3, "Unavailable")
    assert "Operator 2 " in said.error[1]
    again = ipse("enrol", "--face", photo, "--wallet", "slow")
    assert (again.code, again.object["outcome"]) == (0, "enrolled")
    assert ipse("erase", "--yes", "--wallet", "slow").code == 0
