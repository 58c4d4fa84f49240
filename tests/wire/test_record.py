"""Every record is written in one way, and nothing else is read as it."""

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipse.ground.errors import Malformed
from ipse.wire import cbor
from ipse.wire.fields import whole
from ipse.wire.record import Shape
from ipse.wire.request import Header
from ipse_lab.arbitrary import RECORDS, mutated
from ipse_lab.examples import records, shapes

TAGS = sorted(RECORDS)
BRIEFLY = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
"""For each record. Longer: python -m ipse_lab.fuzz."""


@pytest.mark.parametrize("tag", TAGS)
@BRIEFLY
@given(data=st.data())
def test_what_is_written_is_read_back(tag: str, data: st.DataObject) -> None:
    record = data.draw(RECORDS[tag])
    assert shapes()[tag].decode(shapes()[tag].encode(record)) == record


@pytest.mark.parametrize("tag", TAGS)
@BRIEFLY
@given(data=st.data())
def test_whatever_is_read_has_no_other_spelling(tag: str, data: st.DataObject) -> None:
    shape = shapes()[tag]
    encoded = data.draw(mutated(RECORDS[tag].map(shape.encode)))
    with contextlib.suppress(Malformed):
        assert shape.encode(shape.decode(encoded)) == encoded


@pytest.mark.parametrize("tag", TAGS)
@BRIEFLY
@given(data=st.data())
def test_a_record_with_any_value_in_a_field_is_whole_or_malformed(
    tag: str, data: st.DataObject
) -> None:
    """Nothing but Malformed comes out of `decode`, whatever is in the array."""
    shape = shapes()[tag]
    value = cbor.decode(shape.encode(data.draw(RECORDS[tag])), shape.most)
    assert isinstance(value, tuple)
    place = data.draw(st.integers(0, len(value) - 1))
    entry = data.draw(
        st.booleans()
        | st.integers(-(2**64), 2**64 - 1)
        | st.binary(max_size=70)
        | st.text(max_size=10)
        | st.lists(st.integers(0, 3) | st.text(max_size=3), max_size=4).map(tuple)
    )
    encoded = cbor.encode((*value[:place], entry, *value[place + 1 :]))
    with contextlib.suppress(Malformed):
        assert shape.encode(shape.decode(encoded)) == encoded


@pytest.mark.parametrize("tag", TAGS)
def test_every_single_bit_counts(tag: str) -> None:
    """A bit-flipped record is another record, or none."""
    shape, record = shapes()[tag], records()[tag]
    encoded = shape.encode(record)
    for place in range(0, len(encoded), 1 + len(encoded) // 150):
        for bit in range(8):
            flipped = bytearray(encoded)
            flipped[place] ^= 1 << bit
            with contextlib.suppress(Malformed):
                assert shape.decode(bytes(flipped)) != record


@pytest.mark.parametrize("tag", TAGS)
def test_a_record_cut_short_anywhere_is_refused(tag: str) -> None:
    shape = shapes()[tag]
    encoded = shape.encode(records()[tag])
    for size in range(len(encoded)):
        with pytest.raises(Malformed):
            shape.decode(encoded[:size])


@pytest.mark.parametrize("tag", TAGS)
def test_no_record_is_read_as_another(tag: str) -> None:
    encoded = shapes()[tag].encode(records()[tag])
    for other in TAGS:
        if other != tag:
            with pytest.raises(Malformed):
                shapes()[other].decode(encoded)


@pytest.mark.parametrize("tag", TAGS)
def test_a_record_longer_than_its_limit_is_not_even_read(tag: str) -> None:
    shape = shapes()[tag]
    with pytest.raises(Malformed, match="more than"):
        shape.decode(b"\xff" * (shape.most + 1))


@pytest.mark.parametrize(
    ("tag", "name"), [(tag, name) for tag in TAGS for name in shapes()[tag].fields]
)
def test_no_record_exists_with_a_field_of_another_kind(tag: str, name: str) -> None:
    """By whomever it is made: records are checked when they are made, not when sent."""
    record: Any = records()[tag]
    with pytest.raises(Malformed, match=f"{tag}: {name} must"):
        replace(record, **{name: None})


def test_a_table_that_names_other_fields_than_the_record_does_not_start() -> None:
    with pytest.raises(TypeError, match="other fields"):
        Shape("tag", Header, 10, {"network": whole(0)})


def test_a_field_that_holds_another_record_is_refused() -> None:
    verdict: Any = records()["ipse/verdict/1"]
    nested = shapes()["ipse/header/1"].nested()
    with pytest.raises(Malformed, match="must be Header"):
        nested.check("header", verdict)
