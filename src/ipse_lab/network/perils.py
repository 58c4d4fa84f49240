"""Perils: what may happen to what an operator writes down.

    write number n    the process, or the machine, dies before it took hold, or after
    full              there is no room for a while
    careless          a sync that does nothing, and nobody is told: a planted bug

Disk and ledger are the real ones (`ipse_lab.failing`). A machine that loses its power
loses what was not synced; so what was committed without waiting for the disk may be
gone, and the ledger's keeper with it (`ipse.store.marks`).
"""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sql

from ipse.ports import Clock
from ipse_lab.failing import Chances, FailingDisk, FailingLedger, Kind, Struck


@dataclass(frozen=True, slots=True)
class Blow:
    """The end of a process, at one write."""

    is_before: bool
    strike: Callable[[], None]  # tells that it happened


@dataclass(slots=True)
class Perils:
    """What one operator's machine has to go through, in all its lives."""

    blows: dict[int, Blow] = field(default_factory=dict)  # by write
    writes: int = 0  # so far
    is_full: bool = False
    at_full: Callable[[], None] = lambda: None
    is_careless: bool = False
    may_lose_power: bool = False
    flushed: sqlite3.Connection | None = None
    """The ledger as the disk has it, where more was committed without waiting."""


class Life(Chances):
    """The chances of one process."""

    def __init__(self, perils: Perils, seed: int) -> None:
        """Begin a life."""
        super().__init__(seed=seed)
        self.perils = perils
        self.is_over = False

    @contextmanager
    def step(self, kind: Kind) -> Iterator[None]:
        """Pass a step, or not. Raises: Struck; OSError: no room."""
        if self.is_over:
            raise Struck
        perils = self.perils
        if perils.is_full and kind is Kind.ALLOCATE:
            perils.at_full()
            raise OSError(errno.ENOSPC, "No space left on device")
        blow = perils.blows.pop(perils.writes, None)
        perils.writes += 1
        if blow is not None and blow.is_before:
            self._end(blow)
        yield
        if blow is not None:
            self._end(blow)

    def _end(self, blow: Blow) -> None:
        self.is_over = True
        blow.strike()
        raise Struck


class PerilousDisk(FailingDisk):
    """A disk that a planted bug makes careless."""

    def __init__(self, life: Life) -> None:
        """Begin with nothing unsynced."""
        super().__init__(life)
        self._perils = life.perils

    def sync(self, file: int) -> None:
        """Sync, or only say so."""
        if not self._perils.is_careless:
            super().sync(file)


class PerilousLedger(FailingLedger):
    """A ledger whose disk may be full."""

    def __init__(
        self, url: str | sql.URL, belongs_to: str, clock: Clock, life: Life
    ) -> None:
        """Open it."""
        self._perils = life.perils
        self._file = Path(sql.make_url(url).database or "")
        super().__init__(url, belongs_to, clock, life)

    @contextmanager
    def _written(
        self, what: str, *, is_flushed: bool = True
    ) -> Iterator[sql.Connection]:
        perils = self._perils
        if perils.may_lose_power and not is_flushed and perils.flushed is None:
            perils.flushed = _copied(self._file)
        with super()._written(what, is_flushed=is_flushed) as connection:
            if self._perils.is_full:
                self._perils.at_full()
                full = sqlite3.OperationalError("database or disk is full")
                raise sql.exc.OperationalError(None, None, full)
            yield connection
        if is_flushed:
            perils.flushed = None  # the log is one: all before it is there


def lose_keeper(ledger: Path, flushed: sqlite3.Connection | None) -> None:
    """Leave a ledger as a power failure does.

    Args:
        ledger: its file; nobody has it open.
        flushed: what was on the disk, if what was not is lost.
    """
    connection = sqlite3.connect(ledger)
    try:
        if flushed is not None:
            flushed.backup(connection)
        if not connection.execute("SELECT name FROM sqlite_master").fetchall():
            return  # it was only being made
        connection.execute(
            "UPDATE marks SET content = 'lost ' || "
            "substr(content, instr(content, ' ') + 1) WHERE name = 'keeper'"
        )
        connection.commit()
    finally:
        connection.close()


def _copied(ledger: Path) -> sqlite3.Connection:
    """Copy what is committed, into memory."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    connection = sqlite3.connect(ledger)
    try:
        connection.backup(copy)
    finally:
        connection.close()
    return copy
