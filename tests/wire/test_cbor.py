"""A value has one spelling, and nothing but the five kinds of value is read."""

import contextlib
import sys

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Malformed
from ipse.wire import cbor, limits
from ipse_lab.arbitrary import mutated

MOST = 10_000
values = st.recursive(
    st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=300)
    | st.text(max_size=40),
    lambda entries: st.lists(entries, max_size=5).map(tuple),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_back(value: cbor.Value) -> None:
    try:
        encoded = cbor.encode(value)
    except Malformed:
        return  # nested too deeply
    assert cbor.decode(encoded, MOST) == value
    assert cbor2.loads(encoded, immutable=True) == value


@given(st.binary(max_size=60) | mutated(values.map(cbor2.dumps)))
def test_whatever_is_read_has_no_other_spelling(encoded: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert cbor.encode(cbor.decode(encoded, MOST)) == encoded


@given(values)
def test_true_and_one_are_two_values(value: cbor.Value) -> None:
    """`True == 1` in Python, so types are compared with the values."""

    def kinds(found: cbor.Value) -> object:
        if isinstance(found, tuple):
            return tuple(map(kinds, found))
        return type(found)

    with contextlib.suppress(Malformed):
        assert kinds(cbor.decode(cbor.encode(value), MOST)) == kinds(value)


SPELT_OTHERWISE = {
    "0 in two bytes": "1800",
    "23 in two bytes": "1817",
    "24 in three bytes": "190018",
    "255 in three bytes": "1900ff",
    "65535 in five bytes": "1a0000ffff",
    "2^32-1 in nine bytes": "1b00000000ffffffff",
    "-1 in two bytes": "3800",
    "bytes with a long length": "580100",
    "text with a long length": "780161",
    "array with a long length": "980100",
    "array with a longer length": "99000100",
}
NOT_A_VALUE = {
    "nothing": "",
    "indefinite bytes": "5f4100ff",
    "indefinite text": "7f6161ff",
    "indefinite array": "9f00ff",
    "indefinite map": "bfff",
    "break alone": "ff",
    "map": "a0",
    "map with a key twice": "a2000000 01".replace(" ", ""),
    "tag": "c000",
    "bignum 0": "c240",
    "bignum 1": "c24101",
    "self-described CBOR": "d9d9f700",
    "regular expression": "d8236161",
    "shared reference": "d81c80",
    "date": "c11a514b67b0",
    "half float 1.0": "f93c00",
    "float 1.0": "fa3f800000",
    "double 1.0": "fb3ff0000000000000",
    "NaN": "f97e00",
    "null": "f6",
    "undefined": "f7",
    "simple value 0": "e0",
    "simple value 32": "f820",
    "false in two bytes": "f814",
    "true in two bytes": "f815",
    "reserved length 28": "1c",
    "reserved length 30": "5e",
    "head cut short": "19",
    "bytes cut short": "4200",
    "text cut short": "6261",
    "array cut short": "8200",
    "half of a character": "61c3",
    "a surrogate in UTF-8": "63eda080",
    "an overlong character": "62c0af",
    "a byte after the value": "0000",
    "a value after the value": "8080",
}


@pytest.mark.parametrize("text", SPELT_OTHERWISE.values(), ids=SPELT_OTHERWISE)
def test_a_second_spelling_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="one spelling"):
        cbor.decode(bytes.fromhex(text), MOST)


@pytest.mark.parametrize("text", NOT_A_VALUE.values(), ids=NOT_A_VALUE)
def test_what_has_no_meaning_here_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        cbor.decode(bytes.fromhex(text), MOST)


@pytest.mark.parametrize("text", ["0000", "8080", "f5f5", "4000", "600a"])
def test_what_follows_the_value_is_named_as_such(text: str) -> None:
    with pytest.raises(Malformed, match="after the end"):
        cbor.decode(bytes.fromhex(text), MOST)


@pytest.mark.parametrize("text", ["", "18", "1900", "1a000000", "41", "81", "f9"])
def test_what_is_cut_short_is_named_as_such(text: str) -> None:
    with pytest.raises(Malformed, match="end before"):
        cbor.decode(bytes.fromhex(text), MOST)


@pytest.mark.parametrize(
    "value", [0, -1, 23, 24, 2**64 - 1, -(2**64), b"", "", ()], ids=repr
)
def test_the_ends_of_every_range_are_written_and_read(value: cbor.Value) -> None:
    assert cbor.decode(cbor.encode(value), MOST) == value


LIES = [
    "5b7fffffffffffffff",
    "7bffffffffffffffff",
    "9b7fffffffffffffff",
    "9affffffff00",
]


@pytest.mark.parametrize("text", LIES)
def test_a_length_that_lies_costs_nothing(text: str) -> None:
    with pytest.raises(Malformed, match="end before"):
        cbor.decode(bytes.fromhex(text), MOST)


def test_a_nesting_bomb_is_refused_at_its_ninth_level() -> None:
    deep = sys.getrecursionlimit() * 10
    with pytest.raises(Malformed, match="nested"):
        cbor.decode(b"\x81" * deep + b"\x00", 2 * deep)
    allowed = b"\x81" * limits.DEPTH + b"\x00"
    assert cbor.encode(cbor.decode(allowed, MOST)) == allowed
    with pytest.raises(Malformed, match="nested"):
        cbor.decode(b"\x81" + allowed, MOST)


def test_what_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(Malformed, match="more than the 3 allowed"):
        cbor.decode(b"\xff\xff\xff\xff", 3)
    assert cbor.decode(b"\x42ab", 3) == b"ab"


@pytest.mark.parametrize(
    "value",
    [None, 1.0, [1], {}, {1: 2}, bytearray(b"a"), {1}, 2**64, -(2**64) - 1, "\ud800"],
    ids=repr,
)
def test_what_cannot_be_spelt_is_not_written(value: cbor.Value) -> None:
    with pytest.raises(Malformed):
        cbor.encode((value,))


def test_what_is_nested_too_deeply_is_not_written() -> None:
    value: cbor.Value = 0
    for _ in range(limits.DEPTH):
        value = (value,)
    cbor.encode(value)
    with pytest.raises(Malformed, match="nested"):
        cbor.encode((value,))
