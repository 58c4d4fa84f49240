"""A wallet believes a log for what was signed, and holds it against what it saw."""

import pytest

from ipse.ground.errors import Unproven
from ipse.ground.names import OPERATORS
from ipse.owner.log import (
    Rewritten,
    expect_alike,
    expect_grown,
    expect_logged,
    find_leaves,
    look,
)
from ipse.tlog.fork import read_fork, write_fork
from ipse.tlog.proof import read_proof, write_proof
from ipse.tlog.tree import hash_leaf
from ipse_lab.logs import MemoryLog, MemorySource, numbered

LOG = MemoryLog(entries=numbered(300))


def test_a_log_that_both_witnesses_saw_is_looked_at() -> None:
    view = look(MemorySource(LOG), LOG.log)
    assert view.size == 300
    assert view.note == LOG.cosigned()


def test_a_log_that_only_its_owner_signed_is_not() -> None:
    with pytest.raises(Unproven, match="example/2 did not cosign"):
        look(MemorySource(LOG, LOG.note()), LOG.log)


def test_tiles_that_do_not_lead_to_the_root_are_not_read_further() -> None:
    other = MemoryLog(entries=numbered(300, "other"))
    with pytest.raises(Unproven, match="do not lead to the root"):
        look(MemorySource(other, LOG.cosigned()), LOG.log)


@pytest.mark.parametrize("index", [0, 255, 256, 299])
def test_a_leaf_is_proved_to_whoever_has_the_proof_alone(index: int) -> None:
    view = look(MemorySource(LOG), LOG.log)
    proof = expect_logged(view, LOG.entries[index], index)
    read_proof(write_proof(proof)).check(hash_leaf(LOG.entries[index]))
    with pytest.raises(Unproven):
        expect_logged(view, b"another leaf", index)
    with pytest.raises(Unproven):
        expect_logged(view, LOG.entries[index], (index + 1) % 300)


def test_a_leaf_that_is_not_logged_yet_is_told_so() -> None:
    view = look(MemorySource(LOG), LOG.log)
    with pytest.raises(Unproven, match="Entry 300 is not in example/1 yet, which has"):
        expect_logged(view, b"leaf", 300)


def test_leaves_are_found_by_reading_all_entries() -> None:
    view = look(MemorySource(LOG), LOG.log)
    places = {LOG.entries[index]: index for index in (0, 255, 256, 299)}
    assert find_leaves(view, [*places, b"nowhere"]) == places


def alike(*logs: MemoryLog) -> None:
    views = (look(MemorySource(log), log.log) for log in logs)
    expect_alike(dict(zip(OPERATORS, views, strict=True)))


def test_three_logs_of_the_same_leaves_are_alike_however_far_each_is() -> None:
    for sizes in ((300, 300, 300), (0, 256, 300), (257, 300, 1), (0, 0, 0)):
        alike(*(MemoryLog(entries=numbered(size)) for size in sizes))


def test_a_log_that_stands_alone_is_named() -> None:
    good, other = MemoryLog(entries=numbered(300)), MemoryLog(entries=numbered(7, "x"))
    for place in range(3):
        logs = [good, good, good]
        logs[place] = other
        with pytest.raises(Unproven, match=f"look at {place + 1}\\. Keep"):
            alike(*logs)
    with pytest.raises(Unproven, match="look at 1 and 2 and 3"):
        alike(good, other, MemoryLog(entries=numbered(9, "y")))


@pytest.mark.parametrize("size", [0, 1, 256, 300])
def test_a_log_that_only_grew_has_grown(size: int) -> None:
    before = MemoryLog(entries=numbered(size))
    expect_grown(look(MemorySource(LOG), LOG.log), before.signed())


def test_a_log_that_shrank_is_told_so() -> None:
    before = MemoryLog(entries=numbered(301))
    with pytest.raises(Unproven, match="shows 300 entries, and showed 301 before"):
        expect_grown(look(MemorySource(LOG), LOG.log), before.signed())


@pytest.mark.parametrize("size", [1, 2, 5, 256, 299, 300])
def test_a_log_that_tells_another_past_convicts_itself(size: int) -> None:
    """At any size, also where a plain proof would have left out what convicts."""
    before = MemoryLog(entries=numbered(size, "other"))
    with pytest.raises(Rewritten) as told:
        expect_grown(look(MemorySource(LOG), LOG.log), before.signed())
    evidence = write_fork(told.value.fork)
    assert read_fork(evidence, LOG.log).newer.checkpoint == LOG.checkpoint()
