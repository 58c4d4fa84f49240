"""Derived keys are HKDF-SHA256's, one for each use, and never without a secret."""

import hashlib
import hmac

import pytest

from ipse.crypto.derive import derive, pair_key
from ipse.ground.errors import Malformed

LOW, HIGH = bytes(range(32)), bytes(range(32, 64))


def _hkdf(secret: bytes, info: bytes) -> bytes:
    """RFC 5869 for 32 bytes and no salt, written out."""
    extracted = hmac.digest(bytes(32), secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)


def test_a_key_is_what_the_standard_says() -> None:
    assert derive(LOW, "tag", b"context") == _hkdf(LOW, b"tag\x00context")
    assert pair_key(LOW, HIGH, "tag", b"c") == _hkdf(LOW + HIGH, b"tag\x00c")


def test_each_use_has_its_own_key() -> None:
    keys = {
        pair_key(LOW, HIGH, "tag", b"context"),
        pair_key(HIGH, LOW, "tag", b"context"),
        pair_key(LOW, LOW, "tag", b"context"),
        pair_key(LOW, HIGH, "other", b"context"),
        pair_key(LOW, HIGH, "tag", b"other"),
        derive(LOW, "tag", b"context"),
    }
    assert len(keys) == 6


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_pair_key_has_a_whole_secret_of_each_side(size: int) -> None:
    with pytest.raises(Malformed, match="32 bytes"):
        pair_key(bytes(size), HIGH, "tag", b"")
    with pytest.raises(Malformed, match="32 bytes"):
        pair_key(LOW, bytes(size), "tag", b"")


def test_a_key_from_a_short_secret_is_not_made() -> None:
    with pytest.raises(Malformed, match="at least 16 bytes"):
        derive(bytes(15), "tag", b"")
