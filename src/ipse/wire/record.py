"""A record: a frozen value with one encoding, `[tag, field, field, ...]`.

Each record is a frozen dataclass and, beside it, a Shape: its tag and a codec for
each of its fields, in their order. The shape is the only thing that knows how to
check, write and read the record::

    HEADER = Shape(tags.HEADER, Header, 4_096, {"network": NETWORK, ...})

    HEADER.encode(header)   ->  bytes
    HEADER.decode(encoded)  ->  Header, or Malformed

A record's `__post_init__` calls `SHAPE.check(self)` and then states the rules that
bind its fields to each other, so no record exists that breaks one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from ipse.ground.errors import Malformed
from ipse.wire import cbor
from ipse.wire.cbor import Value
from ipse.wire.fields import Codec

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Shape(Generic[R]):
    """A record's tag, size limit and fields."""

    tag: str  # from wire/tags.py
    record: type[R]
    most: int  # bytes of an encoded record
    fields: Mapping[str, Codec[Any]]  # by field name, in the record's order

    def __post_init__(self) -> None:
        """Hold the table against the record's own list of fields."""
        declared = tuple(field.name for field in fields(self.record))  # type: ignore[arg-type]  # records are dataclasses
        if tuple(self.fields) != declared:
            raise TypeError(f"{self.tag}: the table names other fields than the record")

    def check(self, record: R) -> None:
        """Check each field by itself. Raises: Malformed: naming field and rule."""
        for name, codec in self.fields.items():
            codec.check(f"{self.tag}: {name}", getattr(record, name))

    def encode(self, record: R) -> bytes:
        """Write the record; total for every record that exists."""
        return cbor.encode(self.write(record))

    def decode(self, encoded: bytes) -> R:
        """Read a record, refusing every spelling but the one `encode` writes."""
        return self.read(self.tag, cbor.decode(encoded, self.most))

    def write(self, record: R) -> Value:
        """Turn the record into `(tag, field, ...)`."""
        return (
            self.tag,
            *(
                codec.write(getattr(record, name))
                for name, codec in self.fields.items()
            ),
        )

    def read(self, place: str, value: Value) -> R:
        """Turn `(tag, field, ...)` into the record; `place` is for the message."""
        if type(value) is not tuple or not value or value[0] != self.tag:
            raise Malformed(f"{place} must be an array that begins with {self.tag}.")
        if len(value) != 1 + len(self.fields):
            raise Malformed(f"{place} must have {len(self.fields)} fields.")
        named = zip(self.fields.items(), value[1:], strict=True)
        return self.record(
            **{
                name: codec.read(f"{self.tag}: {name}", entry)
                for (name, codec), entry in named
            }
        )

    def nested(self) -> Codec[R]:
        """Make the codec of a field that holds this record."""

        def check(name: str, value: object) -> None:
            if type(value) is not self.record:
                raise Malformed(f"{name} must be {self.record.__name__}.")

        return Codec(check, self.write, self.read)
