"""Tags and blinds: how an owner recognises a receipt, and nobody else does.

    ledger key  K = HKDF-SHA256(handle, no salt, info tag ‖ 0x00)
    tag           = HMAC-SHA256(K, tag ‖ 0x00 ‖ number, 8 bytes)
    blind         = HMAC-SHA256(K, tag ‖ 0x00 ‖ number, 8 bytes)
    leaf          = SHA-256(tag ‖ 0x00 ‖ blind ‖ receipt digest)

A handle is 16 random bytes that the owner and the operators know. Without it a tag is
32 random bytes, and a leaf says nothing of its receipt, not even to somebody who was
shown the receipt. Specification: docs/spec/wire.md, section 9.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ipse.crypto.derive import derive
from ipse.crypto.digest import digest, tagged
from ipse.crypto.secret import Secret
from ipse.ground.names import Handle
from ipse.wire import tags
from ipse.wire.receipt import Receipt, receipt_digest

NUMBER_BYTES: Final = 8


@dataclass(frozen=True, slots=True, repr=False)
class LedgerKey(Secret):
    """What a record's tags and blinds are drawn from."""

    key: bytes  # 32 bytes

    def tag(self, number: int) -> bytes:
        """Return the 32 bytes by which a receipt is recognised."""
        return self._draw(tags.RECEIPT_TAG, number)

    def leaf(self, receipt: Receipt) -> bytes:
        """Return the 32 bytes that the logs say of a receipt."""
        blind = self._draw(tags.RECEIPT_BLIND, receipt.number)
        return digest(tags.LEAF, blind + receipt_digest(receipt))

    def _draw(self, tag: str, number: int) -> bytes:
        content = tagged(tag, number.to_bytes(NUMBER_BYTES))
        return hmac.digest(self.key, content, sha256)


def ledger_key(handle: Handle) -> LedgerKey:
    """Return the key of a record's ledger."""
    return LedgerKey(derive(handle, tags.LEDGER_KEY, b""))
