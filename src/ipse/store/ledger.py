"""The ledger: everything durable but the shares, in one database.

    records     handle, slot, owner's key, forms, since when
    pages       the roll's bits and sum (ipse.operator.roll), as bytes
    wipes       slots of removed records whose rows are not zeros yet
    in_doubt    changes that are prepared here and not yet decided, by request
    decisions   the convenor's: which changes are committed, and who must still hear it
    grants, chains, receipts, leaves
                what was used, and the word for it (ipse.store.uses)
    seen        request ids, until they could not be valid any more
    marks       whose ledger it is, its schema, who opened it last

A commit that returned is on the disk, and one that did not is not there at all; so
records, pages, wipes, uses and the end of a doubt are true together
(`ipse.store.access`).

`see` and `hear` alone do not wait for the disk (docs/spec/storage.md, section 6).

What a change means, or a page, is not known here: they are kept as bytes.

Specification: docs/spec/storage.md, section 1.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Final, TypeAlias

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError

from ipse.ground.errors import Refused
from ipse.ground.names import Form, Handle, Instant, OperatorId, RequestId, Slot
from ipse.ports import Clock
from ipse.store.access import Access
from ipse.store.archive import parse
from ipse.store.marks import Marks
from ipse.store.opened import open_archive
from ipse.store.tables import DECISIONS, IN_DOUBT, PAGES, RECORDS, SEEN, TABLES, WIPES
from ipse.store.uses import Uses, Written, write_uses

PageName: TypeAlias = tuple[str, int]
Pages: TypeAlias = Mapping[PageName, bytes]
"""Pages of the roll: part and number, and what stands there."""

NO_PAGES: Final[Pages] = {}

WINDOW: Final = 4_096
"""Records that are read at once, and handles that are looked up at once: PostgreSQL
takes 65,535 parameters, SQLite 32,766."""

TIDY_MS: Final = 1_000
"""Milliseconds between two looks for request ids that are over."""


@dataclass(frozen=True, slots=True)
class Record:
    """One enrolled body, as an operator knows it."""

    handle: Handle
    slot: Slot
    owner_key: bytes  # 32 bytes, Ed25519
    forms: tuple[Form, ...]
    since: Instant


class Ledger:
    """An operator's durable memory."""

    def __init__(self, url: str | sql.URL, belongs_to: str, clock: Clock) -> None:
        """Open or create it, for this process alone.

        Args:
            url: where it is (ipse.store.archive).
            belongs_to: network, epoch and operator, in words.
            clock: for the moment from which requests are remembered.

        Raises:
            Malformed: it belongs to another, or is no ledger of this version.
            Unavailable: another process has it, or it can't be reached.
        """
        self._marks = Marks(clock)
        archive = open_archive(parse(url))
        self._access = Access(archive, self._marks)
        self.uses = Uses(self._access)
        self._tidy_at = Instant(0)
        with ExitStack() as stack:
            stack.callback(archive.close)
            with self._written("the ledger") as connection:
                TABLES.create_all(connection)
                keeper = archive.keeper(connection)
                self._marks.set(connection, belongs_to, keeper)
            stack.pop_all()

    # --- records ----------------------------------------------------------------

    def find(self, handle: Handle) -> Record | None:
        """Return a record, if there is one."""
        rows = self._access.rows(_FIND, {"handle": handle})
        return _record(rows[0]) if rows else None

    def knows_any(self, handles: Sequence[Handle]) -> bool:
        """Say whether there is a record of any of these handles."""
        return any(
            self._access.rows(_ANY, {"handles": handles[start : start + WINDOW]})
            for start in range(0, len(handles), WINDOW)
        )

    def at(self, slots: Sequence[Slot]) -> list[Record]:
        """Return the records of some slots, by slot; an empty slot has none."""
        found = (
            self._access.rows(_AT, {"slots": slots[start : start + WINDOW]})
            for start in range(0, len(slots), WINDOW)
        )
        return [_record(row) for rows in found for row in rows]

    def records(self) -> Iterator[Record]:
        """Return all records, by slot: as they are while they are read."""
        last = -1
        while rows := self._access.rows(_FOLLOWING, {"last": last}):
            yield from map(_record, rows)
            last = rows[-1].slot

    def pages(self) -> dict[PageName, bytes]:
        """Return all pages of the roll."""
        rows = self._access.rows(sql.select(PAGES))
        return {(row.part, row.number): row.content for row in rows}

    # --- changes ----------------------------------------------------------------

    def doubt(self, request: RequestId, change: bytes) -> None:
        """Remember a change as prepared."""
        with self._written("the change") as connection:
            connection.execute(
                sql.insert(IN_DOUBT).values(request=request, change=change)
            )

    def doubts(self) -> dict[RequestId, bytes]:
        """Return all changes that are prepared and not decided here."""
        rows = self._access.rows(sql.select(IN_DOUBT))
        return {RequestId(row.request): row.change for row in rows}

    def settle(
        self,
        request: RequestId,
        *,
        added: Sequence[Record] = (),
        removed: Sequence[Record] = (),
        pages: Pages = NO_PAGES,
        written: Written | None = None,
        unheard: tuple[OperatorId, ...] = (),
        decision: bytes = b"",
    ) -> None:
        """End a doubt: records and uses change, or not, and it is remembered why.

        All of it in one transaction. `pages` are the roll's as they are then, those
        that change; `unheard` is the convenor's: who must be told the decision. The
        rows of what is removed are to be wiped from now on.
        """
        with self._written("the decision") as connection:
            run = connection.execute
            run(sql.delete(IN_DOUBT).where(IN_DOUBT.c.request == request))
            if added:
                run(sql.insert(RECORDS), [_row(record) for record in added])
            if removed:
                run(_REMOVE, [{"gone": record.handle} for record in removed])
                run(sql.insert(WIPES), [_wipe(record) for record in removed])
            if pages:
                rows = [_page(name, content) for name, content in pages.items()]
                run(_DROP_PAGE, rows)
                run(sql.insert(PAGES), rows)
            if written is not None:
                write_uses(connection, written)
            if unheard:
                told = {"request": request, "unheard": _join(unheard)}
                run(sql.insert(DECISIONS), {**told, "content": decision})
        if removed:
            self._access.forget()

    def decisions(self) -> dict[RequestId, tuple[OperatorId, ...]]:
        """Return the committed changes that somebody has not acknowledged, and who."""
        rows = self._access.rows(sql.select(DECISIONS))
        return {RequestId(row.request): _split(row.unheard) for row in rows}

    def untold(self, operator: OperatorId) -> list[bytes]:
        """Return the decisions that an operator has not acknowledged."""
        rows = self._access.rows(sql.select(DECISIONS))
        return [row.content for row in rows if operator in _split(row.unheard)]

    def hear(self, request: RequestId, *operators: OperatorId) -> None:
        """Note that operators acknowledged; forget the decision after the last.

        It does not wait for the disk: what a crash forgets of it is told once more.
        """
        with self._written("an acknowledgement", is_flushed=False) as connection:
            where = DECISIONS.c.request == request
            row = connection.execute(sql.select(DECISIONS).where(where)).one_or_none()
            if row is None:
                return
            left = tuple(one for one in _split(row.unheard) if one not in operators)
            if left:
                connection.execute(
                    sql.update(DECISIONS).where(where).values(unheard=_join(left))
                )
            else:
                connection.execute(sql.delete(DECISIONS).where(where))

    def wipes(self) -> dict[Slot, tuple[Form, ...]]:
        """Return the slots whose rows are not known to be zeros yet."""
        rows = self._access.rows(sql.select(WIPES))
        return {Slot(row.slot): _forms(row.forms) for row in rows}

    def wiped(self, slots: Iterable[Slot]) -> None:
        """Note that rows are zeros."""
        with self._written("that a row is gone") as connection:
            connection.execute(_WIPED, [{"gone": slot} for slot in slots])

    def renew(self, belongs_to: str) -> None:
        """Make the next epoch the present one. The rows must be on the disk."""
        with self._written("the epoch") as connection:
            self._marks.renew(connection, belongs_to)

    # --- replays ----------------------------------------------------------------

    def see(self, request: RequestId, not_after: Instant, now: Instant) -> None:
        """Remember a request id for as long as it could be valid.

        Raises: Refused: it was seen before.
        """
        with self._written("the request", is_flushed=False) as connection:
            if now >= self._tidy_at:
                connection.execute(_OVER, {"now": now})
                self._tidy_at = Instant(now + TIDY_MS)
            try:
                connection.execute(_SEE, {"request": request, "not_after": not_after})
            except IntegrityError:
                raise Refused(
                    "This request was sent before: sign a new one for each question."
                ) from None

    @property
    def remembers_since(self) -> Instant:
        """From when on every request that was seen is remembered."""
        return self._marks.remembers_since

    def close(self) -> None:
        """Close it, and give it back."""
        self._access.close()

    def _written(
        self, what: str, *, is_flushed: bool = True
    ) -> AbstractContextManager[sql.Connection]:
        return self._access.written(what, is_flushed=is_flushed)


_FIND: Final = sql.select(RECORDS).where(RECORDS.c.handle == sql.bindparam("handle"))
_ANY: Final = (
    sql.select(RECORDS.c.slot)
    .where(RECORDS.c.handle.in_(sql.bindparam("handles", expanding=True)))
    .limit(1)
)
_AT: Final = (
    sql.select(RECORDS)
    .where(RECORDS.c.slot.in_(sql.bindparam("slots", expanding=True)))
    .order_by(RECORDS.c.slot)
)
_FOLLOWING: Final = (
    sql.select(RECORDS)
    .where(RECORDS.c.slot > sql.bindparam("last"))
    .order_by(RECORDS.c.slot)
    .limit(WINDOW)
)
_REMOVE: Final = sql.delete(RECORDS).where(RECORDS.c.handle == sql.bindparam("gone"))
_WIPED: Final = sql.delete(WIPES).where(WIPES.c.slot == sql.bindparam("gone"))
_DROP_PAGE: Final = sql.delete(PAGES).where(
    PAGES.c.part == sql.bindparam("part"), PAGES.c.number == sql.bindparam("number")
)
_OVER: Final = sql.delete(SEEN).where(SEEN.c.not_after < sql.bindparam("now"))
_SEE: Final = sql.insert(SEEN)


def _record(row: sql.Row[tuple[object, ...]]) -> Record:
    return Record(
        Handle(row.handle),
        Slot(row.slot),
        row.owner_key,
        _forms(row.forms),
        Instant(row.since),
    )


def _row(record: Record) -> dict[str, object]:
    return {
        "handle": record.handle,
        "slot": record.slot,
        "owner_key": record.owner_key,
        "forms": " ".join(record.forms),
        "since": record.since,
    }


def _wipe(record: Record) -> dict[str, object]:
    return {"slot": record.slot, "forms": " ".join(record.forms)}


def _page(name: PageName, content: bytes) -> dict[str, object]:
    part, number = name
    return {"part": part, "number": number, "content": content}


def _forms(joined: str) -> tuple[Form, ...]:
    return tuple(Form(form) for form in joined.split(" "))


def _join(operators: tuple[OperatorId, ...]) -> str:
    return " ".join(str(operator) for operator in operators)


def _split(joined: str) -> tuple[OperatorId, ...]:
    return tuple(OperatorId(int(operator)) for operator in joined.split(" "))
