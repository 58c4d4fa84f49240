"""A signature holds for one key, tag and message, and for no other spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.crypto.signature import check_key, public_key, sign, verify
from ipse.ground.errors import Malformed, Unproven

SEED = bytes(range(32))
KEY = public_key(SEED)
SIGNATURE = sign(SEED, "tag", b"message")
ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19

# RFC 8032, section 7.1, test 1: the seed, its key. (Messages here carry a tag.)
RFC_SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
RFC_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def test_a_seed_grows_into_the_key_that_the_standard_says() -> None:
    assert public_key(bytes.fromhex(RFC_SEED)).hex() == RFC_KEY


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_what_is_signed_verifies(seed: bytes, message: bytes) -> None:
    signature = sign(seed, "tag", message)
    assert len(signature) == 64
    verify(public_key(seed), signature, "tag", message)


def test_signing_twice_gives_one_signature() -> None:
    assert sign(SEED, "tag", b"message") == SIGNATURE


ELSEWHERE = [
    (public_key(bytes(32)), "tag", b"message"),
    (KEY, "tag2", b"message"),
    (KEY, "tag", b"messages"),
    (KEY, "tag", b""),
]


@pytest.mark.parametrize(("key", "tag", "message"), ELSEWHERE)
def test_a_signature_does_not_hold_elsewhere(
    key: bytes, tag: str, message: bytes
) -> None:
    with pytest.raises(Unproven, match="does not hold"):
        verify(key, SIGNATURE, tag, message)


def test_every_bit_of_a_signature_counts() -> None:
    for place in range(64):
        for bit in range(8):
            flipped = bytearray(SIGNATURE)
            flipped[place] ^= 1 << bit
            with pytest.raises(Unproven):
                verify(KEY, bytes(flipped), "tag", b"message")


@pytest.mark.parametrize("size", [0, 63, 65, 128])
def test_a_signature_has_64_bytes(size: int) -> None:
    with pytest.raises(Unproven, match="64 bytes"):
        verify(KEY, SIGNATURE[:size].ljust(size, b"\0"), "tag", b"message")


def test_a_signature_whose_second_half_is_not_reduced_is_refused() -> None:
    """S + L signs the same in a lax verifier: a second spelling."""
    s = int.from_bytes(SIGNATURE[32:], "little") + ORDER
    with pytest.raises(Unproven):
        verify(KEY, SIGNATURE[:32] + s.to_bytes(32, "little"), "tag", b"message")


def _small_order_points() -> set[int]:
    """Return the y of every point of order 1, 2, 4 or 8, by doubling all to (0, 1)."""
    d = -121665 * pow(121666, -1, PRIME) % PRIME
    root = pow(4 + 4 * d, (PRIME + 3) // 8, PRIME)
    if root * root % PRIME != (4 + 4 * d) % PRIME:
        root = root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    found = {0, 1, PRIME - 1}
    for sign_ in (1, -1):  # d y^4 + 2 y^2 - 1 = 0 for the points of order 8
        square = (sign_ * root - 2) * pow(2 * d, -1, PRIME) % PRIME
        y = pow(square, (PRIME + 3) // 8, PRIME)
        for candidate in (y, y * pow(2, (PRIME - 1) // 4, PRIME) % PRIME):
            if candidate * candidate % PRIME == square:
                found |= {candidate, PRIME - candidate}
    return found


def test_keys_of_small_order_are_no_keys() -> None:
    """With them, one signature holds for many messages."""
    points = _small_order_points()
    assert len(points) == 5
    for y in points:
        for sign_bit in (0, 1 << 255):
            with pytest.raises(Malformed, match="proves nothing"):
                check_key((y | sign_bit).to_bytes(32, "little"))


@pytest.mark.parametrize("above", range(19))
def test_a_key_that_is_not_reduced_is_no_key(above: int) -> None:
    with pytest.raises(Malformed, match="proves nothing"):
        verify((PRIME + above).to_bytes(32, "little"), SIGNATURE, "tag", b"")


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_and_a_seed_have_32_bytes(size: int) -> None:
    with pytest.raises(Malformed, match="32 bytes"):
        check_key(bytes(size))
    with pytest.raises(Malformed, match="32 bytes"):
        sign(bytes(size), "tag", b"")


def test_a_key_that_is_no_point_proves_nothing() -> None:
    """No x on the curve has y = 2: the library says so at the first signature."""
    with pytest.raises(Unproven):
        verify((2).to_bytes(32, "little"), SIGNATURE, "tag", b"message")
