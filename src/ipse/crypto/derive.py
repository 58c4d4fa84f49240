"""Keys from secrets: HKDF with SHA-256 (RFC 5869).

    derive(secret, tag, context) = HKDF(secret, no salt, info tag ‖ 0x00 ‖ context)

The secret must be uniform and unguessable, as all secrets here are: passphrases go
through argon2id instead (keys/passphrase.py).
"""

from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ipse.crypto.digest import tagged
from ipse.ground.errors import Malformed

SECRET_BYTES: Final = 32
LEAST_BYTES: Final = 16
"""Bytes of the shortest secret: a handle's 128 bits, more than anybody can guess."""
KEY_BYTES: Final = 32


def derive(secret: bytes, tag: str, context: bytes) -> bytes:
    """Return a 32-byte key for one use, named by tag and context."""
    if len(secret) < LEAST_BYTES:
        raise Malformed(f"A secret must have at least {LEAST_BYTES} bytes.")
    key = HKDF(SHA256(), KEY_BYTES, salt=None, info=tagged(tag, context))
    return key.derive(secret)


def pair_key(low: bytes, high: bytes, tag: str, context: bytes) -> bytes:
    """Return the 32-byte key of two operators, from a fresh 32-byte secret of each.

    `low` is the secret of the operator with the smaller number. Either one alone makes
    the key fresh, so no connection repeats another's randomness.
    """
    if len(low) != SECRET_BYTES or len(high) != SECRET_BYTES:
        raise Malformed(f"An operator's secret must have {SECRET_BYTES} bytes.")
    return derive(low + high, tag, context)
