"""Nothing is changed without the lock; what a lost commit did is not guessed."""

from collections.abc import Iterator
from itertools import count

import pytest
import sqlalchemy as sql

from ipse.ground.errors import Unavailable
from ipse.ground.names import RequestId
from ipse.store.access import OutcomeUnknown
from ipse.store.ledger import Ledger
from ipse.store.tables import IN_DOUBT
from ipse_lab.fakes import SettableClock
from ipse_lab.postgres import PostgresProcess

pytestmark = pytest.mark.postgres

REQUEST, OTHER = RequestId(b"r" * 16), RequestId(b"s" * 16)
_numbers = count()


@pytest.fixture
def url(own: PostgresProcess) -> str:
    return own.fresh(f"access-{next(_numbers)}")


@pytest.fixture
def ledger(url: str, clock: SettableClock) -> Iterator[Ledger]:
    one = Ledger(url, "network 0 1", clock)
    yield one
    one.close()


def test_a_server_that_comes_back_is_found_again(
    ledger: Ledger, own: PostgresProcess
) -> None:
    ledger.doubt(REQUEST, b"change")
    own.crash()
    with pytest.raises(Unavailable, match=r"can't be read.*try again"):
        ledger.doubts()
    with pytest.raises(Unavailable, match=r"could not store the change.*nothing was"):
        ledger.doubt(OTHER, b"change")
    own.start()
    assert ledger.doubts() == {REQUEST: b"change"}
    ledger.doubt(OTHER, b"change")


def test_a_commit_whose_answer_is_lost_is_neither_true_nor_false(
    ledger: Ledger, own: PostgresProcess
) -> None:
    def write() -> None:
        with ledger._written("the change") as connection:
            values = {"request": REQUEST, "change": b"change"}
            connection.execute(sql.insert(IN_DOUBT), values)
            own.crash()

    with pytest.raises(OutcomeUnknown):
        write()
    own.start()


def test_a_server_that_dies_earlier_has_not_stored_it(
    ledger: Ledger, own: PostgresProcess
) -> None:
    def write() -> None:
        with ledger._written("the change") as connection:
            own.crash()
            connection.execute(sql.select(IN_DOUBT))

    with pytest.raises(Unavailable, match="nothing was lost"):
        write()
    own.start()
    assert ledger.doubts() == {}


def test_who_lost_the_ledger_to_another_does_not_go_on(
    ledger: Ledger, own: PostgresProcess, url: str, clock: SettableClock
) -> None:
    own.run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype='advisory'")
    second = Ledger(url, "network 0 1", clock)
    with pytest.raises(Unavailable, match="could not store"):
        ledger.doubt(REQUEST, b"change")  # the connection that is gone
    with pytest.raises(Unavailable, match="in use by another process"):
        ledger.doubt(REQUEST, b"change")
    second.close()
    with pytest.raises(Unavailable, match="had the ledger while this one had lost it"):
        ledger.doubt(REQUEST, b"change")
