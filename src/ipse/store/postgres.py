"""PostgreSQL: the ledger's tables in a server's database, one for each operator.

All changes go through one connection, and that connection holds an advisory lock for
as long as it lives. So nothing is ever changed without the lock: a connection that is
lost loses both, and the one that takes its place must win the lock again. What is read
is read there as well, each statement for itself, to wait for the server once.

Requests that were seen have a second connection, whose statements do not wait for the
server's disk (`synchronous_commit` off): it flushes them within three turns of its WAL
writer, 0.6 s by default, and they are lost only if the server dies before.

Source: https://www.postgresql.org/docs/15/wal-async-commit.html;
https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS
"""

from contextlib import ExitStack
from typing import Final

import sqlalchemy as sql
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from ipse.ground.errors import Malformed, Unavailable
from ipse.store.archive import Archive, first_line

LOCK: Final = 0x69707365
"""The advisory lock's number, the same for all ledgers ("ipse"): a database has one."""

CONNECT_S: Final = 10
"""Seconds to reach the server."""

SILENCE: Final = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""After 15 to 25 seconds of silence the server counts as lost: less than the 20 to 30
that the other operators wait, or little more."""


class PostgresArchive(Archive):
    """A database of a server."""

    def __init__(self, url: sql.URL) -> None:
        """Connect, and take the database.

        Raises:
            Unavailable: the server can't be reached, or another process has it.
            Malformed: the server does not wait for its disk.
        """
        try:
            self.flushed = _engine(url, "on")
            self.unflushed = _each_for_itself(_engine(url, "off"))
        except ModuleNotFoundError:
            raise Unavailable(
                "This ledger's URL needs psycopg: install Ipse with its extra "
                "`postgres`."
            ) from None
        self.reading = _each_for_itself(self.flushed)
        sql.event.listen(self.flushed, "connect", _lock)
        with ExitStack() as stack:
            stack.callback(self.close)
            self._expect_fit()
            stack.pop_all()

    def keeper(self, connection: sql.Connection) -> str:
        """Name the server's present run."""
        started = connection.exec_driver_sql(
            "SELECT pg_postmaster_start_time()::text"
        ).scalar_one()
        return str(started)

    def forget(self) -> None:
        """Leave it to the server: see docs/limits.md on what it keeps, and where."""

    def _expect_fit(self) -> None:
        try:
            with self.flushed.connect() as connection:
                fsync = connection.exec_driver_sql("SHOW fsync").scalar_one()
        except DBAPIError as fault:
            raise Unavailable(
                f"The ledger's server can't be reached ({first_line(fault)}): start "
                "it, or correct the ledger's URL."
            ) from None
        if fsync != "on":
            raise Malformed(
                "The ledger's server runs with fsync off, so a power failure may take "
                "back what was committed: turn it on."
            )


def _engine(url: sql.URL, synchronous_commit: str) -> sql.Engine:
    """Return an engine of one connection."""
    return sql.create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_S,
            "options": f"-c synchronous_commit={synchronous_commit}",
            **SILENCE,
        },
    )


def _each_for_itself(engine: sql.Engine) -> sql.Engine:
    """Return the engine, but every statement is a transaction of its own."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _lock(connection: DBAPIConnection, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SELECT pg_try_advisory_lock({LOCK})")
    (is_ours,) = cursor.fetchone() or (False,)
    cursor.close()
    connection.commit()
    if not is_ours:
        connection.close()
        raise Unavailable(
            "The ledger is in use by another process: stop that one first, or give "
            "each operator a database of its own."
        )
