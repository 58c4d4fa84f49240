"""Evidence about receipts: what operators signed that does not go together.

    [evidence, key, [signed receipt, ...], [verdict, ...]]

What it shows, and of whom, says `ipse.receipt.evidence`. Whoever has the charter can
check it offline. `key` is the record's ledger key, where tags must be recognised to see
that two receipts are of one chain; else it is empty.
Specification: docs/spec/wire.md, section 9.
"""

from dataclasses import dataclass
from typing import Final

from ipse.ground.errors import Malformed
from ipse.wire import limits, tags
from ipse.wire.fields import many, octets
from ipse.wire.receipt import SIGNED_RECEIPT, SignedReceipt
from ipse.wire.record import Shape
from ipse.wire.verdict import VERDICT, Verdict

LEDGER_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Evidence:
    """Signed words that do not go together."""

    key: bytes  # 32 bytes, the record's ledger key; empty where none is needed
    receipts: tuple[SignedReceipt, ...]  # one or two
    verdicts: tuple[Verdict, ...]  # one, if it is about what a ledger was said to be

    def __post_init__(self) -> None:
        """Check the fields."""
        EVIDENCE.check(self)
        if self.key and len(self.key) != LEDGER_KEY_BYTES:
            raise Malformed(f"A ledger key must have {LEDGER_KEY_BYTES} bytes.")


EVIDENCE: Final = Shape(
    tags.EVIDENCE,
    Evidence,
    limits.VERDICT + 4_096,
    {
        "key": octets(0, LEDGER_KEY_BYTES),
        "receipts": many(SIGNED_RECEIPT.nested(), 1, 2),
        "verdicts": many(VERDICT.nested(), 0, 1),
    },
)
