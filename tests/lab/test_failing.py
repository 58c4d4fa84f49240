"""A disk that fails keeps what was synced, and nothing for sure besides."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipse.ground.names import Instant, RequestId
from ipse.store.archive import file_url
from ipse_lab.failing import Chances, FailingDisk, FailingLedger, Struck
from ipse_lab.fakes import SettableClock

REQUEST = RequestId(bytes(16))


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    number = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    yield number
    os.close(number)


def test_what_is_synced_stays_and_the_rest_may_go(file: int, tmp_path: Path) -> None:
    left = set()
    for seed in range(20):
        disk = FailingDisk(Chances(seed=seed))
        disk.write(file, b"aaaa", 0)
        disk.sync(file)
        disk.write(file, b"b", 1)
        disk.write(file, b"c", 1)
        disk.write(file, b"d", 3)
        disk.lose_power()
        left.add((tmp_path / "file").read_bytes())
    assert left == {b"aaaa", b"abaa", b"acaa", b"aaad", b"abad", b"acad"}


@pytest.mark.parametrize(("is_before", "there"), [(True, b""), (False, b"two")])
def test_a_write_fails_before_or_after_it_took_hold_and_all_that_follow(
    file: int, tmp_path: Path, *, is_before: bool, there: bytes
) -> None:
    chances = Chances(1, is_before=is_before)
    disk = FailingDisk(chances)
    disk.sync(file)
    with pytest.raises(Struck):
        disk.write(file, b"two", 0)
    assert (tmp_path / "file").read_bytes() == there
    for act in (
        lambda: disk.sync(file),
        lambda: disk.allocate(file, 9),
        lambda: disk.remove(tmp_path / "file"),
    ):
        with pytest.raises(Struck):
            act()
    assert (tmp_path / "file").read_bytes() == there


@pytest.mark.parametrize(("is_before", "doubts"), [(True, {}), (False, {REQUEST: b""})])
def test_a_transaction_fails_before_or_after_it_took_hold(
    tmp_path: Path, *, is_before: bool, doubts: dict[RequestId, bytes]
) -> None:
    url, clock = file_url(tmp_path / "s"), SettableClock(Instant(0))
    ledger = FailingLedger(url, "me", clock, Chances(1, is_before=is_before))
    with pytest.raises(Struck):
        ledger.doubt(REQUEST, b"")
    ledger.close()
    again = FailingLedger(url, "me", clock, Chances())
    assert again.doubts() == doubts
    again.close()
