"""A witness cosigns a log that only grew, and keeps the evidence of any other."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Malformed
from ipse.tlog.fork import read_fork, write_fork
from ipse.tlog.tree import prove_consistency
from ipse.tlog.trust import SignedCheckpoint
from ipse.tlog.witness import (
    Accepted,
    Asked,
    Declined,
    Declining,
    Forked,
    judge,
    read_asked,
    write_asked,
)
from ipse_lab.arbitrary import mutated
from ipse_lab.logs import MemoryLog, numbered


def asked(log: MemoryLog, old: int) -> Asked:
    return Asked(old, prove_consistency(old, log.size, log.reader().span), log.note())


def seen(size: int) -> SignedCheckpoint | None:
    return MemoryLog(entries=numbered(size)).signed() if size else None


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_log_that_grew_is_accepted(old: int, more: int) -> None:
    log = MemoryLog(entries=numbered(old + more))
    judged = judge(read_asked(write_asked(asked(log, old))), log.log, seen(old))
    assert judged == Accepted(log.signed())


def test_what_it_cosigned_already_it_cosigns_again() -> None:
    """The answer may have been lost."""
    log = MemoryLog(entries=numbered(5))
    assert judge(asked(log, 5), log.log, log.signed()) == Accepted(log.signed())


@pytest.mark.parametrize("old", [0, 3, 6])
def test_who_goes_on_from_elsewhere_is_told_where_we_were(old: int) -> None:
    log = MemoryLog(entries=numbered(9))
    judged = judge(asked(log, old), log.log, seen(5))
    assert isinstance(judged, Declined)
    assert (judged.why, judged.size) == (Declining.STALE, 5)


def test_a_log_that_shrank_is_told_where_it_was() -> None:
    log = MemoryLog(entries=numbered(3))
    judged = judge(asked(log, 3), log.log, seen(5))
    assert isinstance(judged, Declined)
    assert (judged.why, judged.size) == (Declining.STALE, 5)


@pytest.mark.parametrize("old", [0, 3, 5])
def test_two_roots_for_one_size_are_evidence(old: int) -> None:
    """Whatever else is said beside it."""
    last, log = seen(5), MemoryLog(entries=numbered(5, "other"))
    judged = judge(asked(log, old), log.log, last)
    assert isinstance(judged, Forked)
    assert read_fork(write_fork(judged.fork), log.log).older == last


def test_a_proof_that_shows_another_history_is_evidence() -> None:
    log = MemoryLog(entries=numbered(9, "other"))
    judged = judge(asked(log, 5), log.log, seen(5))
    assert isinstance(judged, Forked)


def test_a_proof_that_shows_nothing_is_declined() -> None:
    log = MemoryLog(entries=numbered(9))
    for proof in ((), asked(log, 5).proof[1:], asked(log, 6).proof):
        judged = judge(Asked(5, proof, log.note()), log.log, seen(5))
        assert isinstance(judged, Declined)
        assert judged.why is Declining.UNPROVEN


def test_a_first_proof_holds_no_hashes() -> None:
    log = MemoryLog(entries=numbered(9))
    judged = judge(Asked(0, asked(log, 5).proof, log.note()), log.log, None)
    assert isinstance(judged, Declined)
    assert judged.why is Declining.UNPROVEN


def test_another_s_signature_is_declined() -> None:
    log, other = MemoryLog(entries=numbered(9)), MemoryLog("example/2")
    judged = judge(asked(log, 0), other.log, None)
    assert isinstance(judged, Declined)
    assert judged.why is Declining.UNSIGNED


GOOD = write_asked(asked(MemoryLog(entries=numbered(9)), 5))


@given(mutated(st.just(GOOD)))
def test_whatever_is_read_has_no_other_spelling(content: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert write_asked(read_asked(content)) == content


BROKEN = {
    "nothing": b"",
    "no old size": GOOD.partition(b"\n")[2],
    "an old size with a zero before it": GOOD.replace(b"old 5", b"old 05"),
    "an old size above the new one": GOOD.replace(b"old 5", b"old 10"),
    "64 hashes": GOOD.replace(b"old 5\n", b"old 5\n" + 64 * (b"A" * 43 + b"=\n")),
    "no checkpoint": GOOD.partition(b"\n\n")[0] + b"\n\n",
    "another text": GOOD.replace(b"\n9\n", b"\n9\n9\n"),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_can_t_be_read_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        read_asked(content)
