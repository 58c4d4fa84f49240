"""Access to a ledger's archive: one transaction at a time, and what its end means.

    rows       reads; again, if the connection was lost since it was used last
    written    a transaction: all of it is on the disk at the end, or none

A connection may be lost, where a server keeps the archive. Before its commit a
transaction is known not to be there. While the commit is under way nobody here knows:
`OutcomeUnknown` ends the process.

Before a connection is used for the first time the ledger's marks are looked at: it may
replace one that was lost, and somebody else may have had the archive in between.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sql
from sqlalchemy.exc import DBAPIError, OperationalError

from ipse.ground.errors import Malformed, Unavailable
from ipse.store.archive import Archive, first_line
from ipse.store.marks import Marks

_IS_KNOWN: Final = "ipse: its marks are those of this process"


class OutcomeUnknown(Exception):
    """The connection was lost while a commit was under way.

    Whether it took hold is known only to the database. Not one of Ipse's errors on
    purpose: nobody may go on from here as if it had failed. It ends the process, and
    the next one reads what is true.
    """


class Access:
    """The way to an archive, for all threads of a process."""

    def __init__(self, archive: Archive, marks: Marks) -> None:
        """Begin with an archive that this process has taken."""
        self.archive = archive
        self._marks = marks
        self._lock = threading.RLock()

    def rows(
        self, asked: sql.Select[Any], parameters: Mapping[str, object] | None = None
    ) -> Sequence[sql.Row[Any]]:
        """Read.

        Raises: Unavailable: it can't be reached. Malformed: it is damaged.
        """
        with self._lock:
            try:
                return self._rows(asked, parameters)
            except OperationalError as fault:
                raise Unavailable(
                    f"The operator's ledger can't be read ({first_line(fault)}); "
                    "nothing was lost, try again later."
                ) from None
            except DBAPIError as fault:
                raise Malformed(
                    f"The operator's ledger is damaged ({first_line(fault)}): restore "
                    "this operator's home from its backup."
                ) from None

    @contextmanager
    def written(
        self, what: str, *, is_flushed: bool = True
    ) -> Iterator[sql.Connection]:
        """Write `what`, in one transaction.

        Raises:
            Unavailable: it is not there.
            OutcomeUnknown: it may be there. Never if it need not be flushed.
        """
        engine = self.archive.flushed if is_flushed else self.archive.unflushed
        is_committing = False
        with self._lock:
            try:
                with engine.begin() as connection:
                    self._expect_own(connection)
                    yield connection
                    is_committing = True
            except DBAPIError as fault:
                if is_committing and is_flushed and fault.connection_invalidated:
                    raise OutcomeUnknown(
                        f"the ledger was lost while it stored {what}"
                    ) from None
                raise Unavailable(
                    f"The operator's ledger could not store {what} "
                    f"({first_line(fault)}); nothing was lost. See that it runs and "
                    "has room, then try again."
                ) from None

    def forget(self) -> None:
        """Drop what was deleted from where it lingers."""
        with self._lock:
            self.archive.forget()

    def close(self) -> None:
        """Give the archive back."""
        with self._lock:
            self.archive.close()

    def _rows(
        self, asked: sql.Select[Any], parameters: Mapping[str, object] | None
    ) -> Sequence[sql.Row[Any]]:
        try:
            return self._rows_once(asked, parameters)
        except DBAPIError as fault:
            if not fault.connection_invalidated:
                raise
            return self._rows_once(asked, parameters)

    def _rows_once(
        self, asked: sql.Select[Any], parameters: Mapping[str, object] | None
    ) -> Sequence[sql.Row[Any]]:
        with self.archive.reading.connect() as connection:
            self._expect_own(connection)
            return connection.execute(asked, parameters).all()

    def _expect_own(self, connection: sql.Connection) -> None:
        """Look at the marks when a connection is used for the first time."""
        if self._marks.are_set and not connection.info.get(_IS_KNOWN):
            keeper = self.archive.keeper(connection)
            self._marks.expect_unopened(connection, keeper)
        connection.info[_IS_KNOWN] = True
