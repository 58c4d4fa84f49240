"""The wallet: the owner's key, and what it opens, in a file under a passphrase.

    [wallet, network, charter digest, handle, owner seed, forms, standing]

The file is sealed (keys/passphrase.py), written whole or not at all (keys/durable.py),
and holds no template, photo or score: whoever opens it has a key, and not a face.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ipse.crypto import signature
from ipse.crypto.secret import Secret
from ipse.ground.names import Form, Handle
from ipse.keys.durable import read_private, replace, write_new
from ipse.keys.passphrase import COST, FILE_BYTES, Cost, open_under, seal_under
from ipse.ports import Entropy
from ipse.wire.fields import octets, text
from ipse.wire.kinds import DIGEST, FORMS, HANDLE, NETWORK, expect_ordered
from ipse.wire.record import Shape

WALLET_BYTES: Final = 1_024
STANDING: Final = 32
"""Characters of a standing."""


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
    WALLET_BYTES,
    {
        "network": NETWORK,
        "charter_digest": DIGEST,
        "handle": HANDLE,
        "owner_seed": octets(signature.KEY_BYTES),
        "forms": FORMS,
        "standing": text(STANDING),
    },
)


def create_wallet(
    path: Path, wallet: Wallet, passphrase: str, entropy: Entropy, cost: Cost = COST
) -> None:
    """Seal a wallet into a file that must not exist yet.

    Raises: Refused: it exists. Unavailable: the disk will not; nothing is left.
    """
    sealed = seal_under(passphrase, WALLET.encode(wallet), entropy, cost)
    write_new(path, sealed, entropy)


def save_wallet(
    path: Path, wallet: Wallet, passphrase: str, entropy: Entropy, cost: Cost = COST
) -> None:
    """Seal a wallet into a file, in the place of the one that may be there.

    Raises: Unavailable: the disk will not; the old file is as it was.
    """
    sealed = seal_under(passphrase, WALLET.encode(wallet), entropy, cost)
    replace(path, sealed, entropy)


def load_wallet(path: Path, passphrase: str) -> Wallet:
    """Open a wallet file. It stays as it is, whatever comes.

    Raises:
        Refused: the passphrase is wrong, or the file was changed; or others may
            read it.
        Malformed: it is no wallet file.
        Unavailable: it is not there, or the disk will not.
    """
    return WALLET.decode(open_under(passphrase, read_private(path, FILE_BYTES)))
