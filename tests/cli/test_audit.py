"""An audit of a real network passes, and its evidence is checked by one command."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ipse.wire.charter import SIGNED_CHARTER
from ipse.wire.known_answer import KNOWN_ANSWER, KnownAnswer
from ipse_lab.examples import sent, signed_charter


def test_a_real_network_answers_what_an_auditor_knows(
    ipse: Callable, home: Path
) -> None:
    words = ("audit", "run", "--operator", "2", "--every", "0", "--canaries", "2")
    said = ipse(*words, "--times", "12")
    assert said.code == 0
    assert said.object["wrong"] == 0
    assert said.object["presented"] > 0
    assert said.object["newcomers"] > 0
    assert said.object["evidence"] == []
    kept = home / "operators" / "2" / "audit" / "diary"
    assert kept.stat().st_mode & 0o077 == 0, "nobody else may know the canaries"
    again = ipse(*words, "--times", "1")
    before = said.object["presented"] + said.object["newcomers"]
    assert again.object["presented"] + again.object["newcomers"] >= before
    told = ipse(*words, "--times", "1", json_too=False)
    assert "known answers so far, 0 of them wrong." in told.out
    records = ipse(*words, "--times", "1").object["records"]
    ended = ipse("audit", "end", "--operator", "2")
    assert (ended.code, ended.object["left"]) == (0, 0)
    assert ended.object["erased"] == records


def test_what_does_not_convict_is_unproven(ipse: Callable, tmp_path: Path) -> None:
    charter, file = tmp_path / "charter.cbor", tmp_path / "evidence.cbor"
    charter.write_bytes(SIGNED_CHARTER.encode(signed_charter()))
    file.write_bytes(KNOWN_ANSWER.encode(KnownAnswer((), sent())))
    said = ipse("audit", "check", str(file), "--charter", str(charter))
    assert said.code == 5
    assert said.error[1] == "An invented newcomer was found new, as it should be."


@pytest.mark.parametrize(("content", "code"), [(b"no evidence", 4), (None, 3)])
def test_what_is_no_evidence_is_said_in_a_sentence(
    ipse: Callable, tmp_path: Path, content: bytes | None, code: int
) -> None:
    file = tmp_path / "evidence.cbor"
    if content is not None:
        file.write_bytes(content)
    said = ipse("audit", "check", str(file))
    assert said.code == code
    assert len(said.error[1]) > 10
