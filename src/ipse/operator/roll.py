"""The roll: who is enrolled, as bits and one digest of it all.

Two operators have the same records exactly when their roll digests agree. The digest
is a sum, so adding or removing a record costs the same however many there are::

    entry(record) = SHAKE256(tag ‖ 0x00 ‖ slot ‖ handle) as 1,024 words of 16 bits
    digest        = SHA-256(tag ‖ 0x00 ‖ epoch ‖ count ‖ sum of entries mod 2^16)

Kept in the ledger as pages, so that it is opened and not computed anew::

    FORM, n    which of the slots from 8,192 n on hold a template of this form, as bits
    sum, 0     the sum of entries, 2,048 bytes

`turn` says what a change makes of it and changes nothing; the ledger stores the pages
of the turn in the one transaction that changes the records; then `take` makes the turn
true here. So pages and records agree after any crash, and a change that was not stored
leaves no trace. Records themselves are looked up in the ledger.

Source: Bellare, Micciancio, "A New Paradigm for Collision-Free Hashing:
Incrementality at Reduced Cost", EUROCRYPT 1997 (LtHash with 1,024 x 16 bits).
"""

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from ipse.crypto import digest
from ipse.ground.errors import Malformed, OutOfTurn
from ipse.ground.names import Epoch, Form, Handle, Slot
from ipse.store.ledger import PageName, Pages, Record
from ipse.wire import tags

WORDS: Final = 1_024
WORD_BYTES: Final = 2
SUM: Final = ("sum", 0)

PAGE_SLOTS: Final = 8_192
"""Slots in a page: 1,024 bytes are written for a change, and a million records are
read as 123 pages."""

T = TypeVar("T", bound=np.generic)
MOST_FOUND: Final = 4_096
"""Records that are remembered from one look-up to the next: a request is looked up
twice or thrice within a job, and jobs carry up to a hundred requests."""

Bits = npt.NDArray[np.bool_]
Sum = npt.NDArray[np.uint16]


class Register(Protocol):
    """Where records are looked up."""

    def find(self, handle: Handle) -> Record | None:
        """Return a record, if there is one."""
        ...

    def knows_any(self, handles: Sequence[Handle]) -> bool:
        """Say whether there is a record of any of these handles."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What the roll will be after a change, where it differs."""

    pages: Pages
    bits: Mapping[PageName, Bits]  # bool[PAGE_SLOTS] each
    sum: Sum
    slots: npt.NDArray[np.int64]  # whose records come or go


class Roll:
    """All records."""

    def __init__(self, epoch: Epoch, register: Register, pages: Pages) -> None:
        """Take up the pages. Raises: Malformed: they are none."""
        self.epoch = epoch
        self._register = register
        self._sum = np.frombuffer(pages.get(SUM, bytes(WORDS * WORD_BYTES)), "<u2")
        self._bits: dict[Form, Bits] = {form: np.zeros(0, np.bool_) for form in Form}
        self._taken = np.zeros(0, np.bool_)
        self._count = 0
        self._resting: set[Slot] = set()
        self._lock = threading.Lock()  # searches ask from threads of their own
        self._snapshots: dict[tuple[Form, ...], Bits] = {}
        self._found: dict[Handle, Record] = {}  # since the last turn
        self._touched = np.zeros(0, np.int64)
        self.changes = 0  # turns taken so far: a time for `touched`
        self._put({name: _unpacked(pages[name]) for name in pages if name != SUM})

    def __len__(self) -> int:
        """Return how many are enrolled."""
        return self._count

    @property
    def forms(self) -> tuple[Form, ...]:
        """Forms of which there is or was a record."""
        return tuple(form for form, bits in self._bits.items() if len(bits))

    def get(self, handle: Handle) -> Record | None:
        """Return a record, if there is one.

        Raises: Malformed: the ledger's pages say otherwise.
        """
        record = self._found.get(handle)
        if record is not None:
            return record
        record = self._register.find(handle)
        if record is not None and not all(
            record.slot < len(self._bits[form]) and self._bits[form][record.slot]
            for form in record.forms
        ):
            raise Malformed(
                f"The ledger has a record in slot {record.slot} that its roll does not "
                "name: restore this operator's home from its backup."
            )
        if record is not None and len(self._found) < MOST_FOUND:
            self._found[handle] = record
        return record

    def knows_any(self, handles: Sequence[Handle]) -> bool:
        """Say whether any of these handles is in use."""
        return self._register.knows_any(handles)

    def is_free(self, slot: Slot) -> bool:
        """No record has this slot, and nothing is left there of the last one."""
        is_taken = slot < len(self._taken) and bool(self._taken[slot])
        return not is_taken and slot not in self._resting

    def free_slots(self, count: int) -> tuple[Slot, ...]:
        """Return the lowest slots that are free."""
        holes = np.flatnonzero(~self._taken)[: count + len(self._resting)]
        end = len(self._taken)
        further = range(end, end + count + len(self._resting))
        slots = (Slot(int(slot)) for slot in (*holes, *further))
        return tuple(slot for slot in slots if self.is_free(slot))[:count]

    def alive(self, *forms: Form) -> Bits:
        """Return which slots hold templates of all these forms, as of now.

        Shapes: bool[slots up to the last], read-only; it stays what it is.
        """
        with self._lock:
            if forms not in self._snapshots:
                self._snapshots[forms] = _joined([self._bits[form] for form in forms])
            return self._snapshots[forms]

    def touched(self, since: int, slots: range) -> npt.NDArray[np.int64]:
        """Return which of a run of slots changed after that many changes."""
        marks = self._touched[slots.start : slots.stop]
        return np.flatnonzero(marks > since) + slots.start

    def digest(self) -> bytes:
        """Return 32 bytes that two operators share exactly if their records agree."""
        counts = self.epoch.to_bytes(8, "big") + len(self).to_bytes(8, "big")
        return digest.digest(
            tags.ROLL_DIGEST, counts + self._sum.astype("<u2").tobytes()
        )

    # --- changes ----------------------------------------------------------------------

    def turn(
        self, *, added: Sequence[Record] = (), removed: Sequence[Record] = ()
    ) -> Turn:
        """Say what a change makes of the roll.

        Raises: OutOfTurn: a slot is taken, or one to be emptied is empty.
        """
        bits: dict[PageName, Bits] = {}
        sum_ = self._sum.astype(np.uint16)
        for record in removed:
            for form in record.forms:
                self._mark(bits, form, record.slot, is_alive=False)
            sum_ -= _entry(record)
        taken: set[Slot] = set()
        for record in added:
            if record.slot in taken or not self.is_free(record.slot):
                raise OutOfTurn(f"Slot {record.slot} is taken.")
            taken.add(record.slot)
            for form in record.forms:
                self._mark(bits, form, record.slot, is_alive=True)
            sum_ += _entry(record)
        pages = {
            name: np.packbits(page, bitorder="little").tobytes()
            for name, page in bits.items()
        }
        pages[SUM] = sum_.astype("<u2").tobytes()
        slots = np.array([record.slot for record in (*removed, *added)], np.int64)
        return Turn(pages, bits, sum_, slots)

    def take(self, turn: Turn) -> None:
        """Make a turn true: the ledger has it."""
        with self._lock:
            self._sum = turn.sum
            self._put(turn.bits)
            self._snapshots.clear()
            self._found.clear()
        self.changes += 1
        self._touched = _grown(self._touched, int(turn.slots.max(initial=-1)) + 1)
        self._touched[turn.slots] = self.changes

    def rest(self, slots: Iterable[Slot]) -> None:
        """Keep slots from being used: what their rows were is not overwritten yet."""
        self._resting.update(slots)

    def wake(self, slots: Iterable[Slot]) -> None:
        """Let slots be used again."""
        self._resting.difference_update(slots)

    def _mark(
        self, bits: dict[PageName, Bits], form: Form, slot: Slot, *, is_alive: bool
    ) -> None:
        number, place = divmod(slot, PAGE_SLOTS)
        name = (form.value, number)
        if name not in bits:
            page = self._bits[form][number * PAGE_SLOTS :][:PAGE_SLOTS]
            bits[name] = np.zeros(PAGE_SLOTS, np.bool_)
            bits[name][: len(page)] = page
        if bits[name][place] == is_alive:
            raise OutOfTurn(f"Slot {slot} is so already.")
        bits[name][place] = is_alive

    def _put(self, bits: Mapping[PageName, Bits]) -> None:
        """Replace pages, and what follows from them."""
        end = PAGE_SLOTS * (max((number for _, number in bits), default=-1) + 1)
        self._taken = _grown(self._taken, end)
        for (part, number), page in bits.items():
            form, start = Form(part), number * PAGE_SLOTS
            window = slice(start, start + PAGE_SLOTS)
            self._bits[form] = _grown(self._bits[form], end)
            self._bits[form][window] = page
            taken = np.zeros(PAGE_SLOTS, np.bool_)
            for each in self._bits.values():
                taken[: len(each[window])] |= each[window]
            self._count += int(taken.sum()) - int(self._taken[window].sum())
            self._taken[window] = taken


def _joined(marks: Sequence[Bits]) -> Bits:
    """Return what all have, up to the last that has it, to be read."""
    length = min(len(each) for each in marks)
    joined: Bits = np.logical_and.reduce([each[:length] for each in marks])
    last = np.flatnonzero(joined)[-1:]
    snapshot = joined[: int(last[0]) + 1 if len(last) else 0]
    snapshot.flags.writeable = False
    return snapshot


def _grown(marks: npt.NDArray[T], length: int) -> npt.NDArray[T]:
    """Return marks for so many slots at least, in whole pages."""
    if length <= len(marks):
        return marks
    grown = np.zeros(-(-length // PAGE_SLOTS) * PAGE_SLOTS, marks.dtype)
    grown[: len(marks)] = marks
    return grown


def _unpacked(content: bytes) -> Bits:
    if len(content) * 8 != PAGE_SLOTS:
        raise Malformed(
            "A page of the ledger's roll has the wrong length: restore this operator's "
            "home from its backup."
        )
    packed = np.frombuffer(content, np.uint8)
    return np.unpackbits(packed, bitorder="little").astype(np.bool_)


def _entry(record: Record) -> Sum:
    content = record.slot.to_bytes(8, "big") + record.handle
    expanded = hashlib.shake_256(digest.tagged(tags.ROLL_ENTRY, content))
    return np.frombuffer(expanded.digest(WORDS * WORD_BYTES), "<u2").astype(np.uint16)
