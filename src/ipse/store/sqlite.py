"""SQLite: the ledger's tables in one file.

WAL mode with synchronous=FULL: a commit that returned is on the disk, and one that did
not is not there at all. The second connection, with synchronous=NORMAL, commits into
the same log without waiting for the disk; the next flushed commit takes it along.
`secure_delete` overwrites what is deleted, and emptying the log removes what of it
lingers there.

Source: https://www.sqlite.org/pragma.html#pragma_synchronous
"""

from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import sqlalchemy as sql
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from ipse.store.archive import Archive
from ipse.store.home import Lock

BUSY_S: Final = 5.0

BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
"""Names the time since the machine was started: what Linux keeps in memory lives as
long."""


class SqliteArchive(Archive):
    """A file."""

    def __init__(self, path: Path) -> None:
        """Take the file. Raises: Unavailable: another process has it."""
        lock = path.with_name(f"{path.name}-lock")
        self._lock = Lock(lock, f"The ledger {path.name}")
        self.flushed = self.reading = _engine(path, "FULL")
        self.unflushed = _engine(path, "NORMAL")
        try:
            self._keeper = BOOT.read_text().strip()
        except OSError:
            self._keeper = str(uuid4())  # unknown: another one each time
        self.forget()

    def keeper(self, connection: sql.Connection) -> str:
        """Name the machine's present run."""
        del connection
        return self._keeper

    def forget(self) -> None:
        """Empty the write-ahead log, where erased rows would linger.

        It may fail on a full disk: the start, or the next erasure, tries again.
        """
        with suppress(DBAPIError), self.flushed.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file, and give it back."""
        super().close()
        self._lock.release()


def _engine(path: Path, synchronous: str) -> sql.Engine:
    engine = sql.create_engine(
        sql.URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
        poolclass=sql.pool.StaticPool,
        hide_parameters=True,
    )

    def prepare(connection: DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "secure_delete=ON",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    sql.event.listen(engine, "connect", prepare)
    return engine
