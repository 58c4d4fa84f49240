"""Segments: the shares of all records, one memory-mapped file for each field.

A row's number is its record's slot, the same at all three operators::

    NAME.rows   a page of header, then rows of `length` words each, little-endian
    NAME.sums   8 bytes a row: BLAKE2b(header ‖ slot ‖ row)

The header names what the rows are shares of: magic, network's charter digest, epoch,
operator, field. A file of another network, epoch or operator is refused before a row
of it is used, and a damaged row is found when the segments are opened.

Files grow by whole chunks that are allocated first, so a full disk is an error here
and never a fault in the middle of a computation. What is written is on the disk when
`sync` returns. Which rows count is not known here: `ipse.store.ledger` knows.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.ground.errors import Malformed
from ipse.ground.names import Epoch, Form, OperatorId, Slot
from ipse.shares.shamir import FIELDS, Field
from ipse.store.home import room_needed

MAGIC: Final = b"ipse segment 1\n\0"
HEADER_BYTES: Final = 4_096
SUM_BYTES: Final = 8
CHUNK_BYTES: Final = 1 << 20
"""Bytes by which a file of rows grows, at least one row."""


class Segment:
    """The rows of one field."""

    def __init__(self, folder: Path, field: Field, identity: bytes) -> None:
        """Open or create the files.

        Raises:
            Malformed: they belong to another network, epoch or operator.
            Unavailable: the disk is full.
        """
        self._field = field
        self._dtype = np.dtype(field.dtype).newbyteorder("<")
        self._row_bytes = self._dtype.itemsize * field.length
        self._header = (MAGIC + identity + field.name.encode()).ljust(
            HEADER_BYTES, b"\0"
        )
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._path = folder / f"{field.name}.rows"
        self._rows_file = os.open(self._path, flags, 0o600)
        self._sums_file = os.open(folder / f"{field.name}.sums", flags, 0o600)
        self._rows: npt.NDArray[np.uint16] | npt.NDArray[np.uint32]
        with room_needed("the segment"):
            self._open()

    def _open(self) -> None:
        size = os.fstat(self._rows_file).st_size
        if size < HEADER_BYTES:
            # new, or its creation was cut off before a row could be in it
            os.pwrite(self._rows_file, self._header, 0)
            size = HEADER_BYTES
        elif os.pread(self._rows_file, HEADER_BYTES, 0) != self._header:
            raise Malformed(
                f"The segment {self._path.name} is not this operator's for this "
                "network and epoch: give each operator its own home, and restore the "
                "right file."
            )
        self._capacity = (size - HEADER_BYTES) // self._row_bytes
        self._map()

    def _map(self) -> None:
        shape = (self._capacity, self._field.length)
        if self._capacity:
            self._rows = np.memmap(
                self._path, self._dtype, mode="r", offset=HEADER_BYTES, shape=shape
            )
        else:
            self._rows = np.zeros(shape, self._dtype)

    def rows(self, count: int) -> Words:
        """Return the first `count` rows: dtype[count, length], read-only."""
        if count > self._capacity:
            raise Malformed(f"The segment {self._path.name} has too few rows.")
        return self._rows[:count]

    def write(self, slot: Slot, row: Words) -> None:
        """Write one row. Raises: Unavailable: the disk is full."""
        if row.shape != (self._field.length,) or row.dtype != self._field.dtype:
            raise Malformed(f"A row of {self._field.name} has another shape.")
        self._grow(slot + 1)
        encoded = row.astype(self._dtype).tobytes()
        os.pwrite(self._rows_file, encoded, HEADER_BYTES + slot * self._row_bytes)
        os.pwrite(self._sums_file, self._sum(slot, encoded), slot * SUM_BYTES)

    def erase(self, slot: Slot) -> None:
        """Overwrite a row with zeros; a row that was never reached has none."""
        if slot < self._capacity:
            self.write(slot, np.zeros(self._field.length, self._field.dtype))

    def filled(self) -> set[Slot]:
        """Return the slots whose row is not zeros."""
        return {Slot(int(slot)) for slot in np.flatnonzero(self._rows.any(axis=1))}

    def sync(self) -> None:
        """Return once all that was written is on the disk."""
        os.fsync(self._rows_file)
        os.fsync(self._sums_file)

    def expect_intact(self, slot: Slot) -> None:
        """Return if a row is as it was written. Raises: Malformed."""
        encoded = b"" if slot >= self._capacity else self._rows[slot].tobytes()
        sum_ = os.pread(self._sums_file, SUM_BYTES, slot * SUM_BYTES)
        if sum_ != self._sum(slot, encoded):
            raise Malformed(
                f"Row {slot} of the segment {self._path.name} is damaged: restore this "
                "operator's home from its backup."
            )

    def close(self) -> None:
        """Close the files; the rows must no longer be used."""
        os.close(self._rows_file)
        os.close(self._sums_file)

    def _grow(self, count: int) -> None:
        if count <= self._capacity:
            return
        chunk = max(1, CHUNK_BYTES // self._row_bytes)
        capacity = -(-count // chunk) * chunk
        size = HEADER_BYTES + capacity * self._row_bytes
        os.posix_fallocate(self._rows_file, 0, size)
        os.posix_fallocate(self._sums_file, 0, capacity * SUM_BYTES)
        self._capacity = capacity
        self._map()

    def _sum(self, slot: Slot, encoded: bytes) -> bytes:
        state = hashlib.blake2b(self._header, digest_size=SUM_BYTES)
        state.update(slot.to_bytes(8, "big"))
        state.update(encoded)
        return state.digest()


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
    ) -> None:
        """Open or create the files. Raises: as Segment."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity = charter + epoch.to_bytes(8, "big") + bytes([operator])
        self._by_form = {
            form: [Segment(folder, field, identity) for field in FIELDS[form]]
            for form in forms
        }
        _sync_folder(folder)

    def rows(self, forms: Iterable[Form], count: int) -> dict[str, Words]:
        """Return the first `count` rows of each field of some forms."""
        return {
            field.name: segment.rows(count)
            for form in forms
            for field, segment in zip(FIELDS[form], self._by_form[form], strict=True)
        }

    def row(self, forms: Iterable[Form], slot: Slot) -> dict[str, Words]:
        """Return one row of each field of some forms: dtype[1, length]."""
        rows = self.rows(forms, slot + 1)
        return {name: field[slot : slot + 1] for name, field in rows.items()}

    def write(self, slot: Slot, form: Form, row: Mapping[str, Words]) -> None:
        """Write a record's row of one form. Raises: Unavailable: the disk is full."""
        with room_needed("the record"):
            for field, segment in zip(FIELDS[form], self._by_form[form], strict=True):
                segment.write(slot, row[field.name])

    def erase(self, slot: Slot, forms: Iterable[Form]) -> None:
        """Overwrite a record's rows with zeros."""
        for form in forms:
            for segment in self._by_form[form]:
                segment.erase(slot)

    def wipe_all_but(self, named: AbstractSet[Slot]) -> None:
        """Overwrite every row that is not zeros and whose slot is not named."""
        for segments in self._by_form.values():
            for segment in segments:
                for slot in segment.filled() - named:
                    segment.erase(slot)
                segment.sync()

    def sync(self, forms: Iterable[Form]) -> None:
        """Return once all that was written to some forms is on the disk."""
        with room_needed("the record"):
            for form in forms:
                for segment in self._by_form[form]:
                    segment.sync()

    def expect_intact(self, slot: Slot, forms: Iterable[Form]) -> None:
        """Return if a record's rows are as they were written. Raises: Malformed."""
        for form in forms:
            if form not in self._by_form:
                raise Malformed(f"A record has a {form}, and the charter names none.")
            for segment in self._by_form[form]:
                segment.expect_intact(slot)

    def close(self) -> None:
        """Close all files."""
        for segments in self._by_form.values():
            for segment in segments:
                segment.close()


def _sync_folder(folder: Path) -> None:
    """Return once the names of new files are on the disk."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
