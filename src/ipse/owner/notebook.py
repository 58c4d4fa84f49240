"""The notebook: what a wallet keeps beside its file, for its owner alone.

    [notebook, [note, ...], [signed receipt, ...]]

Notes say for whom a grant is, and why: the operators were only told digests. Receipts
are kept with every operator's signature, so that what was told once can't be told
otherwise later. The file is sealed under a key from the wallet's (`ipse.keys.sealed`).
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from ipse.crypto.secret import Secret
from ipse.ground.names import OperatorId
from ipse.owner.grant import Made, Terms
from ipse.wire import limits
from ipse.wire.fields import many
from ipse.wire.receipt import SIGNED_RECEIPT, SignedReceipt
from ipse.wire.record import Shape
from ipse.wire.saved import NOTE, Note


@dataclass(frozen=True, slots=True, repr=False)
class Notebook(Secret):
    """All notes, and all receipts that were told."""

    notes: tuple[Note, ...]  # by age
    receipts: tuple[SignedReceipt, ...]  # by number and operator

    def __post_init__(self) -> None:
        """Check the fields."""
        NOTEBOOK.check(self)

    def with_note(self, made: Made) -> "Notebook":
        """Note a grant that was just made."""
        terms: Terms = made.terms
        note = Note(
            made.signed,
            terms.audience,
            terms.purpose,
            made.audience_salt,
            made.purpose_salt,
        )
        return replace(self, notes=(*self.notes, note))

    def with_receipts(self, told: Iterable[SignedReceipt]) -> "Notebook":
        """Keep receipts, each once; two words for one place are both kept."""
        new = tuple(told)
        lowest = min((signed.receipt.number for signed in new), default=0)
        start = bisect_left(self.receipts, lowest, key=_number)
        kept = self.receipts[start:]
        known = {*kept, *new}
        if len(known) == len(kept):
            return self
        tail = tuple(sorted(known, key=_place))
        return replace(self, receipts=self.receipts[:start] + tail)

    def by_grant(self) -> dict[bytes, Note]:
        """Return the notes by the digest of their grant."""
        return {note.granted.digest: note for note in self.notes}


NOTEBOOK: Final = Shape(
    "ipse/notebook/1",
    Notebook,
    limits.NOTEBOOK,
    {
        "notes": many(NOTE.nested(), 0, limits.NOTES),
        "receipts": many(SIGNED_RECEIPT.nested(), 0, 3 * limits.NOTES),
    },
)

EMPTY: Final = Notebook((), ())


def _number(signed: SignedReceipt) -> int:
    return signed.receipt.number


def _place(signed: SignedReceipt) -> tuple[int, OperatorId, bytes]:
    return signed.receipt.number, signed.operator, signed.digest
