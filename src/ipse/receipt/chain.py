"""The chain: what an operator must know of a record to write its next receipt.

    chain --use, outcome--> receipt, chain

Three operators that have the same chain write the same receipt. A failed use counts as
a try; tries are counted anew in each epoch.

The leaves of all records follow each other in one order, the same at all three: the
trail is the digest by which operators see that.

    trail after a leaf = SHA-256(tag ‖ 0x00 ‖ trail before ‖ leaf)
"""

from dataclasses import dataclass, replace
from typing import Final

from ipse.crypto.digest import DIGEST_BYTES, digest
from ipse.ground.names import Epoch, Instant, Outcome
from ipse.receipt.tags import ledger_key
from ipse.wire import tags
from ipse.wire.change import Use
from ipse.wire.receipt import NOTHING_BEFORE, Receipt, receipt_digest

FAILED: Final = frozenset({Outcome.NOT_MATCHED, Outcome.MALFORMED, Outcome.INTERRUPTED})
"""Outcomes of a use that count as a failed try."""

NO_TRAIL: Final = bytes(DIGEST_BYTES)
"""The trail before the first leaf."""

NEVER: Final = Instant(0)


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a record's chain ends, and its failed tries."""

    owner_key: bytes  # 32 bytes, Ed25519: who may ask for its receipts
    number: int  # of the last receipt; 0 if there is none
    head: bytes  # 32 bytes: its digest; zeros if there is none
    epoch: Epoch  # in which the tries were counted
    failed: int  # tries
    failed_at: Instant  # the last of them


@dataclass(frozen=True, slots=True)
class Place:
    """Under which charter, and in which epoch, receipts are written."""

    network: str
    charter_digest: bytes  # 32 bytes
    epoch: Epoch


def begin_chain(owner_key: bytes, epoch: Epoch) -> Chain:
    """Return the chain of a record without receipts."""
    return Chain(owner_key, 0, NOTHING_BEFORE, epoch, 0, NEVER)


def add(
    chain: Chain, use: Use, outcome: Outcome, at: Instant, place: Place
) -> tuple[Receipt, Chain]:
    """Write the next receipt of a record, and return the chain that ends with it."""
    chain = _counted(chain, outcome, at, place.epoch)
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
        tries=chain.failed,
    )
    return receipt, replace(chain, number=number, head=receipt_digest(receipt))


def follow_trail(trail: bytes, leaf: bytes) -> bytes:
    """Return the trail after one more leaf: 32 bytes."""
    return digest(tags.TRAIL, trail + leaf)


def _counted(chain: Chain, outcome: Outcome, at: Instant, epoch: Epoch) -> Chain:
    if chain.epoch != epoch:
        chain = replace(chain, epoch=epoch, failed=0, failed_at=NEVER)
    if outcome not in FAILED:
        return chain
    return replace(chain, failed=chain.failed + 1, failed_at=at)
