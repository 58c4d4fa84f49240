"""The chain: what an operator must know of a record to write its next receipt.

    chain --use, outcome--> receipt, chain

Three operators that have the same chain write the same receipt. With the chain goes the
record's meter, which counts every verification (`ipse.receipt.meter`).

The leaves of all records follow each other in one order, the same at all three: the
trail is the digest by which operators see that.

    trail after a leaf = SHA-256(tag ‖ 0x00 ‖ trail before ‖ leaf)
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from ipse.crypto.digest import DIGEST_BYTES, digest
from ipse.ground.names import Instant, Outcome, Purpose
from ipse.receipt.meter import UNTRIED, Meter, brought_to, tried
from ipse.receipt.tags import ledger_key
from ipse.wire import tags
from ipse.wire.change import Use
from ipse.wire.receipt import NOTHING_BEFORE, Receipt, receipt_digest

NO_TRAIL: Final = bytes(DIGEST_BYTES)
"""The trail before the first leaf."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a record's chain ends, and how often the record was tried."""

    owner_key: bytes  # 32 bytes, Ed25519: who may ask for its receipts
    number: int  # of the last receipt; 0 if there is none
    head: bytes  # 32 bytes: its digest; zeros if there is none
    meter: Meter


@dataclass(frozen=True, slots=True)
class Place:
    """Under which charter receipts are written."""

    network: str
    charter_digest: bytes  # 32 bytes


def begin_chain(owner_key: bytes) -> Chain:
    """Return the chain of a record without receipts."""
    return Chain(owner_key, 0, NOTHING_BEFORE, UNTRIED)


def add(
    chain: Chain, use: Use, outcome: Outcome, at: Instant, place: Place
) -> tuple[Receipt, Chain]:
    """Write the next receipt of a record, and return the chain that ends with it."""
    meter = _metered(chain.meter, use.operation, outcome, at)
    number = chain.number + 1
    receipt = Receipt(
        network=place.network,
        charter_digest=place.charter_digest,
        tag=ledger_key(use.handle).tag(number),
        number=number,
        previous=chain.head,
        operation=use.operation,
        outcome=outcome,
        grant=use.grant,
        at=at,
        tries=meter.failures,
    )
    head = receipt_digest(receipt)
    return receipt, replace(chain, number=number, head=head, meter=meter)


def follow_trail(trail: bytes, leaf: bytes) -> bytes:
    """Return the trail after one more leaf: 32 bytes."""
    return digest(tags.TRAIL, trail + leaf)


def meter_of(receipts: Iterable[Receipt]) -> Meter:
    """Return the meter after these receipts: whoever has all of a record's has it."""
    meter = UNTRIED
    for each in receipts:
        meter = _metered(meter, each.operation, each.outcome, each.at)
    return meter


def _metered(meter: Meter, operation: Purpose, outcome: Outcome, at: Instant) -> Meter:
    if operation is not Purpose.VERIFY:
        return brought_to(meter, at)
    return tried(meter, at, is_match=outcome is Outcome.MATCHED)
