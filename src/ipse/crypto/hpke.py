"""Hybrid public-key encryption (RFC 9180): what is sealed to a key, only it opens.

One suite: KEM MLKEM768-X25519, KDF HKDF-SHA256, AEAD AES-256-GCM. A recorder must
break both the lattice and the curve. `info` binds a box to its purpose: opened under
any other info it is as good as forged.

    private key   96 bytes   ML-KEM-768 seed (64) ‖ X25519 scalar (32)
    public key 1,216 bytes   ML-KEM-768 encapsulation key (1,184) ‖ X25519 point (32)
    box                      encapsulation (1,120) ‖ ciphertext ‖ tag (16)

The library draws the ephemeral keys itself: the one place in the inside where
randomness does not come in as an argument.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)

from ipse.ground.errors import Malformed, Unproven

LATTICE_SEED_BYTES: Final = 64
LATTICE_KEY_BYTES: Final = 1_184
CURVE_BYTES: Final = 32
PRIVATE_BYTES: Final = LATTICE_SEED_BYTES + CURVE_BYTES
PUBLIC_BYTES: Final = LATTICE_KEY_BYTES + CURVE_BYTES
OVERHEAD_BYTES: Final = 1_136
"""A box has this many bytes more than what is in it."""

_PRIME: Final = 2**255 - 19
_ORDER_8: Final = 0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0
_ORDER_8_TOO: Final = 0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F
_SMALL: Final = frozenset({0, 1, _PRIME - 1, _ORDER_8, _ORDER_8_TOO})
"""u coordinates of the points whose order divides 8, on the curve and its twist: with
these the curve would add nothing (RFC 7748, section 6.1)."""

_SUITE: Final = hpke.Suite(
    hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM
)


def public_key(private: bytes) -> bytes:
    """Return the 1,216-byte public key of a 96-byte private key."""
    lattice, curve = _parts(private)
    return (
        lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    )


def check_public(public: bytes) -> None:
    """Return if something can be sealed to this key. Raises: Malformed."""
    _read_public(public)


def seal(public: bytes, info: bytes, plain: bytes) -> bytes:
    """Seal `plain` to a public key; the box is OVERHEAD_BYTES longer.

    Raises: Malformed: the key is none.
    """
    return _SUITE.encrypt(plain, _read_public(public), info=info)


def unseal(private: bytes, info: bytes, box: bytes) -> bytes:
    """Open a box that was sealed to this key under this info.

    Raises: Unproven: it was not, or not a byte of it may be trusted.
    """
    lattice, curve = _parts(private)
    key = hpke.MLKEM768X25519PrivateKey(lattice, curve)
    try:
        return _SUITE.decrypt(box, key, info=info)
    except (InvalidTag, ValueError):
        raise Unproven("The box was not sealed to this key for this purpose.") from None


def _parts(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(private) != PRIVATE_BYTES:
        raise Malformed(f"A private sealing key must have {PRIVATE_BYTES} bytes.")
    lattice = private[:LATTICE_SEED_BYTES]
    curve = private[LATTICE_SEED_BYTES:]
    return (
        MLKEM768PrivateKey.from_seed_bytes(lattice),
        X25519PrivateKey.from_private_bytes(curve),
    )


def _read_public(public: bytes) -> hpke.MLKEM768X25519PublicKey:
    if len(public) != PUBLIC_BYTES:
        raise Malformed(f"A public sealing key must have {PUBLIC_BYTES} bytes.")
    try:
        lattice = MLKEM768PublicKey.from_public_bytes(public[:LATTICE_KEY_BYTES])
    except ValueError:
        raise Malformed("A public sealing key must be a reduced encoding.") from None
    point = public[LATTICE_KEY_BYTES:]
    u = int.from_bytes(point, "little")
    if u >= _PRIME:
        raise Malformed("A public sealing key must be a reduced encoding.")
    if u in _SMALL:
        raise Malformed("This sealing key is one that hides nothing: do not use it.")
    return hpke.MLKEM768X25519PublicKey(
        lattice, X25519PublicKey.from_public_bytes(point)
    )
