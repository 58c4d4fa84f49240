"""Bytes sealed under a passphrase: what a stolen file costs a guesser.

    [sealed, salt, passes, memory, lanes, nonce, ciphertext]

`ciphertext` is AES-256-GCM under argon2id(passphrase, salt, passes, memory, lanes);
all that stands before it is bound as associated data. A file is read with its own
parameters, so they can be raised later, but only within bounds: a hostile file must
not cost more than a moment and 256 MiB.

Salt and nonce are fresh at each sealing, so no key is ever used twice.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ipse.ground.errors import Malformed, Refused
from ipse.ports import Entropy
from ipse.wire import cbor
from ipse.wire.fields import octets, whole
from ipse.wire.record import Shape

SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
AEAD_KEY_BYTES: Final = 32
AEAD_TAG_BYTES: Final = 16
FILE_BYTES: Final = 8_192
"""Largest sealed file that is read."""

OVERHEAD_BYTES: Final = 128
"""A sealed file has no more bytes than this beyond its content."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at a passphrase costs: argon2id's parameters."""

    passes: int  # 1 to 10
    memory: int  # KiB, 8 a lane to 262,144
    lanes: int  # 1 to 16

    def __post_init__(self) -> None:
        """Check that this machine can bear it."""
        for name, codec in _COST.items():
            codec.check(f"An argon2id cost's {name}", getattr(self, name))
        if self.memory < 8 * self.lanes:
            raise Malformed("An argon2id cost's memory must be 8 KiB a lane or more.")


_COST: Final = {
    "passes": whole(1, 10),
    "memory": whole(8, 256 * 1_024),
    "lanes": whole(1, 16),
}

COST: Final = Cost(passes=3, memory=64 * 1_024, lanes=4)
"""The second recommended option of RFC 9106, section 4: for machines with less than
2 GiB to spare. About a tenth of a second on one core."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Something sealed, as it lies on the disk."""

    salt: bytes  # 16 bytes
    passes: int
    memory: int  # KiB
    lanes: int
    nonce: bytes  # 12 bytes
    ciphertext: bytes  # the content, and 16 bytes that prove it

    def __post_init__(self) -> None:
        """Check the fields, and that opening it can be borne."""
        SEALED.check(self)
        _ = self.cost

    @property
    def cost(self) -> Cost:
        """What a guess costs."""
        return Cost(self.passes, self.memory, self.lanes)


SEALED: Final = Shape(
    "ipse/sealed/1",
    Sealed,
    FILE_BYTES,
    {
        "salt": octets(SALT_BYTES),
        **_COST,
        "nonce": octets(NONCE_BYTES),
        "ciphertext": octets(AEAD_TAG_BYTES, FILE_BYTES - OVERHEAD_BYTES),
    },
)


def seal_under(
    passphrase: str, plain: bytes, entropy: Entropy, cost: Cost = COST
) -> bytes:
    """Seal some bytes under a passphrase. Returns the bytes of a file.

    Raises: Refused: there is no passphrase.
    """
    salt, nonce = entropy.draw(SALT_BYTES), entropy.draw(NONCE_BYTES)
    cipher = _cipher(passphrase, salt, cost)
    ciphertext = cipher.encrypt(nonce, plain, _bound(salt, cost, nonce))
    return SEALED.encode(
        Sealed(salt, cost.passes, cost.memory, cost.lanes, nonce, ciphertext)
    )


def open_under(passphrase: str, content: bytes) -> bytes:
    """Open what `seal_under` made.

    Raises:
        Refused: the passphrase is wrong, or the file was changed.
        Malformed: it is no sealed file, or asks for too much work.
    """
    sealed = SEALED.decode(content)
    bound = _bound(sealed.salt, sealed.cost, sealed.nonce)
    cipher = _cipher(passphrase, sealed.salt, sealed.cost)
    try:
        return cipher.decrypt(sealed.nonce, sealed.ciphertext, bound)
    except InvalidTag:
        raise Refused(
            "This passphrase does not open the wallet, which is as it was: try again."
        ) from None


def _cipher(passphrase: str, salt: bytes, cost: Cost) -> AESGCM:
    """Stretch the passphrase; however it was typed, it has one spelling (NFC)."""
    if not passphrase:
        raise Refused("A wallet must have a passphrase: choose one.")
    try:
        secret = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        raise Refused("This passphrase holds half a character: type another.") from None
    key = hash_secret_raw(
        secret,
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory,
        parallelism=cost.lanes,
        hash_len=AEAD_KEY_BYTES,
        type=Type.ID,
    )
    return AESGCM(key)


def _bound(salt: bytes, cost: Cost, nonce: bytes) -> bytes:
    """Return all of the file that stands before what is sealed."""
    head = (SEALED.tag, salt, cost.passes, cost.memory, cost.lanes, nonce)
    return cbor.encode(head)
