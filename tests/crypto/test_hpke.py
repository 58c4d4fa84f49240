"""A box opens with one key under one info, and is what RFC 9180 and X-Wing say.

The oracle below opens a box with nothing but ML-KEM, X25519, SHA-3, HMAC and AES-GCM,
so that another implementation (the browser's wallet) can be written from it.
"""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.crypto.hpke import (
    OVERHEAD_BYTES,
    PRIVATE_BYTES,
    PUBLIC_BYTES,
    check_public,
    public_key,
    seal,
    unseal,
)
from ipse.ground.errors import Malformed, Unproven

VECTOR = json.loads(
    (Path(__file__).parents[1] / "vectors" / "crypto" / "hpke.json").read_text()
)
PRIVATE = bytes.fromhex(VECTOR["private"])
PUBLIC = public_key(PRIVATE)
PRIME = 2**255 - 19


def _open_by_hand(private: bytes, info: bytes, box: bytes) -> bytes:
    suite = b"HPKE" + bytes.fromhex("647a00010002")
    encapsulated, ciphertext = box[:1_120], box[1_120:]
    curve = X25519PrivateKey.from_private_bytes(private[64:])
    lattice_secret = MLKEM768PrivateKey.from_seed_bytes(private[:64]).decapsulate(
        encapsulated[:1_088]
    )
    point = X25519PublicKey.from_public_bytes(encapsulated[1_088:])
    shared = hashlib.sha3_256(
        lattice_secret
        + curve.exchange(point)
        + encapsulated[1_088:]
        + curve.public_key().public_bytes_raw()
        + b"\\.//^\\"
    ).digest()

    def extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + secret, hashlib.sha256)

    def expand(secret: bytes, label: bytes, context: bytes, size: int) -> bytes:
        text = size.to_bytes(2) + b"HPKE-v1" + suite + label + context + b"\x01"
        return hmac.digest(secret, text, hashlib.sha256)[:size]

    none = bytes(32)
    context = (
        b"\x00" + extract(none, b"psk_id_hash", b"") + extract(none, b"info_hash", info)
    )
    secret = extract(shared, b"secret", b"")
    key = expand(secret, b"key", context, 32)
    nonce = expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def test_the_stored_box_opens() -> None:
    assert PUBLIC.hex() == VECTOR["public"]
    box, info = bytes.fromhex(VECTOR["box"]), bytes.fromhex(VECTOR["info"])
    assert unseal(PRIVATE, info, box).hex() == VECTOR["plain"]


def test_a_box_is_what_the_standards_say() -> None:
    box = seal(PUBLIC, b"info", b"plain")
    assert _open_by_hand(PRIVATE, b"info", box) == b"plain"


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=100))
def test_what_is_sealed_opens(plain: bytes, info: bytes) -> None:
    box = seal(PUBLIC, info, plain)
    assert len(box) == len(plain) + OVERHEAD_BYTES
    assert unseal(PRIVATE, info, box) == plain


def test_no_two_boxes_are_alike() -> None:
    assert len({seal(PUBLIC, b"", b"plain")[:1_120] for _ in range(5)}) == 5


def test_a_box_opens_under_one_info_and_key() -> None:
    box = seal(PUBLIC, b"info", b"plain")
    for info in (b"", b"infO", b"info\0"):
        with pytest.raises(Unproven):
            unseal(PRIVATE, info, box)
    for place in (0, 64, 95):
        other = bytearray(PRIVATE)
        other[place] ^= 0x10
        with pytest.raises(Unproven):
            unseal(bytes(other), b"info", box)


def test_a_box_touched_anywhere_or_cut_does_not_open() -> None:
    box = seal(PUBLIC, b"info", b"plain")
    for place in range(0, len(box), 11):
        touched = bytearray(box)
        touched[place] ^= 0x80
        with pytest.raises(Unproven):
            unseal(PRIVATE, b"info", bytes(touched))
    for size in (0, 1, 31, 1_119, 1_120, 1_121, len(box) - 1):
        with pytest.raises(Unproven):
            unseal(PRIVATE, b"info", box[:size])
    with pytest.raises(Unproven):
        unseal(PRIVATE, b"info", box + b"\0")


@pytest.mark.parametrize("size", [0, PRIVATE_BYTES - 1, PRIVATE_BYTES + 1])
def test_a_private_key_has_its_length(size: int) -> None:
    with pytest.raises(Malformed, match="96 bytes"):
        public_key(bytes(size))


@pytest.mark.parametrize("size", [0, PUBLIC_BYTES - 1, PUBLIC_BYTES + 1])
def test_a_public_key_has_its_length(size: int) -> None:
    with pytest.raises(Malformed, match="1216 bytes"):
        check_public(bytes(size))


def _with_point(u: int) -> bytes:
    return PUBLIC[:-32] + u.to_bytes(32, "little")


def test_a_public_key_has_one_spelling() -> None:
    u = int.from_bytes(PUBLIC[-32:], "little")
    for other in (u | 1 << 255, PRIME, PRIME + 9):
        with pytest.raises(Malformed, match="reduced"):
            check_public(_with_point(other))
    with pytest.raises(Malformed, match="reduced"):
        check_public(b"\xff" * 3 + PUBLIC[3:])


SMALL = [
    0,
    1,
    PRIME - 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
]


@pytest.mark.parametrize("u", SMALL)
def test_nothing_is_sealed_to_a_point_of_small_order(u: int) -> None:
    """The curve's secret would be zero, whoever sends."""
    with pytest.raises(ValueError, match="shared key"):
        X25519PrivateKey.from_private_bytes(PRIVATE[64:]).exchange(
            X25519PublicKey.from_public_bytes(u.to_bytes(32, "little"))
        )
    with pytest.raises(Malformed, match="hides nothing"):
        seal(_with_point(u), b"", b"plain")
