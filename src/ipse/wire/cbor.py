"""The one gate between bytes and values: deterministic CBOR (RFC 8949, section 4.2.1).

Five things exist: whole numbers of at most 64 bits, byte strings, text, booleans, and
arrays of these. Everything else that CBOR knows (maps, tags, floats, null, simple
values, indefinite lengths) has no meaning here and is refused at its first byte.

Reading and writing are two implementations: the reader below understands those five
and any length of head, cbor2 writes, and what was read must be written as it was
found. So a second spelling of a value passes only if both are wrong together.

Specification: docs/spec/wire.md, section 1.
"""

from typing import Final, TypeAlias

import cbor2

from ipse.ground.errors import Malformed
from ipse.wire import limits

Value: TypeAlias = "bool | int | bytes | str | tuple[Value, ...]"

_FALSE, _TRUE = 0xF4, 0xF5
_SIZES: Final = {24: 1, 25: 2, 26: 4, 27: 8}  # bytes of argument after a head
_WORD: Final = 2**64


def encode(value: Value) -> bytes:
    """Write a value in its only spelling.

    Raises: Malformed: it holds something that has no spelling here.
    """
    _expect_plain(value, limits.DEPTH)
    return cbor2.dumps(value, canonical=True)


def decode(encoded: bytes, most: int) -> Value:
    """Read a value of at most `most` bytes, refusing all that `encode` would not write.

    Raises: Malformed: naming the first rule broken, and never the bytes.
    """
    if len(encoded) > most:
        raise Malformed(f"These {len(encoded)} bytes are more than the {most} allowed.")
    value, end = _read(encoded, 0, limits.DEPTH)
    if end != len(encoded):
        raise Malformed("There are bytes after the end of the value.")
    if encode(value) != encoded:
        raise Malformed("These bytes are not the one spelling of their value.")
    return value


def _expect_plain(value: object, depth: int) -> None:
    match value:
        case bool() | bytes():
            pass
        case int():
            if not -_WORD <= value < _WORD:
                raise Malformed("A whole number must fit 64 bits and a sign.")
        case str():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Malformed("A text holds half a character.") from None
        case tuple():
            if not depth:
                raise Malformed("Arrays are nested too deeply.")
            for entry in value:
                _expect_plain(entry, depth - 1)
        case _:
            raise Malformed(f"A {type(value).__name__} has no place on the wire.")


def _read(encoded: bytes, start: int, depth: int) -> tuple[Value, int]:
    """Read the value that starts at `start`; also return where it ends."""
    if start >= len(encoded):
        raise Malformed("The bytes end before the value does.")
    head = encoded[start]
    if head in (_FALSE, _TRUE):
        return head == _TRUE, start + 1
    major, argument, start = _read_head(encoded, head, start + 1)
    end = start + argument
    match major:
        case 0:
            return argument, start
        case 1:
            return -1 - argument, start
        case 2 | 3 | 4 if end > len(encoded):  # an entry of an array has a byte or more
            raise Malformed("The bytes end before the value does.")
        case 2:
            return encoded[start:end], end
        case 3:
            return _text(encoded[start:end]), end
        case 4:
            return _read_array(encoded, argument, start, depth)
        case _:
            raise Malformed("A map, a tag, a float or a null has no place on the wire.")


def _read_array(
    encoded: bytes, count: int, start: int, depth: int
) -> tuple[Value, int]:
    if not depth:
        raise Malformed("Arrays are nested too deeply.")
    entries: list[Value] = []
    for _ in range(count):
        entry, start = _read(encoded, start, depth - 1)
        entries.append(entry)
    return tuple(entries), start


def _read_head(encoded: bytes, head: int, start: int) -> tuple[int, int, int]:
    """Return a head's major type and argument, and where what it announces starts."""
    major, short = head >> 5, head & 0x1F
    if short < min(_SIZES):
        return major, short, start
    if short not in _SIZES:
        raise Malformed("An indefinite or unassigned length has no place on the wire.")
    end = start + _SIZES[short]
    if end > len(encoded):
        raise Malformed("The bytes end before the value does.")
    return major, int.from_bytes(encoded[start:end]), end


def _text(encoded: bytes) -> str:
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        raise Malformed("A text is not UTF-8.") from None
