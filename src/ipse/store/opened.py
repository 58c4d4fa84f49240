"""Opens the archive that a URL names, and takes it for this process."""

from pathlib import Path

import sqlalchemy as sql

from ipse.store.archive import SQLITE, Archive
from ipse.store.sqlite import SqliteArchive


def open_archive(url: sql.URL) -> Archive:
    """Open an archive and take it for this process.

    Raises:
        Unavailable: another process has it, or it can't be reached.
        Malformed: its settings would lose what was committed.
    """
    if url.drivername == SQLITE:
        return SqliteArchive(Path(url.database or ""))
    from ipse.store.postgres import PostgresArchive  # noqa: PLC0415 (an extra)

    return PostgresArchive(url)
