"""What the ledger said it stored is there after any end of the process."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ipse.ground.errors import Malformed, Refused, Unavailable
from ipse.ground.names import Epoch, Form, Handle, Instant, OperatorId, RequestId, Slot
from ipse.store.ledger import Ledger, Record

REQUEST = RequestId(b"r" * 16)
TWO, THREE = OperatorId(2), OperatorId(3)
RECORD = Record(
    Handle(b"h" * 16),
    Slot(4),
    b"k" * 32,
    (Form.FACE, Form.VOICE),
    Epoch(0),
    Instant(1),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    opened = Ledger(path, "network 0 1")
    yield opened
    opened.close()


def reopened(ledger: Ledger, path: Path) -> Ledger:
    ledger.close()
    return Ledger(path, "network 0 1")


def test_a_record_is_read_back(ledger: Ledger, path: Path) -> None:
    ledger.doubt(REQUEST, b"change")
    assert ledger.doubts() == {REQUEST: b"change"}
    ledger.settle(REQUEST, added=(RECORD,), unheard=(TWO, THREE))
    again = reopened(ledger, path)
    assert again.records() == [RECORD]
    assert again.doubts() == {}
    assert again.decisions() == {REQUEST: (TWO, THREE)}
    again.close()


def test_a_decision_is_forgotten_after_the_last_ear(ledger: Ledger) -> None:
    ledger.settle(REQUEST, unheard=(TWO, THREE))
    ledger.hear(REQUEST, TWO)
    ledger.hear(REQUEST, TWO)
    assert ledger.decisions() == {REQUEST: (THREE,)}
    ledger.hear(REQUEST, THREE)
    ledger.hear(REQUEST, THREE)
    assert ledger.decisions() == {}


def test_a_change_that_cannot_be_whole_is_not_there_at_all(ledger: Ledger) -> None:
    ledger.settle(REQUEST, added=(RECORD,))
    ledger.doubt(RequestId(b"s" * 16), b"change")
    other = replace(RECORD, handle=Handle(b"i" * 16))  # in the same slot
    fresh = replace(RECORD, handle=Handle(b"j" * 16), slot=Slot(9))
    with pytest.raises(Unavailable, match="could not store the decision"):
        ledger.settle(RequestId(b"s" * 16), added=(fresh, other), unheard=(TWO,))
    assert ledger.records() == [RECORD]
    assert RequestId(b"s" * 16) in ledger.doubts()
    assert ledger.decisions() == {}


def test_an_erased_owner_leaves_no_trace_in_the_files(
    ledger: Ledger, path: Path
) -> None:
    ledger.settle(REQUEST, added=(RECORD,))
    ledger.settle(REQUEST, removed=(RECORD.handle,))
    ledger.close()
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert RECORD.owner_key not in content
        assert RECORD.handle not in content


def test_a_request_is_seen_once_until_it_is_over(ledger: Ledger, path: Path) -> None:
    ledger.see(REQUEST, Instant(1_000), Instant(0))
    again = reopened(ledger, path)
    with pytest.raises(Refused, match="sent before"):
        again.see(REQUEST, Instant(1_000), Instant(1_000))
    again.see(REQUEST, Instant(3_000), Instant(1_001))  # the old one was forgotten
    again.close()


def test_a_ledger_of_another_is_refused(ledger: Ledger, path: Path) -> None:
    ledger.close()
    with pytest.raises(Malformed, match=r"belongs to.*own home"):
        Ledger(path, "network 0 2")


def test_a_file_that_is_no_ledger_is_named(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(Unavailable, match="ledger"):
        Ledger(path, "network 0 1")


def test_a_damaged_page_is_a_sentence(ledger: Ledger, path: Path) -> None:
    for number in range(200):
        handle = Handle(number.to_bytes(16))
        ledger.settle(
            REQUEST, added=(replace(RECORD, handle=handle, slot=Slot(number)),)
        )
    ledger.close()
    content = bytearray(path.read_bytes())
    content[8_192:] = b"\xff" * (len(content) - 8_192)
    path.write_bytes(content)
    with pytest.raises((Malformed, Unavailable), match="ledger"):
        Ledger(path, "network 0 1").records()


def test_every_commit_reaches_the_disk(ledger: Ledger, path: Path) -> None:
    with ledger._engine.connect() as connection:
        read = connection.exec_driver_sql
        assert read("PRAGMA journal_mode").scalar() == "wal"
        assert read("PRAGMA synchronous").scalar() == 2  # FULL
        assert read("PRAGMA secure_delete").scalar() == 1
    assert sqlite3.threadsafety > 0
    assert path.exists()
