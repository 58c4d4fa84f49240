"""A generation: the segments of all forms for one epoch, in a folder of its own.

    segments/0/face.rows, face.sums, ...      epoch 0
    segments/1/...                            epoch 1, beside it while it is written

Shares of two epochs do not fit together, so a row is of one or of the other.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.ground.errors import Malformed
from ipse.ground.names import Epoch, Form, OperatorId, Slot
from ipse.shares.shamir import FIELDS
from ipse.store.disk import Disk, room_needed
from ipse.store.segment import CHUNK_BYTES, ROWS, Bits, Segment, Slots


class Generation:
    """All segments of one epoch."""

    def __init__(
        self,
        folder: Path,
        forms: Iterable[Form],
        *,
        charter: bytes,
        epoch: Epoch,
        operator: OperatorId,
        disk: Disk,
    ) -> None:
        """Open or create the files. Raises: as Segment."""
        self.epoch = epoch
        self._folder = folder / str(epoch)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity = charter + epoch.to_bytes(8, "big") + bytes([operator])
        self._by_form = {
            form: [
                Segment(self._folder, field, identity, disk) for field in FIELDS[form]
            ]
            for form in forms
        }
        for each in (self._folder, folder):
            disk.sync_folder(each)

    def of(self, form: Form) -> Sequence[Segment]:
        """Return the segments of a form. Raises: Malformed: the charter names none."""
        try:
            return self._by_form[form]
        except KeyError:
            raise Malformed(
                f"A record has a {form}, and the charter names none."
            ) from None

    @property
    def forms(self) -> tuple[Form, ...]:
        """Forms that have segments here."""
        return tuple(self._by_form)

    def rows(self, forms: Iterable[Form], count: int) -> dict[str, Words]:
        """Return the first `count` rows of each field of some forms, unchecked."""
        return {
            segment.field.name: segment.rows(count)
            for form in forms
            for segment in self.of(form)
        }

    def write(self, first: Slot, form: Form, rows: Mapping[str, Words]) -> None:
        """Write rows of one form, one after the other: dtype[count, length] by field.

        Raises: Unavailable: the disk is full.
        """
        with room_needed("the record"):
            for segment in self.of(form):
                segment.write(first, rows[segment.field.name])

    def erase(self, slots: Sequence[Slot], forms: Iterable[Form]) -> None:
        """Overwrite rows with zeros."""
        for form in forms:
            for segment in self.of(form):
                segment.erase(slots)

    def sync(self, forms: Iterable[Form]) -> None:
        """Return once all that was written to some forms is on the disk."""
        with room_needed("the record"):
            for form in forms:
                for segment in self.of(form):
                    segment.sync()

    def expect_room(self, form: Form, count: int) -> None:
        """Return if the first rows of a form are in its files. Raises: Malformed."""
        for segment in self.of(form):
            segment.expect_room(count)

    def expect_intact_at(self, forms: Iterable[Form], slots: Slots) -> None:
        """Return if some records' rows are as they were written. Raises: Malformed."""
        for form in forms:
            for segment in self.of(form):
                segment.expect_intact_at(slots)

    def expect_intact(self, forms: Iterable[Form], alive: Bits) -> None:
        """Return if the rows that count are as they were written. Raises: Malformed."""
        for form in forms:
            for segment in self.of(form):
                segment.expect_intact(alive)

    def has_rows(self) -> bool:
        """Some row is not zeros."""
        return any(
            segment.has_rows() for form in self.forms for segment in self.of(form)
        )

    def filled(self, form: Form) -> npt.NDArray[np.bool_]:
        """Return which slots have a row that is not zeros: bool[slots]."""
        capacity = max(segment.capacity for segment in self.of(form))
        filled = np.zeros(capacity, np.bool_)
        for segment in self.of(form):
            filled[: segment.capacity] |= segment.filled()
        return filled

    def forget_checks(self) -> None:
        """Hold every row against its sum anew."""
        for form in self.forms:
            for segment in self.of(form):
                segment.forget_checks()

    def close(self) -> None:
        """Close all files; rows that somebody holds stay readable."""
        for form in self.forms:
            for segment in self.of(form):
                segment.close()


def epochs_in(folder: Path) -> tuple[Epoch, ...]:
    """Return the epochs whose rows a folder holds."""
    if not folder.is_dir():
        return ()
    return tuple(
        Epoch(int(each.name))
        for each in os.scandir(folder)
        if each.is_dir() and each.name.isdecimal()
    )


def shred(folder: Path, epoch: Epoch, disk: Disk) -> None:
    """Overwrite the rows of an epoch that is over with zeros, and remove its files.

    May be cut off anywhere and done again. The file system and the drive may keep
    copies: docs/limits.md.
    """
    over = folder / str(epoch)
    for path in over.glob(f"*{ROWS}"):
        _overwrite(path, disk)
    for path in over.iterdir():
        disk.remove(path)
    disk.remove(over)
    disk.sync_folder(folder)


def _overwrite(path: Path, disk: Disk) -> None:
    file = disk.open(path)
    try:
        size = os.fstat(file).st_size
        for place in range(0, size, CHUNK_BYTES):
            disk.write(file, bytes(min(size - place, CHUNK_BYTES)), place)
        disk.sync(file)
    finally:
        os.close(file)
