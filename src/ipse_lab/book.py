"""A book: a roll and its ledger in memory, changed as an operator's records change."""

from collections.abc import Sequence

from ipse.ground.names import Epoch, Handle
from ipse.operator.roll import Roll
from ipse.store.ledger import PageName, Record


class Book:
    """A roll, and what a ledger would hold of it: `ipse.operator.roll.Register`."""

    def __init__(self, *records: Record, epoch: int = 0) -> None:
        """Begin with some records."""
        self.records: dict[Handle, Record] = {}
        self.pages: dict[PageName, bytes] = {}
        self.roll = self.opened(epoch)
        self.add(*records)

    def opened(self, epoch: int = 0) -> Roll:
        """Return the roll as a process opens it."""
        return Roll(Epoch(epoch), self, self.pages)

    def find(self, handle: Handle) -> Record | None:
        """Return a record, if there is one."""
        return self.records.get(handle)

    def knows_any(self, handles: Sequence[Handle]) -> bool:
        """Say whether there is a record of any of these handles."""
        return any(handle in self.records for handle in handles)

    def add(self, *records: Record) -> None:
        """Add records."""
        turn = self.roll.turn(added=records)
        self.records |= {record.handle: record for record in records}
        self.pages |= turn.pages
        self.roll.take(turn)

    def remove(self, *records: Record) -> None:
        """Remove records."""
        turn = self.roll.turn(removed=records)
        for record in records:
            del self.records[record.handle]
        self.pages |= turn.pages
        self.roll.take(turn)
