"""The records of one operator: ledger, segments and roll, as one thing that changes.

    doubt     the change is in the ledger, to be decided
    write     its rows are in the segments
    commit    the records change, the roll with them, grants are used and receipts
              written, and the doubt ends; rows of what is removed are named to be
              wiped: all in one transaction
    wipe      the rows of what was removed are zeros, once no scan reads them
    abort     the rows are zeros, the doubt ends

A crash between two writes leaves no row that nothing names: a record names it, or a
doubt, which is settled before anybody is served, or a wipe, which is done when the
records are opened. So opening reads the roll's pages and no row
(docs/adr/0007-the-roll-is-kept.md). A row is held against its sum when it is first
asked for; `ipse.operator.check` does so for all.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Final

import numpy as np

from ipse.crypto.ring import Words
from ipse.ground.errors import Malformed, OutOfTurn
from ipse.ground.names import Epoch, Form, Handle, OperatorId, RequestId, Slot
from ipse.operator.roll import Bits, Roll
from ipse.ports import Clock
from ipse.store.ledger import NO_PAGES, Ledger, Record
from ipse.store.renewal import Renewal
from ipse.store.segments import Segments
from ipse.store.uses import Written
from ipse.wire.change import CHANGE, Change, Kind, Planned

Rows = Mapping[Form, Mapping[str, Words]]
"""One record's rows, by form and field."""

NO_ROWS: Final[tuple[Rows, ...]] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """What a search reads: it stays as it is until the search ends."""

    rows: Mapping[str, Words]  # dtype[slots, length] by field, read-only
    alive: Bits  # bool[slots]: the others may be anything


class Records:
    """What is stored here, and what is about to be."""

    def __init__(
        self, ledger: Ledger, segments: Segments, epoch: Epoch, clock: Clock
    ) -> None:
        """Take up what is on the disk, and finish what a crash cut off.

        Raises: Malformed: ledger and segments are not of one home.
        """
        self._ledger = ledger
        self._segments = segments
        self._clock = clock
        expect_related(ledger, segments)
        self.roll = Roll(epoch, ledger, ledger.pages())
        for form in self.roll.forms:
            segments.expect_room(form, len(self.roll.alive(form)))
        segments.discard_others()
        for slot, forms in ledger.wipes().items():
            segments.clear((slot,), forms)
            ledger.wiped((slot,))

    # --- reading ----------------------------------------------------------------------

    @contextmanager
    def held(self, *forms: Form) -> Iterator[Scan]:
        """Hold the rows of all records that have some forms, for one search.

        Raises: Malformed: a row is damaged.
        """
        with self._segments.held() as held:
            alive = self.roll.alive(*forms)
            yield Scan(held.rows(forms, alive), alive)

    def row(self, forms: tuple[Form, ...], slot: Slot) -> Mapping[str, Words]:
        """Return one record's rows: dtype[1, length] by field.

        Raises: Malformed: one is damaged.
        """
        return self._segments.row(forms, slot)

    def handles(self, slots: Sequence[Slot]) -> tuple[Handle, ...]:
        """Return the handles of the records in some slots, by slot."""
        return tuple(record.handle for record in self._ledger.at(slots))

    # --- changes ----------------------------------------------------------------------

    def doubts(self) -> list[Change]:
        """Return the changes that are prepared here and not decided here."""
        return [CHANGE.decode(change) for change in self._ledger.doubts().values()]

    def doubt(self, change: Change) -> None:
        """Remember a change that is about to be prepared."""
        self._ledger.doubt(change.request, CHANGE.encode(change))

    def write(self, change: Change, rows: tuple[Rows, ...]) -> None:
        """Write the rows of new records, which no record names yet.

        Raises: Unavailable: there is no room; call `abort`.
        """
        if change.kind is not Kind.ADD:
            return
        for run in _runs(change.records):
            start = change.records.index(run[0])
            written = rows[start : start + len(run)]
            for form in run[0].forms:
                names = written[0][form]
                stacked = {
                    name: np.stack([row[form][name] for row in written])
                    for name in names
                }
                self._segments.write(run[0].slot, form, stacked)
        self._segments.sync(_forms(change))

    def commit(
        self,
        change: Change,
        written: Written | None = None,
        *,
        unheard: frozenset[OperatorId] = frozenset(),
        decision: bytes = b"",
    ) -> None:
        """Make a change true, with what it writes of its uses.

        `unheard` is the convenor's: who must still be told the decision.
        """
        told = tuple(sorted(unheard))
        records = tuple(self._record(planned) for planned in change.records)
        is_new = change.kind is Kind.ADD
        added, removed = (records, ()) if is_new else ((), records)
        if added:
            for forms, slots in _slots_by_forms(change).items():
                self._segments.expect_intact(slots, forms)
        turn = self.roll.turn(added=added, removed=removed) if records else None
        self._ledger.settle(
            change.request,
            added=added,
            removed=removed,
            pages=turn.pages if turn else NO_PAGES,
            written=written,
            unheard=told,
            decision=decision,
        )
        if turn:
            self.roll.rest(record.slot for record in removed)
            self.roll.take(turn)

    def wipe(self, change: Change) -> None:
        """Overwrite the rows of what a committed change removed.

        A crash before it, or a search that delays it, leaves the ledger's word that it
        is to be done.
        """
        if change.kind is not Kind.REMOVE:
            return
        for forms, slots in _slots_by_forms(change).items():
            self._segments.wipe(slots, forms, partial(self._wiped, slots))

    def abort(self, change: Change) -> None:
        """Leave nothing of a change."""
        if change.kind is Kind.ADD:
            for forms, slots in _slots_by_forms(change).items():
                self._segments.clear(slots, forms)
        self._ledger.settle(change.request)

    def heard(self, request: RequestId, *operators: OperatorId) -> None:
        """Note that operators stored a decision."""
        self._ledger.hear(request, *operators)

    def heard_all(self, operator: OperatorId) -> None:
        """Note that an operator stored every decision so far."""
        for request in self._ledger.decisions():
            self._ledger.hear(request, operator)

    def untold(self, operator: OperatorId) -> list[bytes]:
        """Return the decisions that an operator may not know of."""
        return self._ledger.untold(operator)

    # --- refresh ----------------------------------------------------------------------

    def renew(self, charter: bytes, epoch: Epoch) -> Renewal:
        """Begin the next epoch's rows, beside the present ones.

        Raises: OutOfTurn: the epoch is not a later one. Unavailable: no room.
        """
        return self._segments.renew(charter, epoch)

    def switch(self, renewal: Renewal, belongs_to: str) -> None:
        """Make the next epoch the present one; `belongs_to` is what the ledger says.

        A crash before the ledger has it leaves the old epoch, one after it the new.
        Searches that began on the old rows end on them.

        Raises: OutOfTurn: a record has no new row, or a change is in doubt.
        """
        if self._ledger.doubts():
            raise OutOfTurn("A change is in doubt: it is settled before the epoch.")
        alive = {form: self.roll.alive(form) for form in self.roll.forms}
        renewal.expect_whole(alive)
        self._ledger.renew(belongs_to)
        self._segments.switch(renewal)
        self.roll.epoch = renewal.epoch

    # --- below ------------------------------------------------------------------------

    def _wiped(self, slots: Sequence[Slot]) -> None:
        self._ledger.wiped(slots)
        self.roll.wake(slots)

    def _record(self, planned: Planned) -> Record:
        return Record(
            planned.handle,
            planned.slot,
            planned.owner_key,
            planned.forms,
            self._clock.now(),
        )


def expect_related(ledger: Ledger, segments: Segments) -> None:
    """Return unless a ledger that never knew anybody is opened beside rows.

    Raises: Malformed: it is, so it is a new one in the place of theirs.
    """
    if ledger.pages() or ledger.doubts():
        return
    if segments.generation.has_rows():
        raise Malformed(
            "There are shares in this operator's home, and the ledger never knew of "
            "any: give the ledger's URL, or restore the ledger from its backup."
        )


def _runs(records: Sequence[Planned]) -> Iterator[list[Planned]]:
    """Cut records where a slot does not follow, or forms differ."""
    numbered = enumerate(records)
    for _, run in groupby(
        numbered, lambda each: (each[1].slot - each[0], each[1].forms)
    ):
        yield [planned for _, planned in run]


def _slots_by_forms(change: Change) -> dict[tuple[Form, ...], list[Slot]]:
    slots: dict[tuple[Form, ...], list[Slot]] = {}
    for planned in change.records:
        slots.setdefault(planned.forms, []).append(planned.slot)
    return slots


def _forms(change: Change) -> tuple[Form, ...]:
    named = {form for planned in change.records for form in planned.forms}
    return tuple(form for form in Form if form in named)
