"""One operator's store without its network: changed as jobs change it, looked into.

    with lone_store(folder) as store:
        store.add(planned(1, slot=0))     prepared and committed
        store.remove(planned(1, slot=0))

A record's name is a number, and its rows follow from it and from the epoch, so that
anybody can say what ought to be stored.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import numpy as np

from ipse.crypto.ring import Words
from ipse.ground.names import (
    HANDLE_BYTES,
    Epoch,
    Form,
    Handle,
    Instant,
    OperatorId,
    RequestId,
    Slot,
)
from ipse.operator.records import Records
from ipse.shares.shamir import FIELDS
from ipse.store.archive import file_url
from ipse.store.segments import Segments
from ipse.wire.change import Change, Kind, Planned
from ipse_lab.failing import Chances, FailingDisk, FailingLedger
from ipse_lab.fakes import SettableClock

FACE: Final = (Form.FACE,)
BOTH: Final = (Form.FACE, Form.VOICE)
OWNER_KEY: Final = (5).to_bytes(32)


class LoneStore:
    """A store that is open."""

    def __init__(
        self,
        disk: FailingDisk,
        ledger: FailingLedger,
        segments: Segments,
        records: Records,
    ) -> None:
        """Begin with what is there."""
        self.disk = disk
        self.ledger = ledger
        self.segments = segments
        self.records = records

    @property
    def epoch(self) -> Epoch:
        """The present epoch."""
        return self.segments.generation.epoch

    def prepare(self, *those: Planned) -> Change:
        """Prepare a change that adds records."""
        change = change_of(Kind.ADD, *those)
        self.records.doubt(change)
        rows = tuple(
            {form: row_of(one.handle, form, self.epoch) for form in one.forms}
            for one in those
        )
        self.records.write(change, rows)
        return change

    def add(self, *those: Planned) -> None:
        """Add records, as a convenor does."""
        change, unheard = self.prepare(*those), frozenset({OperatorId(2)})
        self.records.commit(change, unheard=unheard, decision=b"commit")

    def abort(self, *those: Planned) -> None:
        """Prepare to add records, and do not."""
        self.records.abort(self.prepare(*those))

    def remove(self, *those: Planned) -> None:
        """Remove records."""
        change = change_of(Kind.REMOVE, *those)
        self.records.doubt(change)
        self.records.commit(change)
        self.records.wipe(change)

    def renew(self) -> None:
        """Go to the next epoch, with all records."""
        following = Epoch(self.epoch + 1)
        renewal = self.records.renew(charter_digest(following), following)
        for record in self.ledger.records():
            for form in record.forms:
                row = row_of(record.handle, form, following)
                rows = {name: field[np.newaxis] for name, field in row.items()}
                renewal.write(record.slot, form, rows)
        self.records.switch(renewal, belongs_to(following))


@contextmanager
def lone_store(
    folder: Path, *, epoch: int = 0, chances: Chances | None = None
) -> Iterator[LoneStore]:
    """Open a store in a folder; close it at the end, whatever struck."""
    chances = chances or Chances()
    clock, at = SettableClock(Instant(5)), Epoch(epoch)
    url = file_url(folder / "store.sqlite")
    ledger = FailingLedger(url, belongs_to(at), clock, chances)
    try:
        disk = FailingDisk(chances)
        segments = Segments(
            folder / "segments",
            BOTH,
            charter=charter_digest(at),
            epoch=at,
            operator=OperatorId(1),
            disk=disk,
        )
        try:
            records = Records(ledger, segments, at, clock)
            yield LoneStore(disk, ledger, segments, records)
        finally:
            disk.lose_power()
            segments.close()
    finally:
        ledger.close()


def planned(name: int, slot: int, forms: tuple[Form, ...] = FACE) -> Planned:
    """Return a record as a change names it."""
    return Planned(Handle(name.to_bytes(HANDLE_BYTES)), Slot(slot), OWNER_KEY, forms)


def change_of(kind: Kind, *those: Planned) -> Change:
    """Return a change that adds or removes records, and has no uses."""
    return Change(new_request(), kind, Instant(5), 0, those, ())


def new_request() -> RequestId:
    """Return an id that no other change has."""
    return RequestId(uuid4().bytes)


def row_of(handle: Handle, form: Form, epoch: int) -> Mapping[str, Words]:
    """Return a record's row of one form in an epoch: dtype[length] by field."""
    dice = np.random.default_rng((int.from_bytes(handle), epoch))
    return {
        field.name: dice.integers(
            1, np.iinfo(field.dtype).max, field.length, field.dtype, endpoint=True
        )
        for field in FIELDS[form]
    }


def charter_digest(epoch: Epoch) -> bytes:
    """Return the digest of an epoch's charter."""
    return bytes([epoch]) * 32


def belongs_to(epoch: Epoch) -> str:
    """Return what the ledger says of itself in an epoch."""
    return f"nowhere {epoch} 1"
