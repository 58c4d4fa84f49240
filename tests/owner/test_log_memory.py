"""What a wallet saw of a log stays beside it, and the next look is held against it."""

from pathlib import Path

import pytest

from ipse.ground.errors import Malformed, Misbehaved, Unproven
from ipse.ground.names import OPERATORS
from ipse.owner.log_memory import LogMemory, visit
from ipse.tlog.fork import read_fork
from ipse_lab.fakes import CountedEntropy
from ipse_lab.logs import MemoryLog, MemorySource, numbered

ONE = OPERATORS[0]
DICE = CountedEntropy("memory")


def seen(folder: Path, log: MemoryLog) -> int:
    memory = LogMemory(folder / "me.logs", DICE)
    return visit(MemorySource(log), log.log, ONE, memory).size


def test_a_log_is_followed_as_it_grows(tmp_path: Path) -> None:
    for size in (0, 3, 3, 300):
        assert seen(tmp_path, MemoryLog(entries=numbered(size))) == size


def test_a_log_that_shrank_is_told_and_not_remembered(tmp_path: Path) -> None:
    seen(tmp_path, MemoryLog(entries=numbered(300)))
    for _ in range(2):
        with pytest.raises(Unproven, match="shows 299 entries, and showed 300 before"):
            seen(tmp_path, MemoryLog(entries=numbered(299)))
    assert seen(tmp_path, MemoryLog(entries=numbered(301))) == 301


def test_a_log_that_forked_leaves_evidence_that_checks_itself(tmp_path: Path) -> None:
    seen(tmp_path, MemoryLog(entries=numbered(9)))
    other = MemoryLog(entries=numbered(12, "other"))
    with pytest.raises(Misbehaved, match="not those that it had before") as told:
        seen(tmp_path, other)
    (evidence,) = (tmp_path / "me.logs").glob("1.fork-*")
    assert str(evidence) in str(told.value)
    fork = read_fork(evidence.read_bytes(), other.log)
    assert (fork.older.checkpoint.size, fork.newer.checkpoint.size) == (9, 12)
    assert seen(tmp_path, MemoryLog(entries=numbered(10))) == 10


def test_a_damaged_memory_is_not_taken_for_none(tmp_path: Path) -> None:
    log = MemoryLog(entries=numbered(9))
    seen(tmp_path, log)
    path = tmp_path / "me.logs" / "1"
    path.write_bytes(path.read_bytes().replace(b"\n9\n", b"\n8\n"))
    with pytest.raises(Malformed, match="is damaged or of another network"):
        seen(tmp_path, log)
