"""A frame: one message on a link, its length before it.

    kind    1 byte    MESSAGE (CBOR, ipse.wire.peer) or ROUND (bytes of a computation)
    length  4 bytes   of the body, big-endian, no more than the kind allows
    body

TLS already orders and authenticates what comes; the length only says where a frame
ends. A length above the limit is refused before a byte of the body is read.
"""

import struct
from enum import IntEnum
from typing import Final

from ipse.ground.errors import Malformed
from ipse.wire import peer


class Kind(IntEnum):
    """What a frame's body is."""

    MESSAGE = 1
    ROUND = 2


HEAD: Final = struct.Struct(">BI")
HEAD_BYTES: Final = HEAD.size

MOST: Final = {Kind.MESSAGE: peer.MOST, Kind.ROUND: 1 << 30}
"""Bytes of a body. A round of a million comparisons has a few megabytes."""


def write_head(kind: Kind, length: int) -> bytes:
    """Write the five bytes before a body. Raises: Malformed: the body is too long."""
    if length > MOST[kind]:
        raise Malformed(f"A frame of {length} bytes is more than the limit.")
    return HEAD.pack(kind, length)


def read_head(head: bytes) -> tuple[Kind, int]:
    """Read the five bytes before a body. Raises: Malformed."""
    number, length = HEAD.unpack(head)
    try:
        kind = Kind(number)
    except ValueError:
        raise Malformed(f"A frame of kind {number} has no meaning here.") from None
    if length > MOST[kind]:
        raise Malformed(f"A frame of {length} bytes is more than the limit.")
    return kind, length
