"""A saved ledger: what an owner may show of it, to be checked from files alone.

    [saved, [verdict, ...], [signed receipt, ...], [note, ...]]
    [note, signed grant, audience, purpose, audience salt, purpose salt]

The verdicts say where the ledger ends, and of which record it is. A note is a grant in
its owner's words: digests in the grant, and its digest in a receipt, show that they are
the words of then. Specification: docs/spec/wire.md, section 11.
"""

from dataclasses import dataclass
from typing import Final

from ipse.crypto.secret import Secret
from ipse.ground.errors import Malformed
from ipse.wire import limits, tags
from ipse.wire.fields import many, octets, text
from ipse.wire.grant import SALT_BYTES, SIGNED_GRANT, SignedGrant, salted
from ipse.wire.receipt import SIGNED_RECEIPT, SignedReceipt
from ipse.wire.record import Shape
from ipse.wire.verdict import VERDICT, Verdict


@dataclass(frozen=True, slots=True, repr=False)
class Note(Secret):
    """A grant, in the owner's words."""

    granted: SignedGrant
    audience: str
    purpose: str
    audience_salt: bytes  # 32 bytes
    purpose_salt: bytes  # 32 bytes

    def __post_init__(self) -> None:
        """Check the fields, and that the grant was made with these words."""
        NOTE.check(self)
        grant = self.granted.grant
        audience = salted(tags.GRANT_AUDIENCE, self.audience_salt, self.audience)
        purpose = salted(tags.GRANT_PURPOSE, self.purpose_salt, self.purpose)
        if (audience, purpose) != (grant.audience, grant.purpose):
            raise Malformed(
                "A note's words are not those that its grant was made with."
            )


NOTE: Final = Shape(
    tags.NOTE,
    Note,
    2_048,
    {
        "granted": SIGNED_GRANT.nested(),
        "audience": text(limits.TEXT),
        "purpose": text(limits.TEXT),
        "audience_salt": octets(SALT_BYTES),
        "purpose_salt": octets(SALT_BYTES),
    },
)


@dataclass(frozen=True, slots=True, repr=False)
class SavedLedger(Secret):
    """A record's receipts, who says where they end, and whom they were for."""

    ends: tuple[Verdict, ...]  # two or three, by operator
    receipts: tuple[SignedReceipt, ...]  # by number and operator
    notes: tuple[Note, ...]  # of grants that receipts name

    def __post_init__(self) -> None:
        """Check the fields, and that receipts stand in one order."""
        SAVED.check(self)
        places = [(each.receipt.number, each.operator) for each in self.receipts]
        if places != sorted(places):
            raise Malformed("A saved ledger's receipts must stand in their order.")


SAVED: Final = Shape(
    tags.SAVED,
    SavedLedger,
    limits.NOTEBOOK,
    {
        "ends": many(VERDICT.nested(), 2, 3),
        "receipts": many(SIGNED_RECEIPT.nested(), 0, 3 * limits.NOTES),
        "notes": many(NOTE.nested(), 0, limits.NOTES),
    },
)
