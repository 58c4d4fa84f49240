"""An archive: the database that keeps the ledger's tables, by URL.

    sqlite:///PATH                         one file, in WAL mode
    postgresql+psycopg://USER@HOST/NAME    a server's database, one for each operator

Both keep one promise in two strengths. A transaction through `flushed` that returned is
on the disk. A statement through `unflushed` is handed to the keeper, which is the
operating system for SQLite and the server for PostgreSQL: it outlives this process, and
is lost only if the keeper dies soon after. `keeper` tells one life of the keeper from
another. `reading` reads what `flushed` wrote.

One process has an archive: a lock that ends with the process, or with its connection.
"""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Final

import sqlalchemy as sql
from sqlalchemy.exc import DBAPIError

from ipse.ground.errors import Malformed

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql+psycopg"


class Archive(ABC):
    """Where the ledger is, and that nobody else has it."""

    flushed: sql.Engine
    reading: sql.Engine
    unflushed: sql.Engine

    @abstractmethod
    def keeper(self, connection: sql.Connection) -> str:
        """Name the present life of what keeps unflushed commits."""

    @abstractmethod
    def forget(self) -> None:
        """Drop what was deleted from where it lingers, as far as this one can."""

    def close(self) -> None:
        """Let go."""
        self.flushed.dispose()
        self.unflushed.dispose()


def file_url(path: Path) -> sql.URL:
    """Return the URL of a ledger in a file."""
    return sql.URL.create(SQLITE, database=str(path))


def parse(url: str | sql.URL) -> sql.URL:
    """Read a ledger's URL. Raises: Malformed: it is not one of the two above."""
    try:
        parsed = sql.make_url(url)
    except (sql.exc.ArgumentError, ValueError):
        raise _malformed() from None
    place = parsed.database or ""
    is_file = (
        parsed.drivername == SQLITE
        and not parsed.query
        and not place.startswith((":", "file:"))  # of SQLite's own: it may be memory
    )
    if not place or not (is_file or parsed.drivername == POSTGRESQL):
        raise _malformed()
    return parsed


def first_line(fault: DBAPIError) -> str:
    """Say what a database said, without the rows that it names in further lines."""
    return str(fault.orig).partition("\n")[0]


def _malformed() -> Malformed:
    # the URL itself is not repeated: it may hold a password
    return Malformed(
        f"A ledger's URL is {SQLITE}:///PATH or {POSTGRESQL}://USER@HOST/DATABASE: "
        "give one of these, or none to keep the ledger in the operator's home."
    )
