"""Ed25519 (RFC 8032): one signature over a tag and a message.

What is signed is `tag ‖ 0x00 ‖ message`. A key is 32 bytes, a signature 64, and
neither has a second spelling: OpenSSL refuses an S that is not reduced, and this file
refuses keys that are not a reduced encoding or lie in the small subgroup, for which a
signature proves nothing.

Notes of transparency logs (`ipse.tlog`) are signed as they stand, by keys that sign
nothing else. A note has no zero byte and a tagged message has one, so that not even a
key that did both could be made to say one for the other.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from ipse.crypto.digest import tagged
from ipse.ground.errors import Malformed, Unproven

Signer: TypeAlias = Callable[[str, bytes], bytes]
"""Signs a tag and a message: 64 bytes. The key stays where it is."""

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_PRIME: Final = 2**255 - 19
_SIGN_BIT: Final = 1 << 255
_ORDER_8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL: Final = frozenset({0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8})
"""The y coordinates of the eight points whose order divides 8."""


def sign(seed: bytes, tag: str, message: bytes) -> bytes:
    """Sign with the key that grows from a 32-byte seed. Returns 64 bytes."""
    return _private(seed).sign(tagged(tag, message))


def public_key(seed: bytes) -> bytes:
    """Return the 32-byte public key of a 32-byte seed."""
    return _private(seed).public_key().public_bytes_raw()


def verify(key: bytes, signature: bytes, tag: str, message: bytes) -> None:
    """Return if `signature` is the key's over this tag and message.

    Raises:
        Unproven: it is not.
        Malformed: the key is none.
    """
    if not _holds(key, signature, tagged(tag, message)):
        raise Unproven(f"The signature does not hold for this {tag}.")


def sign_text(seed: bytes, text: bytes) -> bytes:
    """Sign a note's text as it stands. Returns 64 bytes."""
    return _private(seed).sign(_plain(text))


def verify_text(key: bytes, signature: bytes, text: bytes) -> None:
    """Return if `signature` is the key's over a note's text. Raises: as `verify`."""
    if not _holds(key, signature, _plain(text)):
        raise Unproven("The signature does not hold for this text.")


def check_key(key: bytes) -> None:
    """Return if 32 bytes can be a key that proves something. Raises: Malformed."""
    if len(key) != KEY_BYTES:
        raise Malformed(f"An Ed25519 key must have {KEY_BYTES} bytes.")
    y = int.from_bytes(key, "little") & (_SIGN_BIT - 1)
    if y >= _PRIME or y in _SMALL:
        raise Malformed("This Ed25519 key is one that proves nothing: do not use it.")


def _holds(key: bytes, signature: bytes, signed: bytes) -> bool:
    check_key(key)
    if len(signature) != SIGNATURE_BYTES:
        raise Unproven(f"A signature must have {SIGNATURE_BYTES} bytes.")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _plain(text: bytes) -> bytes:
    if b"\x00" in text:
        raise Malformed("A note's text has no zero byte: what has one is tagged.")
    return text


def _private(seed: bytes) -> Ed25519PrivateKey:
    if len(seed) != KEY_BYTES:
        raise Malformed(f"An Ed25519 seed must have {KEY_BYTES} bytes.")
    return Ed25519PrivateKey.from_private_bytes(seed)
