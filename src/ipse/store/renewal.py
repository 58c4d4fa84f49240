"""A renewal: the next epoch's rows, while they are written beside the present ones.

    write           the new row of a record
    outdate         the present row is another now: its new one must be written again
    erase           the record is gone: its new row is zeros as well
    expect_whole    every record that is alive has a new row, on the disk

How new rows come about is not known here: a protocol of three operators computes
them. Nothing of this is true before the ledger says so (`Ledger.renew`), and what
there is of it by then is destroyed if it never does.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ipse.crypto.ring import Words
from ipse.ground.errors import OutOfTurn
from ipse.ground.names import Epoch, Form, Slot
from ipse.store.generation import Generation
from ipse.store.segment import Bits


class Renewal:
    """Rows that will count, or never."""

    def __init__(self, generation: Generation, lock: threading.RLock) -> None:
        """Begin with none written; `lock` is that of the present rows."""
        self.generation = generation
        self._lock = lock
        self._written: dict[Form, Bits] = {
            form: np.zeros(0, np.bool_) for form in generation.forms
        }

    @property
    def epoch(self) -> Epoch:
        """The epoch of the new rows."""
        return self.generation.epoch

    def write(self, first: Slot, form: Form, rows: Mapping[str, Words]) -> None:
        """Write new rows of one form: dtype[count, length] by field.

        Raises: Unavailable: the disk is full.
        """
        stop = first + max(len(field) for field in rows.values())
        with self._lock:
            self.generation.write(first, form, rows)
            written = self._written[form]
            if stop > len(written):
                grown = np.zeros(stop, np.bool_)
                grown[: len(written)] = written
                written = self._written[form] = grown
            written[first:stop] = True

    def missing(self, form: Form, alive: Bits) -> Bits:
        """Return which records that are alive have no new row: bool[slots]."""
        missing = alive.copy()
        written = self._written[form][: len(alive)]
        missing[: len(written)] &= ~written
        return missing

    def outdate(self, slots: Iterable[Slot] | range, form: Form) -> None:
        """Take back that rows were written: the records that have them changed."""
        written = self._written[form]
        for slot in slots:
            if slot < len(written):
                written[slot] = False

    def erase(self, slots: Sequence[Slot], forms: Iterable[Form]) -> None:
        """Overwrite new rows with zeros, on the disk."""
        forms = tuple(forms)
        for form in forms:
            self.outdate(slots, form)
        self.generation.erase(slots, forms)
        self.generation.sync(forms)

    def expect_whole(self, alive: Mapping[Form, Bits]) -> None:
        """Return once every record's new row is on the disk, and no other row is.

        Raises: OutOfTurn: some have none. Malformed: one is damaged.
        """
        for form, living in alive.items():
            missing = self.missing(form, living)
            if missing.any():
                raise OutOfTurn(
                    f"{int(missing.sum())} records have no {form} for epoch "
                    f"{self.epoch} yet."
                )
            self._erase_all_but(form, living)
        self.generation.sync(alive)
        for form, living in alive.items():
            self.generation.expect_intact((form,), living)

    def _erase_all_but(self, form: Form, living: Bits) -> None:
        """Overwrite new rows of records that went while they were computed."""
        gone = self._written[form].copy()
        gone[: len(living)] &= ~living[: len(gone)]
        slots = [Slot(int(slot)) for slot in np.flatnonzero(gone)]
        self.outdate(slots, form)
        self.generation.erase(slots, (form,))
