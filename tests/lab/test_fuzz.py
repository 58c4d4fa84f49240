"""The fuzzer finds what is there to be found, and nothing in the decoders of today."""

import pytest

from ipse.ground.errors import Malformed
from ipse_lab.fuzz import Found, Target, fuzz, targets, throw


def test_a_second_of_broken_bytes_finds_nothing() -> None:
    counts = fuzz(seconds=1.0, seed=1)
    assert counts["refused"] > 100
    assert counts["read"] > 10


def _crash(_thrown: bytes) -> bytes:
    raise ZeroDivisionError


def _refuse(_thrown: bytes) -> bytes:
    raise Malformed("no")


def test_a_lax_decoder_and_a_crashing_one_are_found_with_the_bytes() -> None:
    with pytest.raises(Found, match="lax has a second spelling: 7468"):
        throw(Target("lax", b"", lambda _: b"other"), b"th")
    with pytest.raises(ZeroDivisionError) as crash:
        throw(Target("crashing", b"", _crash), b"th")
    assert crash.value.__notes__ == ["crashing was thrown 7468"]


def test_reading_and_refusing_are_both_right() -> None:
    assert throw(Target("exact", b"", bytes), b"th")
    assert not throw(Target("strict", b"", _refuse), b"th")


def test_every_example_is_read() -> None:
    for target in targets():
        assert throw(target, target.example)
