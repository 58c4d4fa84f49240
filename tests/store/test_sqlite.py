"""In a file, what is committed is on the disk and what is erased is not."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ipse.ground.errors import Malformed, Unavailable
from ipse.ground.names import Form, Handle, Instant, RequestId, Slot
from ipse.store.archive import file_url
from ipse.store.ledger import Ledger, Record
from ipse_lab.fakes import SettableClock

REQUEST = RequestId(b"r" * 16)
FACE = (Form.FACE,)
RECORD = Record(Handle(b"h" * 16), Slot(4), b"k" * 32, FACE, Instant(1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


def opened(path: Path) -> Ledger:
    return Ledger(file_url(path), "network 0 1", SettableClock(Instant(0)))


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    one = opened(path)
    yield one
    one.close()


def test_an_erased_owner_leaves_no_trace_in_the_files(
    ledger: Ledger, path: Path
) -> None:
    ledger.settle(REQUEST, added=(RECORD,))
    ledger.settle(REQUEST, removed=(RECORD,))
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert RECORD.owner_key not in content
        assert RECORD.handle not in content


def test_a_file_that_is_no_ledger_is_named(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(Unavailable, match="ledger"):
        opened(path)


def test_a_damaged_page_is_a_sentence(ledger: Ledger, path: Path) -> None:
    for number in range(200):
        handle = Handle(number.to_bytes(16))
        record = replace(RECORD, handle=handle, slot=Slot(number))
        ledger.settle(REQUEST, added=(record,))
    ledger.close()
    content = bytearray(path.read_bytes())
    content[8_192:] = b"\xff" * (len(content) - 8_192)
    path.write_bytes(content)
    with pytest.raises((Malformed, Unavailable), match="ledger"):
        list(opened(path).records())


@pytest.mark.parametrize(("name", "level"), [("flushed", 2), ("unflushed", 1)])
def test_commits_wait_for_the_disk_where_they_should(
    ledger: Ledger, path: Path, name: str, level: int
) -> None:
    with getattr(ledger._access.archive, name).connect() as connection:
        read = connection.exec_driver_sql
        assert read("PRAGMA journal_mode").scalar() == "wal"
        assert read("PRAGMA synchronous").scalar() == level  # 2 is FULL, 1 NORMAL
        assert read("PRAGMA secure_delete").scalar() == 1
    assert sqlite3.threadsafety > 0
    assert path.exists()


def test_no_change_uses_the_connection_that_does_not_wait(ledger: Ledger) -> None:
    unflushed = ledger._access.archive.unflushed
    ledger._access.archive.unflushed = None  # type: ignore[assignment]  # its use would raise
    ledger.doubt(REQUEST, b"change")
    ledger.settle(REQUEST, added=(RECORD,), pages={("sum", 0): b"one"})
    ledger.settle(REQUEST, removed=(RECORD,))
    ledger.wiped((RECORD.slot,))
    ledger._access.archive.unflushed = unflushed


def test_seeing_a_request_does_not_wait_for_the_disk(ledger: Ledger) -> None:
    flushed = ledger._access.archive.flushed
    ledger._access.archive.flushed = None  # type: ignore[assignment]  # its use would raise
    ledger.see(REQUEST, Instant(9), Instant(0))
    ledger._access.archive.flushed = flushed
