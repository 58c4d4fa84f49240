"""A ledger says whose it is, and what it may have forgotten."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sql

from ipse.ground.errors import Malformed, Unavailable
from ipse.ground.names import Instant
from ipse.store.marks import ALWAYS, Marks
from ipse.store.tables import MARKS, TABLES
from ipse_lab.fakes import SettableClock


@pytest.fixture
def connection() -> Iterator[sql.Connection]:
    engine = sql.create_engine("sqlite://")
    with engine.connect() as opened:
        TABLES.create_all(opened)
        yield opened
    engine.dispose()


def opened(
    connection: sql.Connection, keeper: str, now: int, whose: str = "me"
) -> Marks:
    marks = Marks(SettableClock(Instant(now)))
    marks.set(connection, whose, keeper)
    return marks


def test_a_new_ledger_has_forgotten_nothing(connection: sql.Connection) -> None:
    assert opened(connection, "first boot", 100).remembers_since == ALWAYS
    assert opened(connection, "first boot", 200).remembers_since == ALWAYS


def test_after_the_keepers_death_it_remembers_from_then_on(
    connection: sql.Connection,
) -> None:
    opened(connection, "first boot", 100)
    assert opened(connection, "second boot", 200).remembers_since == 200
    assert opened(connection, "second boot", 300).remembers_since == 200
    assert opened(connection, "first boot", 400).remembers_since == 400


def test_another_owner_or_schema_is_refused(connection: sql.Connection) -> None:
    opened(connection, "boot", 100)
    with pytest.raises(Malformed, match="belongs to is 'me', not 'you'"):
        opened(connection, "boot", 100, "you")
    connection.execute(
        sql.update(MARKS).where(MARKS.c.name == "schema").values(content="1")
    )
    with pytest.raises(Malformed, match=r"schema is '1'.*another version"):
        opened(connection, "boot", 100)


def test_a_connection_that_replaces_a_lost_one_is_looked_at(
    connection: sql.Connection,
) -> None:
    mine = opened(connection, "boot", 100)
    mine.expect_unopened(connection, "boot")
    assert mine.remembers_since == ALWAYS
    mine.expect_unopened(connection, "another boot")
    assert mine.remembers_since == 100
    opened(connection, "boot", 200)
    with pytest.raises(Unavailable, match="start this operator anew"):
        mine.expect_unopened(connection, "another boot")


def test_the_next_epochs_words_replace_the_last_ones(
    connection: sql.Connection,
) -> None:
    opened(connection, "boot", 100).renew(connection, "me, later")
    assert opened(connection, "boot", 100, "me, later").are_set
