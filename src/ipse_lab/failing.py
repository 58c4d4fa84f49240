"""A disk and a ledger that fail at one step, as if the power did.

    chances = Chances(strike_at=7, is_before=True, seed=1)
    disk, ledger = FailingDisk(chances), FailingLedger(url, belongs_to, clock, chances)
    ...                          raises Struck at the eighth write of either
    disk.lose_power()            what was not synced is there, or not

At a step `Struck` comes before the write took hold, or after. The process counts as
dead from then on: every further step raises too. `lose_power` takes back some of the
writes that were not synced, each or not as the dice fall, the last ones first.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sql

from ipse.ports import Clock
from ipse.store.disk import Disk
from ipse.store.ledger import Ledger


class Kind(StrEnum):
    """What a step is."""

    WRITE = "write"
    ALLOCATE = "allocate"
    SYNC = "sync"
    RENAME = "rename"
    SYNC_FOLDER = "sync folder"
    REMOVE = "remove"
    LEDGER = "ledger"  # one transaction


class Struck(Exception):
    """The power failed."""


class Chances:
    """Steps at which the power may fail, counted."""

    def __init__(
        self, strike_at: int | None = None, *, is_before: bool = True, seed: int = 0
    ) -> None:
        """Fail at one step, or never."""
        self.count = 0
        self.dice = random.Random(seed)  # noqa: S311 (which writes are lost)
        self._strike_at = strike_at
        self._is_before = is_before
        self._is_over = False

    @contextmanager
    def step(self, kind: Kind) -> Iterator[None]:  # noqa: ARG002 (others choose by it)
        """Pass a step, or not. Raises: Struck."""
        is_struck = self._is_over or self.count == self._strike_at
        self.count += 1
        if is_struck and (self._is_over or self._is_before):
            self._is_over = True
            raise Struck
        yield
        if is_struck:
            self._is_over = True
            raise Struck


class FailingDisk(Disk):
    """A disk that remembers what was not synced."""

    def __init__(self, chances: Chances) -> None:
        """Begin with nothing unsynced."""
        self._chances = chances
        self._unsynced: dict[int, list[tuple[int, int, bytes]]] = {}
        """Writes by inode, oldest first: the file anew, place, what was there."""
        self._renamed: list[tuple[Path, bytes | None]] = []
        """Names taken since their folder was synced, and what had them before."""

    def write(self, file: int, content: bytes, place: int) -> None:
        """Write, if the power lasts."""
        with self._chances.step(Kind.WRITE):
            old = os.pread(file, len(content), place).ljust(len(content), b"\0")
            written = self._unsynced.setdefault(os.fstat(file).st_ino, [])
            written.append((os.dup(file), place, old))
            super().write(file, content, place)

    def allocate(self, file: int, size: int) -> None:
        """Allocate, if the power lasts."""
        with self._chances.step(Kind.ALLOCATE):
            super().allocate(file, size)

    def sync(self, file: int) -> None:
        """Sync, if the power lasts."""
        with self._chances.step(Kind.SYNC):
            super().sync(file)
            for number, _, _ in self._unsynced.pop(os.fstat(file).st_ino, []):
                os.close(number)

    def rename(self, path: Path, onto: Path) -> None:
        """Rename, if the power lasts."""
        with self._chances.step(Kind.RENAME):
            old = onto.read_bytes() if onto.exists() else None
            self._renamed.append((onto, old))
            super().rename(path, onto)

    def sync_folder(self, folder: Path) -> None:
        """Sync names, if the power lasts."""
        with self._chances.step(Kind.SYNC_FOLDER):
            super().sync_folder(folder)
            self._renamed = [one for one in self._renamed if one[0].parent != folder]

    def remove(self, path: Path) -> None:
        """Remove, if the power lasts."""
        with self._chances.step(Kind.REMOVE):
            super().remove(path)

    def keep(self) -> None:
        """Let the kernel sync what a process left that was killed."""
        for written in self._unsynced.values():
            for number, _, _ in written:
                os.close(number)
        self._unsynced.clear()
        self._renamed.clear()

    def lose_power(self) -> None:
        """Take back some of what was not synced."""
        for written in self._unsynced.values():
            for number, place, old in reversed(written):
                if self._chances.dice.random() < 1 / 2:
                    os.pwrite(number, old, place)
                os.close(number)
        self._unsynced.clear()
        for path, content in reversed(self._renamed):
            if self._chances.dice.random() < 1 / 2:
                path.unlink(missing_ok=True)
                if content is not None:
                    path.write_bytes(content)
        self._renamed.clear()


class FailingLedger(Ledger):
    """A ledger whose transactions are steps: each is there, or is not."""

    def __init__(
        self, url: str | sql.URL, belongs_to: str, clock: Clock, chances: Chances
    ) -> None:
        """Open it."""
        self._chances = chances
        super().__init__(url, belongs_to, clock)

    @contextmanager
    def _written(
        self, what: str, *, is_flushed: bool = True
    ) -> Iterator[sql.Connection]:
        with (
            self._chances.step(Kind.LEDGER),
            super()._written(what, is_flushed=is_flushed) as connection,
        ):
            yield connection
