"""A witness remembers what it cosigned before it says so, and keeps evidence."""

import threading
from pathlib import Path

import pytest

from ipse.ground.errors import Unproven
from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator.sequencer import Behind, Convicted, Cosigned
from ipse.operator.watchers import event_of
from ipse.operator.witness import FORK, SIZE, TEXT, Answered
from ipse.tlog.checkpoint import Checkpoint, write_checkpoint
from ipse.tlog.cosignature import check_cosignature
from ipse.tlog.fork import read_fork
from ipse.tlog.logs import log_of, witness_of
from ipse.tlog.note import Note, Signature, read_signatures, write_note
from ipse.tlog.tree import prove_consistency
from ipse.tlog.trust import check_signed
from ipse.tlog.witness import Asked, write_asked
from ipse_lab.examples import charter, keyrings
from ipse_lab.failing import Chances, FailingDisk, Struck
from ipse_lab.logs import MemoryLog, numbered
from ipse_lab.witnesses import NOW, Three

ONE, TWO, THREE = OPERATORS
LOG = log_of(charter(), ONE)


def note_of(memory: MemoryLog, operator: OperatorId = ONE) -> bytes:
    """Return a log's checkpoint as operator 1, or another, would sign it."""
    key = log_of(charter(), operator).key
    text = write_checkpoint(Checkpoint(key.name, memory.size, memory.reader().root))
    proof = keyrings()[operator - 1].sign_note(text)
    return write_note(Note(text, (Signature(key.name, key.id, proof),)))


def asked(size: int, old: int, word: str = "entry") -> bytes:
    memory = MemoryLog(entries=numbered(size, word))
    proof = prove_consistency(old, size, memory.reader().span)
    return write_asked(Asked(old, proof, note_of(memory)))


def remembered(three: Three, operator: OperatorId) -> int | None:
    path = three.place(operator, "witness") / str(ONE)
    if not path.exists():
        return None
    return check_signed(path.read_bytes(), LOG).checkpoint.size


def test_it_cosigns_a_log_as_it_grows(tmp_path: Path) -> None:
    three = Three(tmp_path)
    key = witness_of(charter(), TWO)
    for old, size in ((0, 3), (3, 9), (9, 9), (9, 300)):
        answered = three.witnesses[TWO].add(asked(size, old))
        assert (answered.status, answered.kind) == (200, TEXT)
        (line,) = read_signatures(answered.content.decode())
        text = note_of(MemoryLog(entries=numbered(size))).split(b"\n\n")[0] + b"\n"
        assert check_cosignature(line, text, key) == NOW // 1_000
        assert remembered(three, TWO) == size


def test_it_says_where_it_was(tmp_path: Path) -> None:
    three = Three(tmp_path)
    three.witnesses[TWO].add(asked(9, 0))
    for size, old in ((12, 0), (12, 8), (5, 5)):
        answered = three.witnesses[TWO].add(asked(size, old))
        assert answered == Answered(409, SIZE, b"9\n")
    assert remembered(three, TWO) == 9


REFUSED = {
    "nothing": (b"", 400),
    "an unknown log": (
        write_asked(Asked(0, (), MemoryLog("nobody/1").note())),
        404,
    ),
    "our own log": (
        write_asked(Asked(0, (), note_of(MemoryLog(entries=numbered(2)), TWO))),
        404,
    ),
    "a log's name with another's key": (
        write_asked(Asked(0, (), MemoryLog(LOG.origin).note())),
        403,
    ),
    "a proof of something else": (
        write_asked(Asked(0, (LOG.key.key,), note_of(MemoryLog()))),  # type: ignore[arg-type]
        422,
    ),
}


@pytest.mark.parametrize(("content", "status"), REFUSED.values(), ids=REFUSED)
def test_it_cosigns_nothing_else(tmp_path: Path, content: bytes, status: int) -> None:
    three = Three(tmp_path)
    answered = three.witnesses[TWO].add(content)
    assert (answered.status, answered.kind) == (status, TEXT)
    assert answered.content.endswith(b"\n")
    assert remembered(three, TWO) is None


def test_a_fork_is_kept_and_answered_with_for_good(tmp_path: Path) -> None:
    three = Three(tmp_path)
    three.witnesses[TWO].add(asked(9, 0))
    answered = three.witnesses[TWO].add(asked(12, 9, "other"))
    # sizes that are no powers of two: the proof itself convicts
    assert (answered.status, answered.kind) == (409, FORK)
    fork = read_fork(answered.content, LOG)
    assert (fork.older.checkpoint.size, fork.newer.checkpoint.size) == (9, 12)
    kept = three.place(TWO, "witness") / "1.fork"
    assert kept.read_bytes() == answered.content
    for content in (asked(9, 9), asked(12, 9)):
        assert three.witness(TWO).add(content) == answered
    assert remembered(three, TWO) == 9
    assert three.witnesses[THREE].add(asked(9, 0)).status == 200


@pytest.mark.parametrize("is_before", [True, False])
def test_what_left_is_remembered_whatever_crash_comes(
    tmp_path: Path, *, is_before: bool
) -> None:
    """Each write fails before it took hold or after; what was not synced may go."""
    whole = Chances()
    watch(Three(tmp_path / "whole", FailingDisk(whole)))
    assert whole.count > 10
    for number in range(whole.count):
        folder = tmp_path / f"{number}"
        disk = FailingDisk(Chances(number, is_before=is_before, seed=number))
        left = watch(Three(folder, disk))
        disk.lose_power()
        path = folder / "1" / "witness" / "2"
        log = log_of(charter(), TWO)
        found = (
            check_signed(path.read_bytes(), log).checkpoint.size if path.exists() else 0
        )
        assert found >= left
        again = Three(folder)
        memory = MemoryLog(entries=numbered(20))
        proof = prove_consistency(found, 20, memory.reader().span)
        content = write_asked(Asked(found, proof, note_of(memory, TWO)))
        assert again.witnesses[ONE].add(content).status == 200


def watch(three: Three) -> int:
    """Have operator 1 cosign operator 2's log. Returns: the last size that left."""
    left = 0
    for size in (1, 3, 7, 12):
        memory = MemoryLog(entries=numbered(size))
        proof = prove_consistency(left, size, memory.reader().span)
        content = write_asked(Asked(left, proof, note_of(memory, TWO)))
        try:
            answered = three.witnesses[ONE].add(content)
        except Struck:
            return left
        assert answered.status == 200
        left = size
    return left


def test_of_two_at_once_one_goes_on_from_the_other(tmp_path: Path) -> None:
    """Both sizes prove consistency from nothing; only one can be the first."""
    witness = Three(tmp_path).witnesses[TWO]
    answers: list[Answered] = []

    def ask(size: int) -> None:
        answers.append(witness.add(asked(size, 0)))

    threads = [threading.Thread(target=ask, args=(size,)) for size in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200, *7 * [409]]


def event(answered: Answered) -> object:
    note = note_of(MemoryLog(entries=numbered(9)))
    key = witness_of(charter(), TWO)
    return event_of(LOG, TWO, key, Asked(0, (), note), answered)


def test_what_a_witness_answers_is_read(tmp_path: Path) -> None:
    witness = Three(tmp_path).witnesses[TWO]
    cosigned = event(witness.add(asked(9, 0)))
    assert isinstance(cosigned, Cosigned)
    assert event(witness.add(asked(12, 0))) == Behind(TWO, 9)
    assert event(witness.add(asked(9, 9, "other"))) == Convicted(TWO)
    assert event(Answered(503, TEXT, b"not now\n")) is None


def test_a_cosignature_of_another_checkpoint_is_none(tmp_path: Path) -> None:
    with pytest.raises(Unproven, match="signature of ipse/example/2 does not hold"):
        event(Three(tmp_path).witnesses[TWO].add(asked(8, 0)))


UNPROVEN = {
    "no line": Answered(200, TEXT, b""),
    "another's line": Answered(200, TEXT, b"\xe2\x80\x94 a AAAAAAA=\n"),
    "a size that is none": Answered(409, SIZE, b"-1\n"),
    "no evidence": Answered(409, FORK, b"trust me\n"),
}


@pytest.mark.parametrize("answered", UNPROVEN.values(), ids=UNPROVEN)
def test_a_witness_is_not_believed_without_proof(answered: Answered) -> None:
    with pytest.raises((Unproven, ValueError, Exception)):
        event(answered)
