"""The ledger: everything durable but the shares, in one SQLite file.

    records     handle, slot, owner's key, forms, epoch, since when
    in_doubt    changes that are prepared here and not yet decided, by request
    decisions   the convenor's: which changes are committed, and who must still hear it
    seen        request ids, until they could not be valid any more
    marks       what this file belongs to, and its schema

SQLite in WAL mode with synchronous=FULL: a commit that returned is on the disk, and
one that did not is not there at all. `secure_delete` overwrites what is deleted. One
connection writes, under a lock, from whichever thread.

What a change means is not known here: it is kept as bytes.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sql
from sqlalchemy.exc import DBAPIError

from ipse.ground.errors import Malformed, Refused, Unavailable
from ipse.ground.names import Epoch, Form, Handle, Instant, OperatorId, RequestId, Slot
from ipse.store.tables import (
    DECISIONS,
    IN_DOUBT,
    MARKS,
    RECORDS,
    SCHEMA,
    SEEN,
    TABLES,
)

BUSY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Record:
    """One enrolled body, as an operator knows it."""

    handle: Handle
    slot: Slot
    owner_key: bytes  # 32 bytes, Ed25519
    forms: tuple[Form, ...]
    epoch: Epoch
    since: Instant


class Ledger:
    """An operator's durable memory."""

    def __init__(self, path: Path, belongs_to: str) -> None:
        """Open or create the file.

        Args:
            path: the SQLite file.
            belongs_to: network, epoch and operator in words that never change.

        Raises:
            Malformed: it belongs to another, or is no ledger of this version.
        """
        self._lock = threading.RLock()
        self._engine = sql.create_engine(
            f"sqlite+pysqlite:///{path}",
            connect_args={"timeout": BUSY_S, "check_same_thread": False},
            poolclass=sql.pool.StaticPool,
        )
        sql.event.listen(self._engine, "connect", _prepare)
        with self._written("the ledger") as connection:
            TABLES.create_all(connection)
            self._expect_mark(connection, "schema", SCHEMA)
            self._expect_mark(connection, "belongs to", belongs_to)
        self._forget_log()

    # --- records ----------------------------------------------------------------

    def records(self) -> list[Record]:
        """Return all records, by slot."""
        with self._read() as connection:
            rows = connection.execute(sql.select(RECORDS).order_by(RECORDS.c.slot))
            return [
                Record(
                    Handle(row.handle),
                    Slot(row.slot),
                    row.owner_key,
                    tuple(Form(form) for form in row.forms.split(" ")),
                    Epoch(row.epoch),
                    Instant(row.since),
                )
                for row in rows
            ]

    # --- changes ----------------------------------------------------------------

    def doubt(self, request: RequestId, change: bytes) -> None:
        """Remember a change as prepared."""
        with self._written("the change") as connection:
            connection.execute(
                sql.insert(IN_DOUBT).values(request=request, change=change)
            )

    def doubts(self) -> dict[RequestId, bytes]:
        """Return all changes that are prepared and not decided here."""
        with self._read() as connection:
            rows = connection.execute(sql.select(IN_DOUBT))
            return {RequestId(row.request): row.change for row in rows}

    def settle(
        self,
        request: RequestId,
        *,
        added: tuple[Record, ...] = (),
        removed: tuple[Handle, ...] = (),
        unheard: tuple[OperatorId, ...] = (),
    ) -> None:
        """End a doubt: the records change, or not, and the decision is remembered.

        All of it in one transaction. `unheard` is the convenor's: who must be told.
        """
        with self._written("the decision") as connection:
            connection.execute(
                sql.delete(IN_DOUBT).where(IN_DOUBT.c.request == request)
            )
            if added:
                connection.execute(
                    sql.insert(RECORDS), [_row(record) for record in added]
                )
            for handle in removed:
                connection.execute(
                    sql.delete(RECORDS).where(RECORDS.c.handle == handle)
                )
            if unheard:
                connection.execute(
                    sql.insert(DECISIONS).values(
                        request=request, unheard=_join(unheard)
                    )
                )
        if removed:
            self._forget_log()

    def decisions(self) -> dict[RequestId, tuple[OperatorId, ...]]:
        """Return the committed changes that somebody has not acknowledged, and who."""
        with self._read() as connection:
            rows = connection.execute(sql.select(DECISIONS))
            return {RequestId(row.request): _split(row.unheard) for row in rows}

    def hear(self, request: RequestId, operator: OperatorId) -> None:
        """Note that an operator acknowledged; forget the decision after the last."""
        with self._written("an acknowledgement") as connection:
            where = DECISIONS.c.request == request
            row = connection.execute(sql.select(DECISIONS).where(where)).one_or_none()
            if row is None:
                return
            left = tuple(name for name in _split(row.unheard) if name != operator)
            if left:
                connection.execute(
                    sql.update(DECISIONS).where(where).values(unheard=_join(left))
                )
            else:
                connection.execute(sql.delete(DECISIONS).where(where))

    # --- replays ----------------------------------------------------------------

    def see(self, request: RequestId, not_after: Instant, now: Instant) -> None:
        """Remember a request id for as long as it could be valid.

        Raises: Refused: it was seen before.
        """
        with self._written("the request") as connection:
            connection.execute(sql.delete(SEEN).where(SEEN.c.not_after < now))
            try:
                connection.execute(
                    sql.insert(SEEN).values(request=request, not_after=not_after)
                )
            except sql.exc.IntegrityError:
                raise Refused(
                    "This request was sent before: sign a new one for each question."
                ) from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._engine.dispose()

    # --- below: how it is kept ----------------------------------------------------

    @contextmanager
    def _read(self) -> Iterator[sql.Connection]:
        with self._lock:
            try:
                with self._engine.connect() as connection:
                    yield connection
            except DBAPIError as fault:
                raise Malformed(
                    f"The operator's ledger is damaged ({fault.orig}): restore this "
                    "operator's home from its backup."
                ) from None

    @contextmanager
    def _written(self, what: str) -> Iterator[sql.Connection]:
        """One transaction: all of it is on the disk at the end, or none."""
        with self._lock:
            try:
                with self._engine.begin() as connection:
                    yield connection
            except DBAPIError as fault:
                raise Unavailable(
                    f"The operator's ledger could not store {what} ({fault.orig}); "
                    "nothing was lost. Make room on its disk, then try again."
                ) from None

    def _expect_mark(self, connection: sql.Connection, name: str, content: str) -> None:
        found = connection.execute(
            sql.select(MARKS.c.content).where(MARKS.c.name == name)
        ).scalar()
        if found is None:
            connection.execute(sql.insert(MARKS).values(name=name, content=content))
        elif found != content:
            raise Malformed(
                f"The ledger's {name} is {found!r}, not {content!r}: give each "
                "operator its own home, and restore the right file."
            )

    def _forget_log(self) -> None:
        """Empty the write-ahead log, where erased rows would linger.

        It may fail on a full disk: the start, or the next erasure, tries again.
        """
        with self._lock, suppress(DBAPIError), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _prepare(connection: sql.engine.interfaces.DBAPIConnection, _: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _row(record: Record) -> dict[str, object]:
    return {
        "handle": record.handle,
        "slot": record.slot,
        "owner_key": record.owner_key,
        "forms": " ".join(record.forms),
        "epoch": record.epoch,
        "since": record.since,
    }


def _join(operators: tuple[OperatorId, ...]) -> str:
    return " ".join(str(operator) for operator in operators)


def _split(joined: str) -> tuple[OperatorId, ...]:
    return tuple(OperatorId(int(operator)) for operator in joined.split(" "))
