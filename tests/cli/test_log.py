"""`ipse log` says how long each log is, who saw it, and what is wrong with a copy."""

import time
from collections.abc import Callable
from pathlib import Path

Run = Callable


def ready(ipse: Run, *words: str) -> dict[str, object]:
    """Look, once all three have published."""
    deadline = time.monotonic() + 30
    while (said := ipse("log", *words)).code != 0:
        assert time.monotonic() < deadline, said.out
        time.sleep(0.2)
    return said.object


def test_three_logs_are_shown_as_the_others_saw_them(ipse: Run) -> None:
    shown = ready(ipse)
    assert shown["network"] == "local"
    assert shown["alike"] is True
    assert [one["operator"] for one in shown["logs"]] == [1, 2, 3]
    for one in shown["logs"]:
        others = {f"ipse/local/{n}" for n in (1, 2, 3)} - {one["origin"]}
        assert set(one["cosigned_by"]) == others
        assert one["problem"] is None
        assert len(one["root"]) == 64
    said = ipse("log", json_too=False)
    assert "as both saw it" in said.out
    assert "1 and 3" in said.out
    assert all(len(line) <= 80 for line in said.out.splitlines())


def test_a_copy_is_read_without_anybody(ipse: Run, tmp_path: Path) -> None:
    copies = str(tmp_path / "copies")
    shown = ready(ipse, "--save", copies)
    offline = ipse("log", "--offline", copies, "--wallet", "auditor")
    assert offline.code == 0
    roots = [(one["size"], one["root"]) for one in offline.object["logs"]]
    assert roots == [(one["size"], one["root"]) for one in shown["logs"]]
    checkpoint = tmp_path / "copies" / "2" / "checkpoint"
    good = checkpoint.read_bytes()
    checkpoint.write_bytes(good.replace(b"ipse/local/2\n", b"ipse/local/1\n", 1))
    broken = ipse("log", "--offline", copies, "--wallet", "auditor")
    assert broken.code == 5
    problems = [one["problem"] for one in broken.object["logs"]]
    assert problems[0] is problems[2] is None
    assert problems[1] == (
        "This is a checkpoint of ipse/local/1, and not of ipse/local/2."
    )
    checkpoint.unlink()
    assert ipse("log", "--offline", copies, "--wallet", "auditor").code == 3


def test_copying_and_reading_copies_are_two_things(ipse: Run) -> None:
    said = ipse("log", "--save", "a", "--offline", "b")
    assert said.code == 1
    assert "--save or --offline" in said.error[1]
