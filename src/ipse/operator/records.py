"""The records of one operator: ledger, segments and roll, as one thing that changes.

    doubt     the change is in the ledger, to be decided
    write     its rows are in the segments
    commit    the records change and the doubt ends, in one transaction
    wipe      the rows of what was removed are zeros
    abort     the rows are zeros, the doubt ends

A crash between two writes leaves at most rows that no record and no doubt names; they
are overwritten when the records are opened. A row that is named is checked then.
"""

from collections.abc import Mapping
from typing import Final

from ipse.crypto.ring import Words
from ipse.ground.names import Epoch, Form, OperatorId, RequestId, Slot
from ipse.operator.change import CHANGE, Change, Kind, Planned
from ipse.operator.roll import Roll
from ipse.ports import Clock
from ipse.store.ledger import Ledger, Record
from ipse.store.segments import Segments

Rows = Mapping[Form, Mapping[str, Words]]
"""One record's rows, by form and field."""

NO_ROWS: Final[tuple[Rows, ...]] = ()


class Records:
    """What is stored here, and what is about to be."""

    def __init__(
        self, ledger: Ledger, segments: Segments, epoch: Epoch, clock: Clock
    ) -> None:
        """Take up what is on the disk, and check every living row.

        Raises: Malformed: a row is damaged.
        """
        self._ledger = ledger
        self._segments = segments
        self._epoch = epoch
        self._clock = clock
        records = ledger.records()
        self.roll = Roll(epoch, records)
        for record in records:
            segments.expect_intact(record.slot, record.forms)
        named = {record.slot for record in records}
        named |= {one.slot for change in self.doubts() for one in change.records}
        segments.wipe_all_but(named)

    def doubts(self) -> list[Change]:
        """Return the changes that are prepared here and not decided here."""
        return [CHANGE.decode(change) for change in self._ledger.doubts().values()]

    def row(self, forms: tuple[Form, ...], slot: Slot) -> Mapping[str, Words]:
        """Return one record's rows: dtype[1, length] by field."""
        return self._segments.row(forms, slot)

    def rows(self, forms: tuple[Form, ...], count: int) -> Mapping[str, Words]:
        """Return the first rows of all records: dtype[count, length] by field."""
        return self._segments.rows(forms, count)

    def doubt(self, change: Change) -> None:
        """Remember a change that is about to be prepared."""
        self._ledger.doubt(change.request, CHANGE.encode(change))

    def write(self, change: Change, rows: tuple[Rows, ...]) -> None:
        """Write the rows of new records, which no record names yet.

        Raises: Unavailable: there is no room; call `abort`.
        """
        if change.kind is Kind.REMOVE:
            return
        for planned, by_form in zip(change.records, rows, strict=True):
            for form in planned.forms:
                self._segments.write(planned.slot, form, by_form[form])
        self._segments.sync(_forms(change))

    def commit(
        self, change: Change, unheard: frozenset[OperatorId] = frozenset()
    ) -> None:
        """Make a change true. `unheard` is the convenor's: who must still be told."""
        told = tuple(sorted(unheard))
        match change.kind:
            case Kind.ADD:
                for planned in change.records:
                    self._segments.expect_intact(planned.slot, planned.forms)
                added = tuple(self._record(planned) for planned in change.records)
                self._ledger.settle(change.request, added=added, unheard=told)
                for record in added:
                    self.roll.add(record)
            case Kind.REMOVE:
                removed = tuple(planned.handle for planned in change.records)
                self._ledger.settle(change.request, removed=removed, unheard=told)
                for handle in removed:
                    self.roll.remove(handle)

    def wipe(self, change: Change) -> None:
        """Overwrite the rows of what a committed change removed.

        A crash before it leaves rows that no record names: the start wipes them.
        """
        if change.kind is Kind.REMOVE:
            self._wipe(change)

    def abort(self, change: Change) -> None:
        """Leave nothing of a change."""
        if change.kind is Kind.ADD:
            self._wipe(change)
        self._ledger.settle(change.request)

    def heard(self, request: RequestId, operator: OperatorId) -> None:
        """Note that an operator stored a decision."""
        self._ledger.hear(request, operator)

    def heard_all(self, operator: OperatorId) -> None:
        """Note that an operator stored every decision so far."""
        for request in self._ledger.decisions():
            self._ledger.hear(request, operator)

    def is_committed(self, request: RequestId) -> bool:
        """Somebody may still have to be told that this change is true."""
        return request in self._ledger.decisions()

    def _wipe(self, change: Change) -> None:
        for planned in change.records:
            self._segments.erase(planned.slot, planned.forms)
        self._segments.sync(_forms(change))

    def _record(self, planned: Planned) -> Record:
        return Record(
            planned.handle,
            planned.slot,
            planned.owner_key,
            planned.forms,
            self._epoch,
            self._clock.now(),
        )


def _forms(change: Change) -> tuple[Form, ...]:
    named = {form for planned in change.records for form in planned.forms}
    return tuple(form for form in Form if form in named)
