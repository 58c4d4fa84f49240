"""A segment: the rows of one field in one epoch, in a memory-mapped file.

A row's number is its record's slot, the same at all three operators::

    NAME.rows   a page of header, then rows of `length` words each, little-endian
    NAME.sums   8 bytes a row (ipse.store.sums)

The header names what the rows are shares of: magic, network's charter digest, epoch,
operator, field. A file of another network, epoch or operator is refused before a row
of it is used.

Opening reads the header and nothing else. A row is held against its sum when it is
first asked for, once in a process's life; `expect_intact` is where that happens, and
whoever computes with rows calls it before (`ipse.store.segments` does).

Files grow by whole chunks that are allocated first, so a full disk is an error here
and never a fault in the middle of a computation. Growth maps the file anew and leaves
the old mapping to whoever holds rows of it: both show the same pages. What is written
is on the disk when `sync` returns. Which rows count is not known here:
`ipse.store.ledger` knows.
"""

import mmap
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.ground.errors import Malformed
from ipse.ground.names import Slot
from ipse.shares.shamir import Field
from ipse.store.disk import Disk, room_needed
from ipse.store.sums import SUM_BYTES, RowSums, consecutive

Bits = npt.NDArray[np.bool_]
Slots = npt.NDArray[np.int64]

MAGIC: Final = b"ipse segment 2\n\0"
ROWS: Final = ".rows"
SUMS: Final = ".sums"
HEADER_BYTES: Final = 4_096
CHUNK_BYTES: Final = 1 << 20
"""Bytes by which a file of rows grows at least, and at least one row."""

GROWTH: Final = 8
"""A file grows by this part of itself, if there is room, so that growing a large one
is rare: an eighth more disk than rows at most."""

CHECKED_BYTES: Final = 1 << 20
"""Bytes of rows that are held against their sums at once: they stay in a core's
cache, and so does what is computed from them."""


class Segment:
    """The rows of one field."""

    def __init__(self, folder: Path, field: Field, identity: bytes, disk: Disk) -> None:
        """Open or create the files.

        Raises:
            Malformed: they belong to another network, epoch or operator.
            Unavailable: the disk is full.
        """
        self.field = field
        self._disk = disk
        self._dtype = np.dtype(field.dtype).newbyteorder("<")
        self._row_bytes = self._dtype.itemsize * field.length
        self._header = (MAGIC + identity + field.name.encode()).ljust(
            HEADER_BYTES, b"\0"
        )
        self._sums = RowSums(self._header, self._row_bytes)
        self._path = folder / f"{field.name}{ROWS}"
        self._rows_file = disk.open(self._path)
        self._sums_file = disk.open(folder / f"{field.name}{SUMS}")
        self._rows: Words = np.zeros((0, field.length), self._dtype)
        self._is_checked = np.zeros(0, np.bool_)
        with room_needed("the segment"):
            self._open()

    @property
    def capacity(self) -> int:
        """Rows that the file has room for."""
        return len(self._rows)

    # --- reading --------------------------------------------------------------------

    def expect_room(self, count: int) -> None:
        """Return if the first `count` rows are in the file. Raises: Malformed."""
        if count > self.capacity:
            raise Malformed(
                f"The segment {self._path.name} was cut off: it has {self.capacity} "
                f"rows of {count}. Restore this operator's home from its backup."
            )

    def rows(self, count: int) -> Words:
        """Return the first `count` rows: dtype[count, length], read-only, in place.

        They are not checked: see `expect_intact`. They stay readable for as long as
        somebody refers to them, whatever is appended. Raises: Malformed: too few.
        """
        self.expect_room(count)
        return self._rows[:count]

    def expect_intact(self, alive: Bits) -> None:
        """Return if the rows that count are as they were written.

        Each row is read for this once; later calls cost a look at bits.

        Shapes: alive is bool[slots]; rows beyond it do not count.
        Raises: Malformed: one is damaged, or the file is too short.
        """
        self.expect_room(len(alive))
        step = max(1, CHECKED_BYTES // self._row_bytes)
        for start in range(0, len(alive), step):
            block = alive[start : start + step]
            left = block & ~self._is_checked[start : start + len(block)]
            if left.any():
                self.expect_intact_at(start + np.flatnonzero(left))

    def expect_intact_at(self, slots: Slots) -> None:
        """Return if some rows are as they were written.

        Shapes: slots is int64[n], ascending, all within a few blocks.
        Raises: Malformed: one is damaged, or the file is too short.
        """
        first, stop = int(slots[0]), int(slots[-1]) + 1
        self.expect_room(stop)
        rows, is_checked = self._rows, self._is_checked  # as of now: both may grow
        left = slots[~is_checked[slots]]
        if not len(left):
            return
        is_whole = len(left) == stop - first
        found = rows[first:stop] if is_whole else rows[left]
        damaged = self._sums.of(left, found) != self._stored(left)
        if damaged.any():
            raise Malformed(
                f"Row {left[damaged][0]} of the segment {self._path.name} is "
                "damaged: restore this operator's home from its backup."
            )
        is_checked[left] = True

    def filled(self) -> Bits:
        """Return which slots have a row that is not zeros: bool[capacity]."""
        return np.concatenate((np.zeros(0, np.bool_), *self._filled()))

    def has_rows(self) -> bool:
        """Some row is not zeros."""
        return any(block.any() for block in self._filled())

    def forget_checks(self) -> None:
        """Hold every row against its sum anew."""
        self._is_checked = np.zeros(self.capacity, np.bool_)

    # --- writing --------------------------------------------------------------------

    def write(self, first: Slot, rows: Words) -> None:
        """Write rows one after the other: dtype[count, length].

        Raises: Unavailable: the disk is full. Malformed: they have another shape.
        """
        count = len(rows)
        is_ours = rows.shape[1:] == (self.field.length,)
        if not is_ours or rows.dtype != self.field.dtype:
            raise Malformed(f"A row of {self.field.name} has another shape.")
        self._grow(first + count)
        encoded = np.ascontiguousarray(rows, self._dtype)
        sums = self._sums.of(consecutive(first, count), encoded)
        self._is_checked[first : first + count] = False
        place = HEADER_BYTES + first * self._row_bytes
        self._disk.write(self._rows_file, encoded.tobytes(), place)
        encoded_sums = sums.astype("<u8").tobytes()
        self._disk.write(self._sums_file, encoded_sums, first * SUM_BYTES)

    def erase(self, slots: Sequence[Slot]) -> None:
        """Overwrite rows with zeros; a row that was never reached has none."""
        zeros = np.zeros((1, self.field.length), self.field.dtype)
        for slot in slots:
            if slot < self.capacity:
                self.write(slot, zeros)

    def sync(self) -> None:
        """Return once all that was written is on the disk."""
        self._disk.sync(self._rows_file)
        self._disk.sync(self._sums_file)

    def close(self) -> None:
        """Close the files; rows that somebody holds stay readable."""
        os.close(self._rows_file)
        os.close(self._sums_file)

    # --- below: the file --------------------------------------------------------------

    def _filled(self) -> Iterator[Bits]:
        step = max(1, CHECKED_BYTES // self._row_bytes)
        for start in range(0, self.capacity, step):
            filled: Bits = np.any(self._rows[start : start + step], axis=1)
            yield filled

    def _open(self) -> None:
        size = os.fstat(self._rows_file).st_size
        found = os.pread(self._rows_file, HEADER_BYTES, 0)
        is_begun = self._header.startswith(found.rstrip(b"\0"))
        if size <= HEADER_BYTES and is_begun:
            # new, or its creation was cut off; no row is written before this is synced
            self._disk.write(self._rows_file, self._header, 0)
            self._disk.sync(self._rows_file)
            size = HEADER_BYTES
        elif found != self._header:
            raise Malformed(
                f"The segment {self._path.name} is not this operator's for this "
                "network and epoch: give each operator its own home, and restore the "
                "right file."
            )
        self._map((size - HEADER_BYTES) // self._row_bytes)

    def _map(self, capacity: int) -> None:
        # No advice is given: pages of a file are read ahead, and mapped in large ones,
        # as they are; measured equal to memory of huge pages (docs/spec/storage.md).
        if capacity:
            size = HEADER_BYTES + capacity * self._row_bytes
            mapped = mmap.mmap(self._rows_file, size, prot=mmap.PROT_READ)
            flat = np.frombuffer(
                mapped, self._dtype, capacity * self.field.length, HEADER_BYTES
            )
            self._rows = flat.reshape(capacity, self.field.length)
        grown = np.zeros(capacity, np.bool_)
        kept = min(len(self._is_checked), capacity)
        grown[:kept] = self._is_checked[:kept]
        self._is_checked = grown

    def _grow(self, count: int) -> None:
        if count <= self.capacity:
            return
        chunk = max(1, CHUNK_BYTES // self._row_bytes)
        least = -(-count // chunk) * chunk
        roomy = max(least, self.capacity + self.capacity // GROWTH)
        if roomy > least:
            try:
                self._allocate(roomy)
            except OSError:  # no room for that much: there may be for what is needed
                self._allocate(least)
        else:
            self._allocate(least)

    def _allocate(self, capacity: int) -> None:
        size = HEADER_BYTES + capacity * self._row_bytes
        self._disk.allocate(self._sums_file, capacity * SUM_BYTES)
        self._disk.allocate(self._rows_file, size)
        self._map(capacity)

    def _stored(self, slots: Slots) -> npt.NDArray[np.uint64]:
        """Return the sums that were stored, zeros where the file was cut off."""
        first, last = int(slots[0]), int(slots[-1])
        found = os.pread(
            self._sums_file, (last + 1 - first) * SUM_BYTES, first * SUM_BYTES
        )
        whole = found.ljust((last + 1 - first) * SUM_BYTES, b"\0")
        return np.frombuffer(whole, "<u8")[slots - first]
