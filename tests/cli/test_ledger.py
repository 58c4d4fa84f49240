"""A person grants, withdraws, and sees each use with its proof, in files as well."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ipse.cli.main import main

SOON_S = 30.0


def test_every_use_is_seen_with_its_proof(
    ipse: Callable, photo: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    me = ("--wallet", "seen")
    assert ipse("enrol", "--face", photo, *me).code == 0
    grant, other = str(tmp_path / "bank.grant"), str(tmp_path / "gym.grant")
    why = ("--why", "to open an account")
    assert ipse("grant", grant, "--for", "the bank", *why, *me).code == 0
    assert ipse("verify", "--face", photo, "--grant", grant, *me).code == 0
    used_up = ipse("verify", "--face", photo, "--grant", grant, *me)
    assert used_up.code == 1
    assert "used up" in used_up.error[1]
    assert ipse("grant", other, "--for", "the gym", "--uses", "9", *me).code == 0
    withdrawn = ipse("withdraw", other, *me)
    assert (withdrawn.code, withdrawn.object["outcome"]) == (0, "withdrawn")
    seen = ipse("ledger", *me)
    assert seen.code == 0
    assert seen.object["complete"]
    assert [
        (use["number"], use["operation"], use["outcome"], use["audience"])
        for use in seen.object["uses"]
    ] == [
        (1, "enrol", "enrolled", None),
        (2, "verify", "matched", "the bank"),
        (3, "withdraw", "withdrawn", "the gym"),
    ]
    assert all(use["signed_by"] == [1, 2, 3] for use in seen.object["uses"])
    shown = ipse("ledger", *me, json_too=False).out
    assert "the bank" in shown
    assert "Complete: no use is missing" in shown
    folder = str(tmp_path / "shown")
    end = time.monotonic() + SOON_S
    while ipse("ledger", "save", folder, *me).code and time.monotonic() < end:
        time.sleep(0.2)
    code, checked = offline(folder, capfd)
    assert (code, len(checked["uses"])) == (0, 3)
    (tmp_path / "shown" / "logs" / "2" / "checkpoint").unlink()
    code, broken = offline(folder, capfd)
    assert code == 3
    assert "2/checkpoint is missing" in broken["error"]["detail"]
    assert ipse("erase", "--yes", *me).code == 0


def offline(folder: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, dict]:
    """Check a saved ledger, without a home."""
    capfd.readouterr()
    code = main(["ledger", "verify", "--offline", folder, "--json"])
    return code, json.loads(capfd.readouterr().out)


def test_what_is_no_grant_is_named(
    ipse: Callable, photo: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    nothing, gone = tmp_path / "nothing", str(tmp_path / "gone")
    nothing.write_bytes(b"nothing")
    assert ipse("verify", "--face", photo, "--grant", str(nothing)).code == 4
    assert ipse("verify", "--face", photo, "--grant", gone).code == 3
    assert offline(gone, capfd)[0] == 3
