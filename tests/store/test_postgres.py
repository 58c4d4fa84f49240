"""A server keeps what it committed, and what it may have forgotten is known."""

from collections.abc import Iterator
from itertools import count

import pytest

from ipse.ground.errors import Malformed, Refused, Unavailable
from ipse.ground.names import Instant, RequestId
from ipse.store.ledger import Ledger
from ipse_lab.fakes import SettableClock
from ipse_lab.postgres import PASSWORD, PostgresProcess, postgres_process

pytestmark = pytest.mark.postgres

REQUEST, OTHER = RequestId(b"r" * 16), RequestId(b"s" * 16)
LATER = Instant(10**9)
_numbers = count()


@pytest.fixture
def url(own: PostgresProcess) -> str:
    return own.fresh(f"ledger-{next(_numbers)}")


@pytest.fixture
def ledger(url: str, clock: SettableClock) -> Iterator[Ledger]:
    one = Ledger(url, "network 0 1", clock)
    yield one
    one.close()


def test_a_commit_that_returned_survives_a_crash(
    ledger: Ledger, own: PostgresProcess
) -> None:
    for number in range(20):
        ledger.doubt(RequestId(number.to_bytes(16)), b"change")
        if number % 10 == 9:
            own.crash()
            own.start()
            assert len(ledger.doubts()) == number + 1
    assert len(ledger.doubts()) == 20


def test_what_a_crash_forgot_is_known_to_be_unknown(
    ledger: Ledger, own: PostgresProcess, url: str, clock: SettableClock
) -> None:
    ledger.see(REQUEST, LATER, Instant(0))
    assert ledger.remembers_since < 0
    clock.advance(500)
    own.crash()
    own.start()
    ledger.doubts()
    assert ledger.remembers_since == 1_500
    clock.advance(500)
    ledger.close()
    again = Ledger(url, "network 0 1", clock)
    assert again.remembers_since == 2_000  # it was not marked before the crash
    clock.advance(500)
    again.close()
    third = Ledger(url, "network 0 1", clock)
    assert third.remembers_since == 2_000
    third.see(OTHER, LATER, Instant(0))
    with pytest.raises(Refused):
        third.see(OTHER, LATER, Instant(0))
    third.close()


def test_a_server_that_does_not_wait_for_its_disk_is_refused(
    clock: SettableClock,
) -> None:
    with postgres_process() as careless:
        url = careless.fresh("one")
        careless.stop()
        careless.start("-c", "fsync=off")
        with pytest.raises(Malformed, match="fsync off"):
            Ledger(url, "network 0 1", clock)


def test_a_wrong_password_is_not_repeated(url: str, clock: SettableClock) -> None:
    wrong = url.replace(PASSWORD, "wrong-words")
    with pytest.raises(Unavailable, match=r"can't be reached.*correct") as raised:
        Ledger(wrong, "network 0 1", clock)
    assert "wrong-words" not in str(raised.value)


def test_only_seeing_does_not_wait(ledger: Ledger) -> None:
    archive = ledger._access.archive
    for engine, waits in ((archive.flushed, "on"), (archive.unflushed, "off")):
        with engine.begin() as connection:
            found = connection.exec_driver_sql("SHOW synchronous_commit")
            assert found.scalar_one() == waits
    with archive.flushed.begin() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
