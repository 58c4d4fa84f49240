"""The roll: who is enrolled, in memory, and one digest of it all.

Two operators have the same records exactly when their roll digests agree. The digest
is a sum, so adding or removing a record costs the same however many there are::

    entry(record) = SHAKE256(tag ‖ 0x00 ‖ slot ‖ handle) as 1,024 words of 16 bits
    digest        = SHA-256(tag ‖ 0x00 ‖ epoch ‖ count ‖ sum of entries mod 2^16)

Nothing durable lives here: it is built from the ledger at the start.

Source: Bellare, Micciancio, "A New Paradigm for Collision-Free Hashing:
Incrementality at Reduced Cost", EUROCRYPT 1997 (LtHash with 1,024 x 16 bits).
"""

import hashlib
from collections.abc import Iterable
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from ipse.crypto import digest
from ipse.ground.errors import OutOfTurn
from ipse.ground.names import Epoch, Form, Handle, Slot
from ipse.store.ledger import Record
from ipse.wire import tags

WORDS: Final = 1_024
WORD_BYTES: Final = 2

T = TypeVar("T", bound=np.generic)


class Roll:
    """All records, by handle and by slot."""

    def __init__(self, epoch: Epoch, records: Iterable[Record]) -> None:
        """Take up the ledger's records."""
        self._epoch = epoch
        self._by_handle: dict[Handle, Record] = {}
        self._sum = np.zeros(WORDS, np.uint16)
        self._taken = np.zeros(0, np.bool_)
        self._alive: dict[Form, npt.NDArray[np.bool_]] = {}
        self._touched = np.zeros(0, np.int64)
        self.changes = 0  # additions and removals so far: a time for `touched`
        for record in records:
            self.add(record)

    def __len__(self) -> int:
        """Return how many are enrolled."""
        return len(self._by_handle)

    def get(self, handle: Handle) -> Record | None:
        """Return a record, if there is one."""
        return self._by_handle.get(handle)

    def add(self, record: Record) -> None:
        """Add a record. Raises: OutOfTurn: its handle or slot is taken."""
        if record.handle in self._by_handle or not self.is_free(record.slot):
            raise OutOfTurn(f"Slot {record.slot} or its handle is taken.")
        self._by_handle[record.handle] = record
        self._mark(record, is_alive=True)
        self._sum += _entry(record)

    def remove(self, handle: Handle) -> None:
        """Remove a record."""
        record = self._by_handle.pop(handle)
        self._mark(record, is_alive=False)
        self._sum -= _entry(record)

    def is_free(self, slot: Slot) -> bool:
        """No record has this slot."""
        return slot >= len(self._taken) or not self._taken[slot]

    def free_slots(self, count: int) -> tuple[Slot, ...]:
        """Return the lowest slots that no record has."""
        holes = np.flatnonzero(~self._taken)[:count]
        missing = count - len(holes)
        end = len(self._taken)
        return tuple(Slot(int(slot)) for slot in (*holes, *range(end, end + missing)))

    def alive(self, form: Form) -> npt.NDArray[np.bool_]:
        """Return which slots hold a template of a form: bool[slots up to the last]."""
        slots = self._alive.get(form, np.zeros(0, np.bool_))
        last = np.flatnonzero(slots)[-1:]
        return slots[: int(last[0]) + 1] if len(last) else slots[:0]

    def touched(self, since: int, slots: range) -> npt.NDArray[np.int64]:
        """Return which of a run of slots changed after that many changes."""
        marks = self._touched[slots.start : slots.stop]
        return np.flatnonzero(marks > since) + slots.start

    def digest(self) -> bytes:
        """Return 32 bytes that two operators share exactly if their records agree."""
        counts = self._epoch.to_bytes(8, "big") + len(self).to_bytes(8, "big")
        return digest.digest(
            tags.ROLL_DIGEST, counts + self._sum.astype("<u2").tobytes()
        )

    def _mark(self, record: Record, *, is_alive: bool) -> None:
        self.changes += 1
        self._touched = _with(self._touched, record.slot, self.changes)
        self._taken = _with(self._taken, record.slot, is_alive)
        for form in record.forms:
            slots = self._alive.get(form, np.zeros(0, np.bool_))
            self._alive[form] = _with(slots, record.slot, is_alive)


def _with(slots: npt.NDArray[T], slot: Slot, value: int) -> npt.NDArray[T]:
    if slot >= len(slots):
        grown = np.zeros(max(slot + 1, 2 * len(slots)), slots.dtype)
        grown[: len(slots)] = slots
        slots = grown
    slots[slot] = value
    return slots


def _entry(record: Record) -> npt.NDArray[np.uint16]:
    content = record.slot.to_bytes(8, "big") + record.handle
    expanded = hashlib.shake_256(digest.tagged(tags.ROLL_ENTRY, content))
    return np.frombuffer(expanded.digest(WORDS * WORD_BYTES), "<u2").astype(np.uint16)
