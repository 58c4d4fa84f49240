"""A field holds what its kind says, of exactly that type."""

from enum import StrEnum
from typing import Any

import pytest

from ipse.ground.errors import Malformed
from ipse.wire.cbor import Value
from ipse.wire.fields import Codec, choice, flag, many, octets, text, whole


class Colour(StrEnum):
    """A word of a list."""

    RED = "red"
    BLUE = "blue"


class Shade(StrEnum):
    """A word of another list, spelt the same."""

    RED = "red"


REFUSED: dict[str, tuple[Codec[Any], object]] = {
    "True for a whole number": (whole(0), True),
    "a float for a whole number": (whole(0), 1.0),
    "a whole number that is too small": (whole(1), 0),
    "a whole number that is too large": (whole(0, 3), 4),
    "text for a whole number": (whole(0), "1"),
    "1 for true": (flag(), 1),
    "nothing for false": (flag(), None),
    "a byte too few": (octets(3), b"ab"),
    "a byte too many": (octets(3), b"abcd"),
    "fewer bytes than the least": (octets(2, 3), b"a"),
    "more bytes than the most": (octets(2, 3), b"abcd"),
    "text for bytes": (octets(3), "abc"),
    "changeable bytes": (octets(3), bytearray(b"abc")),
    "bytes for text": (text(3), b"abc"),
    "no text": (text(3), ""),
    "a character too many": (text(3), "abcd"),
    "a line break": (text(3), "a\nb"),
    "a zero": (text(3), "a\0b"),
    "half a character": (text(3), "\ud800"),
    "a right-to-left override": (text(9), "a\u202eb"),
    "a space before": (text(3), " a"),
    "a space after": (text(3), "a "),
    "an accent apart from its letter (NFD)": (text(3), "e\u0301"),
    "another spelling than asked": (text(3, "[a-z]+"), "aB"),
    "a line break at the end of a spelling": (text(9, "[a-z]+"), "ab\n"),
    "text for a word": (choice(Colour), "red"),
    "a word of another list": (choice(Colour), Shade.RED),
    "a list for a tuple": (many(whole(0), 0, 3), [1]),
    "an entry too few": (many(whole(0), 2, 3), (1,)),
    "an entry too many": (many(whole(0), 0, 3), (1, 2, 3, 4)),
    "a wrong entry": (many(whole(0), 0, 3), (1, True)),
}


@pytest.mark.parametrize(("codec", "value"), REFUSED.values(), ids=REFUSED)
def test_what_a_field_may_not_hold_is_refused_by_name(
    codec: Codec[Any], value: object
) -> None:
    with pytest.raises(Malformed, match=r"^the field "):
        codec.check("the field", value)


HELD: list[tuple[Codec[Any], object, object]] = [
    (whole(0, 3), 0, 0),
    (whole(0, 3), 3, 3),
    (whole(-3), -3, -3),
    (flag(), False, False),
    (octets(0, 3), b"", b""),
    (octets(2, 3), b"ab", b"ab"),
    (octets(2, 3), b"abc", b"abc"),
    (text(1), "a", "a"),
    (text(3), "é€😀", "é€😀"),
    (choice(Colour), Colour.BLUE, "blue"),
    (many(choice(Colour), 0, 2), (), ()),
    (many(choice(Colour), 0, 2), (Colour.RED,) * 2, ("red", "red")),
]


@pytest.mark.parametrize(("codec", "value", "written"), HELD)
def test_what_a_field_holds_is_written_and_read_back(
    codec: Codec[Any], value: object, written: object
) -> None:
    codec.check("the field", value)
    assert codec.write(value) == written
    assert type(codec.write(value)) is type(written)
    assert codec.read("the field", codec.write(value)) == value


@pytest.mark.parametrize("value", ["green", "RED", "", 1, b"red", ("red",)])
def test_a_word_that_is_not_on_the_list_is_not_read(value: Value) -> None:
    with pytest.raises(Malformed, match="must be one of red, blue"):
        choice(Colour).read("the field", value)


@pytest.mark.parametrize("value", [1, "ab", ("red",) * 3, ("red", "green")])
def test_entries_that_break_a_rule_are_not_read(value: Value) -> None:
    with pytest.raises(Malformed, match=r"^the field "):
        many(choice(Colour), 0, 2).read("the field", value)


def test_a_refusal_never_shows_the_value() -> None:
    with pytest.raises(Malformed) as refusal:
        octets(32).check("seed", b"very secret")
    assert "very secret" not in str(refusal.value)
