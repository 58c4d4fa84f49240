"""An operator's keyring: what it signs, opens boxes, logs and speaks TLS with.

    DIRECTORY/keyring.cbor   all of it, the only source
    DIRECTORY/tls.pem        TLS key and certificate once more, for servers that read
                             them from a file

The directory appears in one step, complete, or not at all, and is never overwritten:
an operator without its old keys is another operator. Only the user that runs the
operator may read it. Handed out are signatures, opened boxes and public keys; the
private keys stay in here, but for TLS, whose library wants its key.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ipse.crypto import hpke, signature
from ipse.crypto.secret import Secret
from ipse.ground.errors import Malformed, Refused, Unavailable
from ipse.ground.names import Instant, OperatorId
from ipse.keys import certificate as tls
from ipse.keys.durable import read_private, sync_directory, write_new
from ipse.ports import Entropy
from ipse.wire import limits
from ipse.wire.charter import OperatorEntry
from ipse.wire.fields import octets
from ipse.wire.kinds import NETWORK, OPERATOR
from ipse.wire.record import Shape

KEYRING_FILE: Final = "keyring.cbor"
TLS_FILE: Final = "tls.pem"
TAG: Final = "ipse/keyring/1"
KEYRING_BYTES: Final = 8_192
TLS_KEY_BYTES: Final = 256


@dataclass(frozen=True, slots=True, repr=False)
class OperatorKeyring(Secret):
    """All private keys of one operator."""

    network: str
    operator: OperatorId  # 1 to 3
    signing_seed: bytes  # 32 bytes, Ed25519
    sealing_private: bytes  # 96 bytes, ML-KEM-768 and X25519
    log_seed: bytes  # 32 bytes, Ed25519: its own log, and the others' as a witness
    tls_private: bytes  # PKCS #8 DER, P-256
    certificate: bytes  # DER, of the TLS key

    def __post_init__(self) -> None:
        """Check the fields, and that the certificate is of the TLS key."""
        KEYRING.check(self)
        tls.expect_pair(self.tls_private, self.certificate)

    @property
    def signing_key(self) -> bytes:
        """The 32-byte public key that this operator's word is checked with."""
        return signature.public_key(self.signing_seed)

    @property
    def sealing_key(self) -> bytes:
        """The 1,216-byte public key that boxes for this operator are sealed to."""
        return hpke.public_key(self.sealing_private)

    @property
    def log_key(self) -> bytes:
        """The 32-byte public key of this operator's log, and of it as a witness."""
        return signature.public_key(self.log_seed)

    def sign(self, tag: str, message: bytes) -> bytes:
        """Sign as this operator. Returns 64 bytes."""
        return signature.sign(self.signing_seed, tag, message)

    def sign_note(self, text: bytes) -> bytes:
        """Sign a note of a log. Returns 64 bytes."""
        return signature.sign_text(self.log_seed, text)

    def unseal(self, info: bytes, box: bytes) -> bytes:
        """Open a box sealed to this operator. Raises: Unproven: it was not."""
        return hpke.unseal(self.sealing_private, info, box)

    def entry(self, name: str, peer_address: str, owner_address: str) -> OperatorEntry:
        """Return what the charter should say about this operator."""
        return OperatorEntry(
            self.operator,
            name,
            self.signing_key,
            self.sealing_key,
            f"ipse/{self.network}/{self.operator}",
            self.log_key,
            self.certificate,
            peer_address,
            owner_address,
        )


KEYRING: Final = Shape(
    TAG,
    OperatorKeyring,
    KEYRING_BYTES,
    {
        "network": NETWORK,
        "operator": OPERATOR,
        "signing_seed": octets(signature.KEY_BYTES),
        "sealing_private": octets(hpke.PRIVATE_BYTES),
        "log_seed": octets(signature.KEY_BYTES),
        "tls_private": octets(1, TLS_KEY_BYTES),
        "certificate": octets(1, limits.CERTIFICATE),
    },
)


def draw_keyring(
    network: str, operator: OperatorId, entropy: Entropy, now: Instant
) -> OperatorKeyring:
    """Draw all keys of a new operator."""
    signing_seed = entropy.draw(signature.KEY_BYTES)
    sealing_private = entropy.draw(hpke.PRIVATE_BYTES)
    log_seed = entropy.draw(signature.KEY_BYTES)
    tls_private = tls.tls_key(entropy.draw(tls.SCALAR_BYTES))
    serial = entropy.draw(tls.SERIAL_BYTES)
    certificate = tls.certify(tls_private, network, operator, now, serial)
    return OperatorKeyring(
        network,
        operator,
        signing_seed,
        sealing_private,
        log_seed,
        tls_private,
        certificate,
    )


def save_keyring(keyring: OperatorKeyring, directory: Path, entropy: Entropy) -> None:
    """Write a new operator's keys into a directory that must not exist yet.

    Raises: Refused: it exists. Unavailable: the disk will not; nothing is left.
    """
    part = directory.with_name(f"{directory.name}.{entropy.draw(8).hex()}.part")
    try:
        part.mkdir(mode=0o700)
        write_new(part / KEYRING_FILE, KEYRING.encode(keyring), entropy)
        write_new(part / TLS_FILE, _pem(keyring), entropy)
        if directory.exists():
            raise Refused(
                f"There are keys in {directory} already, and they are not "
                "overwritten: move them away first."
            )
        part.rename(directory)
        sync_directory(directory.parent)
    except OSError as error:
        raise Unavailable(
            f"Cannot write keys to {directory.name}: {error.strerror}."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def load_keyring(directory: Path) -> OperatorKeyring:
    """Read an operator's keys, and hold both files against each other.

    Raises:
        Unavailable: they are not there.
        Refused: others may read them.
        Malformed: they are damaged: restore them from a copy.
    """
    keyring = KEYRING.decode(read_private(directory / KEYRING_FILE, KEYRING_BYTES))
    if read_private(directory / TLS_FILE, KEYRING_BYTES) != _pem(keyring):
        raise Malformed(
            f"{TLS_FILE} and {KEYRING_FILE} differ: restore a copy of both."
        )
    return keyring


def _pem(keyring: OperatorKeyring) -> bytes:
    return tls.as_pem(keyring.tls_private, keyring.certificate)
