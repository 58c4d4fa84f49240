"""Segments: an operator's shares, as readers and writers see them at the same time.

    held      a scan's rows: they stay what they are until it lets go
    row       one record's row, copied
    write     rows of new records, beyond or between those that a scan reads
    clear     rows that no record had become zeros now
    wipe      rows of removed records become zeros, once no scan reads them
    renew     the next epoch's rows, written beside the present ones
    switch    the next epoch is the present one; the old rows are overwritten once no
              scan reads them

What is guaranteed: no row is given out that is not, byte for byte, what was written
under this network, epoch, operator, field and slot, as far as its sum can tell
(`ipse.store.sums`). Each is read for this when it is first asked for in a process's
life; one that rots on the disk later is found by the next process, or by
`ipse operator check`. A file that was cut off is refused when the store
is opened.

Nothing here knows which rows count: callers say so, from the ledger.

Specification: docs/spec/storage.md, sections 2 to 4.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ipse.crypto.ring import Words
from ipse.ground.errors import Malformed, OutOfTurn
from ipse.ground.names import Epoch, Form, OperatorId, Slot
from ipse.store.disk import Disk
from ipse.store.generation import Generation, epochs_in, shred
from ipse.store.holds import Holds
from ipse.store.renewal import Renewal
from ipse.store.segment import Bits


class Held:
    """What one scan reads, for as long as it is held."""

    def __init__(self, generation: Generation) -> None:
        """Keep the epoch that is present now."""
        self._generation = generation

    def rows(self, forms: Iterable[Form], alive: Bits) -> dict[str, Words]:
        """Return rows: dtype[slots, length] by field, read-only, in place.

        Rows that are alive are as they were written; the others may be anything. The
        first scan of a process reads every row that is alive for its sum.

        Shapes: alive is bool[slots]; what lies beyond it is not returned.
        Raises: Malformed: a row is damaged, or the file is too short.
        """
        forms = tuple(forms)
        rows = self._generation.rows(forms, len(alive))
        self._generation.expect_intact(forms, alive)
        return rows


class Segments:
    """All fields of all forms that the network's charter names."""

    def __init__(
        self,
        folder: Path,
        forms: Iterable[Form],
        *,
        charter: bytes,
        epoch: Epoch,
        operator: OperatorId,
        disk: Disk | None = None,
    ) -> None:
        """Open or create the files.

        Raises:
            Malformed: they belong to another network, epoch or operator.
            Unavailable: the disk is full.
        """
        self._folder = folder
        self._forms = tuple(forms)
        self._operator = operator
        self._disk = disk or Disk()
        self._holds = Holds()
        self._lock = threading.RLock()
        self._renewal: Renewal | None = None
        present = epochs_in(folder)
        if present and epoch not in present:
            raise Malformed(
                f"The segments in {folder.parent.name} are of another epoch than "
                f"{epoch}: restore the right files."
            )
        self._generation = self._opened(charter, epoch)

    # --- reading --------------------------------------------------------------------

    @contextmanager
    def held(self) -> Iterator[Held]:
        """Hold what there is now: it stays, whatever is written, wiped or renewed.

        Which rows are alive must be asked after this began: a record that is removed
        before may lose its row at any time, one that is removed later does not.
        """
        with self._holds.hold():
            yield Held(self._generation)

    def row(self, forms: Iterable[Form], slot: Slot) -> dict[str, Words]:
        """Return a copy of one row of each field of some forms: dtype[1, length].

        Raises: Malformed: it is damaged, or not there.
        """
        forms = tuple(forms)
        with self._lock:
            self._generation.expect_intact_at(forms, np.array([slot], np.int64))
            rows = self._generation.rows(forms, slot + 1)
            return {name: field[slot:].copy() for name, field in rows.items()}

    def expect_room(self, form: Form, count: int) -> None:
        """Return if the first rows of a form are in its files. Raises: Malformed."""
        self._generation.expect_room(form, count)

    def expect_intact(self, slots: Sequence[Slot], forms: Iterable[Form]) -> None:
        """Return if some records' rows are as they were written. Raises: Malformed."""
        with self._lock:
            self._generation.expect_intact_at(forms, np.array(sorted(slots), np.int64))

    @property
    def generation(self) -> Generation:
        """The present epoch's files, for whoever checks all of them."""
        return self._generation

    # --- writing --------------------------------------------------------------------

    def write(self, first: Slot, form: Form, rows: Mapping[str, Words]) -> None:
        """Write rows of one form, one after the other: dtype[count, length] by field.

        Slots must be free: no scan reads them. Raises: Unavailable: the disk is full.
        """
        with self._lock:
            self._generation.write(first, form, rows)
            if self._renewal is not None:
                count = max(len(field) for field in rows.values())
                self._renewal.outdate(range(first, first + count), form)

    def sync(self, forms: Iterable[Form]) -> None:
        """Return once all that was written to some forms is on the disk."""
        with self._lock:
            self._generation.sync(forms)

    def clear(self, slots: Sequence[Slot], forms: Iterable[Form]) -> None:
        """Overwrite rows that no scan reads with zeros, on the disk, in all epochs."""
        forms = tuple(forms)
        with self._lock:
            self._generation.erase(slots, forms)
            self._generation.sync(forms)
            if self._renewal is not None:
                self._renewal.erase(slots, forms)

    def wipe(
        self,
        slots: Sequence[Slot],
        forms: Iterable[Form],
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Clear rows once no scan reads them; then go on.

        Without a scan that is now, before this returns. What a scan delays is done by
        the last one that lets go.
        """
        forms = tuple(forms)

        def overwrite() -> None:
            self.clear(slots, forms)
            then()

        self._holds.after_all(overwrite)

    # --- refresh --------------------------------------------------------------------

    def renew(self, charter: bytes, epoch: Epoch) -> Renewal:
        """Begin the next epoch's rows; what an earlier attempt left is destroyed.

        Raises: OutOfTurn: the epoch is not a later one. Unavailable: no room.
        """
        with self._lock:
            if epoch <= self._generation.epoch:
                raise OutOfTurn(f"Epoch {epoch} does not follow the present one.")
            if self._renewal is not None:
                over, self._renewal = self._renewal, None
                over.generation.close()
                shred(self._folder, over.epoch, self._disk)
            self._renewal = Renewal(self._opened(charter, epoch), self._lock)
            return self._renewal

    def switch(self, renewal: Renewal) -> None:
        """Make a renewal the present. Run by: whoever made it true in the ledger.

        Raises: OutOfTurn: it is not the one that was begun last.
        """
        with self._lock:
            if renewal is not self._renewal:
                raise OutOfTurn("This renewal is over.")
            old, self._generation = self._generation, renewal.generation
            self._renewal = None

        def destroy() -> None:
            old.close()
            shred(self._folder, old.epoch, self._disk)

        self._holds.after_all(destroy)

    def discard_others(self) -> None:
        """Destroy what there is of other epochs: rows before, or half of rows after.

        Run by: whoever opened this, once the ledger says that this epoch is the
        present one, and before anybody holds rows.
        """
        for epoch in epochs_in(self._folder):
            if epoch != self._generation.epoch:
                shred(self._folder, epoch, self._disk)

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            if self._renewal is not None:
                self._renewal.generation.close()
            self._generation.close()

    def _opened(self, charter: bytes, epoch: Epoch) -> Generation:
        return Generation(
            self._folder,
            self._forms,
            charter=charter,
            epoch=epoch,
            operator=self._operator,
            disk=self._disk,
        )
