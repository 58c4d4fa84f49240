"""SHA-256 of a tag, a zero byte and the bytes: a digest says what it is a digest of.

    digest(tag, x) = SHA-256(tag ‖ 0x00 ‖ x)

Tags are printable ASCII, so the zero byte ends them, and no two tags with any two
texts give the same input.
"""

import hashlib
import hmac
from typing import Final

DIGEST_BYTES: Final = 32


def tagged(tag: str, content: bytes) -> bytes:
    """Put a tag before what is hashed, signed, or bound to a box."""
    return tag.encode("ascii") + b"\x00" + content


def digest(tag: str, content: bytes) -> bytes:
    """Return the 32-byte digest of `content` under `tag`."""
    state = hashlib.sha256(tagged(tag, b""))
    state.update(content)
    return state.digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare two digests in a time that says nothing about where they differ."""
    return hmac.compare_digest(one, other)
