"""A digest is SHA-256, and says what it is a digest of."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.crypto.digest import digest, same, tagged

TAGS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


def test_a_digest_has_these_bytes() -> None:
    """SHA-256 of 61 00 61 62 63, as another tool (sha256sum) prints it."""
    assert digest("a", b"abc").hex() == (
        "98dfb812cd65569044520859a9f0e1665711970192e0e27e573c904ea24db16e"
    )
    assert digest("a", b"abc") == hashlib.sha256(b"a\x00abc").digest()


@given(TAGS, st.binary(), TAGS, st.binary())
def test_different_tags_or_contents_have_different_inputs(
    tag: str, content: bytes, other_tag: str, other: bytes
) -> None:
    is_same = (tag, content) == (other_tag, other)
    assert (tagged(tag, content) == tagged(other_tag, other)) is is_same


def test_a_tag_is_ascii() -> None:
    with pytest.raises(UnicodeEncodeError):
        tagged("é", b"")


def test_comparing_is_comparing() -> None:
    assert same(b"ab", b"ab")
    assert not same(b"ab", b"aB")
    assert not same(b"ab", b"abc")
