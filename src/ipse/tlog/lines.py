"""Lines of text, as the log's formats have them: each value has one spelling.

    a size    a decimal without leading zeros, below 2^63
    a hash    standard base64, with its padding and no stray bits

Decoders of libraries forgive; these refuse whatever they would not write.
"""

import base64
import binascii
import re
from typing import Final

from ipse.ground.errors import Malformed
from ipse.tlog.tree import HASH_BYTES, Hash

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
LARGEST: Final = 2**63 - 1
"""The largest size, as in Go's implementations: a signed word."""


def write_bytes(content: bytes) -> str:
    """Spell bytes."""
    return base64.b64encode(content).decode("ascii")


def read_bytes(what: str, text: str) -> bytes:
    """Read bytes. Raises: Malformed: another spelling."""
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"{what} is not base64.") from None
    if write_bytes(content) != text:
        raise Malformed(f"{what} has stray bits in its base64.")
    return content


def read_hash(what: str, text: str) -> Hash:
    """Read a hash. Raises: Malformed: it is none."""
    content = read_bytes(what, text)
    if len(content) != HASH_BYTES:
        raise Malformed(f"{what} must have {HASH_BYTES} bytes.")
    return Hash(content)


def read_size(what: str, text: str) -> int:
    """Read a number of entries. Raises: Malformed: another spelling, or too large."""
    if not _DECIMAL.fullmatch(text) or int(text) > LARGEST:
        raise Malformed(f"{what} must be a decimal without leading zeros, below 2^63.")
    return int(text)


def read_text(what: str, content: bytes, most: int) -> str:
    """Read text that has no control characters but line breaks.

    Raises: Malformed: it is too long, or no such text.
    """
    if len(content) > most:
        raise Malformed(f"{what} must have at most {most} bytes.")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise Malformed(f"{what} is not UTF-8.") from None
    if any(letter < " " and letter != "\n" for letter in text):
        raise Malformed(f"{what} holds a control character.")
    return text
