"""What a wallet keeps beside its file, sealed under a key that the file holds.

    nonce, 12 bytes ‖ AES-256-GCM ciphertext, with the tag of what it is

Opening it costs no stretching of a passphrase: that was paid for the wallet.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ipse.crypto.derive import derive
from ipse.ground.errors import Refused
from ipse.ports import Entropy

NONCE_BYTES: Final = 12


def seal_with(secret: bytes, tag: str, plain: bytes, entropy: Entropy) -> bytes:
    """Seal some bytes under a key that grows from a secret of 32 bytes."""
    nonce = entropy.draw(NONCE_BYTES)
    return nonce + _cipher(secret, tag).encrypt(nonce, plain, tag.encode("ascii"))


def open_with(secret: bytes, tag: str, content: bytes) -> bytes:
    """Open what `seal_with` made.

    Raises: Refused: it is another wallet's, or was changed.
    """
    nonce, ciphertext = content[:NONCE_BYTES], content[NONCE_BYTES:]
    try:
        return _cipher(secret, tag).decrypt(nonce, ciphertext, tag.encode("ascii"))
    except (InvalidTag, ValueError):
        raise Refused(
            "The notebook beside this wallet is another wallet's, or was changed: put "
            "the right one there, or move it away to begin a new one."
        ) from None


def _cipher(secret: bytes, tag: str) -> AESGCM:
    return AESGCM(derive(secret, tag, b""))
