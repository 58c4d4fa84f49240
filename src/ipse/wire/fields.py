"""What a field of a record may hold: one codec for each kind of field.

A codec checks a value when a record is made (by anyone, not only by the decoder),
and turns it into a CBOR value and back. Checks name the field and the rule, and
never the value: it may be a secret.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from ipse.ground.errors import Malformed
from ipse.wire import limits
from ipse.wire.cbor import Value

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How one kind of field is checked, written and read."""

    check: Callable[[str, object], None]  # (field's name, value); raises Malformed
    write: Callable[[T], Value]
    read: Callable[[str, Value], T]  # may return what `check` will refuse


def whole(low: int, high: int = limits.INTEGER) -> Codec[int]:
    """Whole numbers from `low` to `high`, both included; True is not 1."""

    def check(name: str, value: object) -> None:
        if type(value) is not int or not low <= value <= high:
            raise Malformed(f"{name} must be a whole number from {low} to {high}.")

    return _as_it_is(check)


def octets(low: int, high: int | None = None) -> Codec[bytes]:
    """Byte strings of exactly `low` bytes, or of `low` to `high`."""
    most = low if high is None else high
    rule = f"{low}" if low == most else f"{low} to {most}"

    def check(name: str, value: object) -> None:
        if type(value) is not bytes or not low <= len(value) <= most:
            raise Malformed(f"{name} must have {rule} bytes.")

    return _as_it_is(check)


def text(most: int, pattern: str = r".+") -> Codec[str]:
    """Texts of 1 to `most` printable characters, composed (NFC), no space at an end."""
    spelling = re.compile(pattern)

    def check(name: str, value: object) -> None:
        if type(value) is not str or not 1 <= len(value) <= most:
            raise Malformed(f"{name} must be a text of 1 to {most} characters.")
        if not value.isprintable() or value != value.strip():
            raise Malformed(f"{name} must be printable, with no space at its ends.")
        if not unicodedata.is_normalized("NFC", value):
            raise Malformed(f"{name} must be in Unicode's composed form, NFC.")
        if not spelling.fullmatch(value):
            raise Malformed(f"{name} is not spelled as docs/spec/wire.md asks.")

    return _as_it_is(check)


def flag() -> Codec[bool]:
    """True or false; 1 is not True."""

    def check(name: str, value: object) -> None:
        if type(value) is not bool:
            raise Malformed(f"{name} must be true or false.")

    return _as_it_is(check)


def choice(words: type[E]) -> Codec[E]:
    """One word of a fixed list, written as text."""
    rule = "one of " + ", ".join(words)

    def check(name: str, value: object) -> None:
        if type(value) is not words:
            raise Malformed(f"{name} must be {rule}.")

    def read(name: str, value: Value) -> E:
        for word in words:
            if word.value == value:
                return word
        raise Malformed(f"{name} must be {rule}.")

    return Codec(check, lambda word: word.value, read)


def many(entry: Codec[T], low: int, high: int) -> Codec[tuple[T, ...]]:
    """A tuple of `low` to `high` entries of one kind."""
    rule = f"{low}" if low == high else f"{low} to {high}"

    def check(name: str, value: object) -> None:
        if type(value) is not tuple or not low <= len(value) <= high:
            raise Malformed(f"{name} must have {rule} entries.")
        for one in value:
            entry.check(name, one)

    def read(name: str, value: Value) -> tuple[T, ...]:
        if type(value) is not tuple or not low <= len(value) <= high:
            raise Malformed(f"{name} must have {rule} entries.")
        return tuple(entry.read(name, one) for one in value)

    return Codec(check, lambda entries: tuple(map(entry.write, entries)), read)


def _as_it_is(check: Callable[[str, object], None]) -> Codec[T]:
    """Make the codec of a kind that CBOR has itself."""

    def read(name: str, value: Value) -> T:
        check(name, value)
        return value  # type: ignore[return-value]  # `check` just saw its type

    return Codec(check, lambda value: value, read)  # type: ignore[arg-type, return-value]  # the same
