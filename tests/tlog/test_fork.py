"""Evidence of a fork convicts a log of what it signed, and convicts no honest one."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import IpseError, Malformed, Unproven
from ipse.tlog.fork import Fork, find_fork, read_fork, write_fork
from ipse_lab.logs import MemoryLog, numbered


def rewritten(size: int, place: int) -> MemoryLog:
    """Return the log, with one entry told otherwise."""
    entries = numbered(size)
    entries[place] = b"another history"
    return MemoryLog(entries=entries)


@given(st.integers(1, 40), st.integers(0, 40), st.data())
def test_a_log_that_told_two_histories_is_convicted(
    older: int, more: int, data: st.DataObject
) -> None:
    one = MemoryLog(entries=numbered(older))
    other = rewritten(older + more, data.draw(st.integers(0, older - 1)))
    fork = find_fork(one.signed(), other.signed(), other.reader().span)
    content = write_fork(fork)
    assert read_fork(content, one.log) == fork
    with pytest.raises(IpseError):
        read_fork(content, MemoryLog("example/2").log)


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_log_that_only_grew_is_not(older: int, more: int) -> None:
    one = MemoryLog(entries=numbered(older))
    other = MemoryLog(entries=numbered(older + more))
    with pytest.raises(Unproven):
        find_fork(one.signed(), other.signed(), other.reader().span)


def test_a_path_that_leads_elsewhere_convicts_nobody() -> None:
    """Else a liar would make one up."""
    one, other = MemoryLog(entries=numbered(3)), MemoryLog(entries=numbered(8))
    path = MemoryLog(entries=numbered(8, "x")).reader().span
    with pytest.raises(Unproven, match="newer root"):
        find_fork(one.signed(), other.signed(), path)
    with pytest.raises(Unproven):
        Fork(one.signed(), other.signed(), ())


def test_checkpoints_of_two_logs_are_no_fork() -> None:
    one, other = (
        MemoryLog(entries=numbered(3)),
        MemoryLog("example/2", numbered(3, "x")),
    )
    with pytest.raises(Unproven, match="two logs"):
        Fork(one.signed(), other.signed(), ())


def test_the_older_checkpoint_comes_first() -> None:
    one, other = MemoryLog(entries=numbered(3)), MemoryLog(entries=numbered(2))
    with pytest.raises(Unproven, match="shorter"):
        Fork(one.signed(), other.signed(), ())


FORK = write_fork(
    find_fork(
        MemoryLog(entries=numbered(5)).signed(),
        rewritten(9, 2).signed(),
        rewritten(9, 2).reader().span,
    )
)


def test_every_bit_of_the_evidence_counts() -> None:
    log = MemoryLog().log
    read_fork(FORK, log)
    for place in range(len(FORK)):
        changed = bytearray(FORK)
        changed[place] ^= 1
        with pytest.raises(IpseError):
            read_fork(bytes(changed), log)


BROKEN = {
    "nothing": b"",
    "another version": FORK.replace(b" v1\n", b" v2\n"),
    "one checkpoint": FORK.partition(b"\n\n\n")[0] + b"\n",
    "an empty line more": FORK.replace(b"\n\n\n", b"\n\n\n\n"),
    "a line more": FORK + FORK.splitlines(keepends=True)[-1],
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_evidence_has_one_spelling(content: bytes) -> None:
    with pytest.raises(Malformed):
        read_fork(content, MemoryLog().log)


def test_evidence_may_be_read_by_anybody() -> None:
    with contextlib.suppress(UnicodeDecodeError):
        assert FORK.decode().startswith("ipse log fork v1\n")
