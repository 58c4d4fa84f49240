"""The owner's signed consent: what may be asked of the record, how often and when.

    [grant, network, charter digest, grant, handle, owner_key, operation, purpose,
            audience, not_before, not_after, uses]
    [signed-grant, grant, signature]

A request names its grant by digest, and each operator is sent the grant with it. Who
asks, and why, is in it as salted digests: the owner keeps salts and words, and no
operator learns either. How much of a grant is used up, and whether it was withdrawn,
is for the operator's room. Specification: docs/spec/wire.md, section 8.
"""

from dataclasses import dataclass
from typing import Final

from ipse.crypto import digest, signature
from ipse.ground.errors import Malformed, Refused
from ipse.ground.names import GRANT_ID_BYTES, GrantId, Handle, Instant, Purpose
from ipse.wire import limits, tags
from ipse.wire.charter import TrustedCharter
from ipse.wire.fields import choice, octets, whole
from ipse.wire.kinds import DIGEST, HANDLE, INSTANT, NETWORK, SIGNATURE, SIGNING_KEY
from ipse.wire.record import Shape

GRANTED: Final = frozenset({Purpose.VERIFY})
"""What is done under a grant alone."""

SALT_BYTES: Final = 32
"""As many as a digest has: names and reasons are few, and salts are what hides them."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What the owner allows."""

    network: str  # the charter's
    charter_digest: bytes  # 32 bytes
    grant: GrantId  # 16 random bytes
    handle: Handle  # 16 bytes, the record's
    owner_key: bytes  # 32 bytes, Ed25519
    operation: Purpose  # one of GRANTED
    purpose: bytes  # 32 bytes: why, as a salted digest
    audience: bytes  # 32 bytes: for whom, as a salted digest
    not_before: Instant
    not_after: Instant
    uses: int  # how often, from 1

    def __post_init__(self) -> None:
        """Check the fields, the window, and that the operation is one to be granted."""
        GRANT.check(self)
        signature.check_key(self.owner_key)
        if self.operation not in GRANTED:
            raise Malformed(f"Nobody needs a grant to {self.operation}.")
        if not 0 < self.not_after - self.not_before <= limits.GRANT_WINDOW:
            raise Malformed("A grant must hold for 1 ms to 366 days: sign another.")


GRANT: Final = Shape(
    tags.GRANT,
    Grant,
    512,
    {
        "network": NETWORK,
        "charter_digest": DIGEST,
        "grant": octets(GRANT_ID_BYTES),
        "handle": HANDLE,
        "owner_key": SIGNING_KEY,
        "operation": choice(Purpose),
        "purpose": DIGEST,
        "audience": DIGEST,
        "not_before": INSTANT,
        "not_after": INSTANT,
        "uses": whole(1, limits.USES),
    },
)


@dataclass(frozen=True, slots=True)
class SignedGrant:
    """A grant, and the owner's word for it."""

    grant: Grant
    signature: bytes  # 64 bytes, the owner's: not checked yet

    def __post_init__(self) -> None:
        """Check the fields."""
        SIGNED_GRANT.check(self)

    @property
    def digest(self) -> bytes:
        """The 32 bytes that name the grant."""
        return grant_digest(self.grant)


SIGNED_GRANT: Final = Shape(
    tags.SIGNED_GRANT,
    SignedGrant,
    640,
    {"grant": GRANT.nested(), "signature": SIGNATURE},
)


def grant_digest(grant: Grant) -> bytes:
    """Return 32 bytes that name the grant; its signature is not in it."""
    return digest.digest(tags.GRANT_DIGEST, GRANT.encode(grant))


def salted(tag: str, salt: bytes, words: str) -> bytes:
    """Return 32 bytes that commit to some words: tag ‖ 0x00 ‖ salt ‖ UTF-8."""
    if len(salt) != SALT_BYTES:
        raise Malformed(f"A salt must have {SALT_BYTES} bytes.")
    return digest.digest(tag, salt + words.encode())


def sign_grant(grant: Grant, sign: signature.Signer) -> SignedGrant:
    """Sign a grant with the owner's key."""
    return SignedGrant(grant, sign(tags.GRANT_SIGNATURE, grant_digest(grant)))


def check_grant(
    signed: SignedGrant, charter: TrustedCharter, handle: Handle, owner_key: bytes
) -> None:
    """Return if a grant is this network's, and this record's owner signed it.

    Raises:
        Refused: it is for another network, charter or record.
        Unproven: the owner did not sign it.
    """
    grant = signed.grant
    # (1) it is for this network, under this charter
    if grant.network != charter.charter.network or not digest.same(
        grant.charter_digest, charter.digest
    ):
        raise Refused(
            "This grant is for another network or charter: ask its owner for a new one."
        )
    # (2) it is for this record, by its owner
    if grant.handle != handle or grant.owner_key != owner_key:
        raise Refused("This grant is for another record: ask its owner for a new one.")
    # (3) the owner signed it
    signature.verify(
        grant.owner_key, signed.signature, tags.GRANT_SIGNATURE, signed.digest
    )


def expect_operation(grant: Grant, operation: Purpose) -> None:
    """Return if a grant allows an operation. Raises: Refused: it is for another."""
    if grant.operation is not operation:
        raise Refused(
            f"This grant is to {grant.operation}, not to {operation}: ask its owner "
            "for another."
        )


def expect_current(grant: Grant, now: Instant) -> None:
    """Return if a grant's window is open. Raises: Refused: it is not."""
    if now < grant.not_before:
        raise Refused("This grant is for later: wait until its window begins.")
    if now > grant.not_after:
        raise Refused("This grant is over: ask its owner for a new one.")
