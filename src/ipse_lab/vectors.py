"""Write the wire vectors: `python -m ipse_lab.vectors tests/vectors/wire`.

One file for each record of ipse.wire: its example as bytes and as a person reads it,
and edits that break it in one place each (at byte `at`, `out` bytes out, `in` in),
with the reason why the result is refused. The files are kept;
tests/wire/test_vectors.py reads them with the code of the day, so a change of any
byte on the wire is seen in review as a change of a vector.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import cbor2

from ipse.ground.names import OPERATORS
from ipse.wire import cbor, tags
from ipse.wire.cbor import Value
from ipse.wire.charter import charter_digest
from ipse.wire.request import box_info, header_digest, request_digest
from ipse_lab.examples import charter, header, records, request, shapes

DIGESTS: Final = "digests.json"

LONG: Final = 80
"""Bytes up to which a field is written out for people."""


def file_name(tag: str) -> str:
    """Return the file of a record's vectors: ipse/request/1 is in request.json."""
    return tag.removeprefix("ipse/").removesuffix("/1") + ".json"


def vector(tag: str) -> dict[str, Any]:
    """Return a record's example, and ways to break it."""
    encoded = shapes()[tag].encode(records()[tag])
    value = cbor.decode(encoded, len(encoded))
    if not isinstance(value, tuple):
        raise TypeError(f"{tag} is no array")
    return {
        "tag": tag,
        "fields": list(shapes()[tag].fields),
        "valid": {"hex": encoded.hex(), "value": _readable(value)},
        "invalid": [
            {"reason": reason, **_edit(encoded, broken)}
            for reason, broken in _broken(value, encoded).items()
        ],
    }


def write_all(directory: Path) -> None:
    """Write every record's vectors."""
    directory.mkdir(parents=True, exist_ok=True)
    for tag in shapes():
        text = json.dumps(vector(tag), indent=1, ensure_ascii=False)
        (directory / file_name(tag)).write_text(text + "\n", encoding="utf-8")
    text = json.dumps(digests(), indent=1)
    (directory / DIGESTS).write_text(text + "\n", encoding="utf-8")


def digests() -> dict[str, str]:
    """Return the examples' digests, and what a box is bound to, by tag."""
    return {
        tags.CHARTER_DIGEST: charter_digest(charter()).hex(),
        tags.HEADER_DIGEST: header_digest(header()).hex(),
        tags.REQUEST_DIGEST: request_digest(request()).hex(),
        tags.BOX_INFO: box_info(header(), OPERATORS[1]).hex(),
    }


def apply(encoded: bytes, edit: dict[str, Any]) -> bytes:
    """Break good bytes: at byte `at`, take `out` bytes out and put `in` in."""
    start, end = edit["at"], edit["at"] + edit["out"]
    return encoded[:start] + bytes.fromhex(edit["in"]) + encoded[end:]


def _edit(good: bytes, broken: bytes) -> dict[str, Any]:
    """Return the smallest edit from one to the other, as `apply` reads it."""
    shorter = min(len(good), len(broken))
    at = next((i for i in range(shorter) if good[i] != broken[i]), shorter)
    most = shorter - at
    same = next((i for i in range(most) if good[-1 - i] != broken[-1 - i]), most)
    return {
        "at": at,
        "out": len(good) - at - same,
        "in": broken[at : len(broken) - same].hex(),
    }


def _readable(value: Value) -> object:
    match value:
        case tuple():
            return [_readable(entry) for entry in value]
        case bytes() if len(value) > LONG:
            return f"{len(value)} bytes"
        case bytes():
            return f"h'{value.hex()}'"
        case _:
            return value


def _broken(value: tuple[Value, ...], encoded: bytes) -> dict[str, bytes]:
    """Return the ways that every record is refused, then those of its fields."""
    tag, *fields = value
    head = len(cbor.encode(tag))
    entries = encoded[1:]  # an array of fewer than 24 entries has a head of one byte
    general = {
        "nothing at all": b"",
        "cut short by a byte": encoded[:-1],
        "a byte after the end": encoded + b"\x00",
        "twice": encoded + encoded,
        "no fields": cbor.encode((tag,)),
        "the last field is missing": cbor.encode(value[:-1]),
        "a field too many": cbor.encode((*value, 0)),
        "no tag": cbor.encode(tuple(fields)),
        "the next version's tag": cbor.encode((f"{str(tag)[:-1]}2", *fields)),
        "the tag as bytes": cbor.encode((str(tag).encode(), *fields)),
        "an array of indefinite length": b"\x9f" + entries + b"\xff",
        "the array's length in two bytes": b"\x98" + bytes([len(value)]) + entries,
        "the tag's length in three bytes": encoded[:1]
        + b"\x79"
        + len(str(tag)).to_bytes(2)
        + encoded[1 + head - len(str(tag)) :],
        "a map": b"\xa1" + cbor.encode(tag) + cbor.encode(tuple(fields)),
        "self-described CBOR": b"\xd9\xd9\xf7" + encoded,
        "in a byte string": cbor.encode(encoded),
        "in an array": cbor.encode((value,)),
    }
    return general | {
        f"field {place} is {name}": cbor2.dumps(
            [*value[:place], wrong, *value[place + 1 :]], canonical=True
        )
        for place, entry in enumerate(fields, 1)
        for name, wrong in _wrong(entry).items()
    }


def _wrong(entry: Value) -> dict[str, object]:
    """Return what must not be in the place of a good entry."""
    match entry:
        case bool():
            return {"a number for a boolean": int(entry), "null": None}
        case int():
            return {
                "a float of the same value": float(entry),
                "a boolean": True,
                "text": str(entry),
                "more than 2^53 - 1": 2**53,
            }
        case str():
            return {
                "bytes for text": entry.encode(),
                "empty": "",
                "with a line break": entry + "\n",
                "not composed (NFD)": entry + "e\u0301",
            }
        case bytes():
            return {"text for bytes": entry.hex(), "null": None}
        case _:
            return {"null": None, "bytes for an array": b""}


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
