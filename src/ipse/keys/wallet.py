"""The wallet file: the owner's key and what it opens, sealed under a passphrase.

    [wallet-file, salt, passes, memory, lanes, nonce, sealed]

`sealed` is AES-256-GCM of the wallet under argon2id(passphrase, salt, passes, memory,
lanes); all that stands before it is bound as associated data. A file is read with its
own parameters, so they can be raised later, but only within bounds: a hostile file
must not cost more than a moment and 256 MiB.

Salt and nonce are fresh at each save, so no key is ever used twice.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ipse.crypto import signature
from ipse.crypto.secret import Secret
from ipse.ground.errors import Malformed, Refused
from ipse.ground.names import Form, Handle
from ipse.keys.durable import read_private, replace, write_new
from ipse.ports import Entropy
from ipse.wire import cbor
from ipse.wire.fields import octets, text, whole
from ipse.wire.kinds import DIGEST, FORMS, HANDLE, NETWORK, expect_ordered
from ipse.wire.record import Shape

SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
AEAD_KEY_BYTES: Final = 32
FILE_BYTES: Final = 4_096
STANDING: Final = 32


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


@dataclass(frozen=True, slots=True, repr=False)
class Wallet(Secret):
    """What an owner must not lose."""

    network: str
    charter_digest: bytes  # 32 bytes, pinned
    handle: Handle  # 16 bytes, the record's name
    owner_seed: bytes  # 32 bytes, Ed25519: the key that the record obeys
    forms: tuple[Form, ...]  # enrolled, or about to be
    standing: str  # what ipse.owner last knew of the record, in its words

    def __post_init__(self) -> None:
        """Check the fields."""
        WALLET.check(self)
        expect_ordered("A wallet's forms", self.forms)

    @property
    def owner_key(self) -> bytes:
        """The 32-byte public key that the record obeys."""
        return signature.public_key(self.owner_seed)

    def sign(self, tag: str, message: bytes) -> bytes:
        """Sign as the owner. Returns 64 bytes."""
        return signature.sign(self.owner_seed, tag, message)


WALLET: Final = Shape(
    "ipse/wallet/1",
    Wallet,
    FILE_BYTES,
    {
        "network": NETWORK,
        "charter_digest": DIGEST,
        "handle": HANDLE,
        "owner_seed": octets(signature.KEY_BYTES),
        "forms": FORMS,
        "standing": text(STANDING),
    },
)


@dataclass(frozen=True, slots=True)
class WalletFile:
    """A sealed wallet, as it lies on the disk."""

    salt: bytes  # 16 bytes
    passes: int
    memory: int  # KiB
    lanes: int
    nonce: bytes  # 12 bytes
    sealed: bytes  # the wallet, and 16 bytes that prove it

    def __post_init__(self) -> None:
        """Check the fields, and that reading the file can be borne."""
        WALLET_FILE.check(self)
        _ = self.cost

    @property
    def cost(self) -> Cost:
        """What a guess costs."""
        return Cost(self.passes, self.memory, self.lanes)


WALLET_FILE: Final = Shape(
    "ipse/wallet-file/1",
    WalletFile,
    FILE_BYTES,
    {
        "salt": octets(SALT_BYTES),
        **_COST,
        "nonce": octets(NONCE_BYTES),
        "sealed": octets(16, FILE_BYTES),
    },
)


def create_wallet(
    path: Path, wallet: Wallet, passphrase: str, entropy: Entropy, cost: Cost = COST
) -> None:
    """Seal a wallet into a file that must not exist yet.

    Raises: Refused: it exists. Unavailable: the disk will not; nothing is left.
    """
    write_new(path, seal_wallet(wallet, passphrase, entropy, cost), entropy)


def save_wallet(
    path: Path, wallet: Wallet, passphrase: str, entropy: Entropy, cost: Cost = COST
) -> None:
    """Seal a wallet into a file, in the place of the one that may be there.

    Raises: Unavailable: the disk will not; the old file is as it was.
    """
    replace(path, seal_wallet(wallet, passphrase, entropy, cost), entropy)


def load_wallet(path: Path, passphrase: str) -> Wallet:
    """Open a wallet file. It stays as it is, whatever comes.

    Raises:
        Refused: the passphrase is wrong, or the file was changed; or others may
            read it.
        Malformed: it is no wallet file.
        Unavailable: it is not there, or the disk will not.
    """
    return open_wallet(read_private(path, FILE_BYTES), passphrase)


def seal_wallet(
    wallet: Wallet, passphrase: str, entropy: Entropy, cost: Cost = COST
) -> bytes:
    """Seal a wallet under a passphrase. Returns the file's bytes."""
    salt, nonce = entropy.draw(SALT_BYTES), entropy.draw(NONCE_BYTES)
    bound = _bound(salt, cost, nonce)
    plain = WALLET.encode(wallet)
    sealed = _cipher(passphrase, salt, cost).encrypt(nonce, plain, bound)
    file = WalletFile(salt, cost.passes, cost.memory, cost.lanes, nonce, sealed)
    return WALLET_FILE.encode(file)


def open_wallet(content: bytes, passphrase: str) -> Wallet:
    """Open the bytes of a wallet file. Raises as `load_wallet` does."""
    file = WALLET_FILE.decode(content)
    bound = _bound(file.salt, file.cost, file.nonce)
    cipher = _cipher(passphrase, file.salt, file.cost)
    try:
        plain = cipher.decrypt(file.nonce, file.sealed, bound)
    except InvalidTag:
        raise Refused(
            "This passphrase does not open the wallet, which is as it was: try again."
        ) from None
    return WALLET.decode(plain)


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
    head = (WALLET_FILE.tag, salt, cost.passes, cost.memory, cost.lanes, nonce)
    return cbor.encode(head)
