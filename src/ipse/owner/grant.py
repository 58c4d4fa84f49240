"""Grants: the owner allows somebody to ask about this body, so often, for so long.

    note      what only the owner knows: for whom, why, and the salts that hide both
    grant     what is signed: digests, a window, a number of uses

A verification that nobody was granted gets a grant for itself: one use, for as long as
its request holds. Specification: docs/spec/owner.md, section 6.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ipse.crypto.secret import Secret
from ipse.ground.errors import Unavailable
from ipse.ground.names import GRANT_ID_BYTES, GrantId, Instant, Purpose
from ipse.keys.durable import write_new
from ipse.keys.wallet import Wallet
from ipse.ports import Entropy
from ipse.wire import tags
from ipse.wire.charter import TrustedCharter
from ipse.wire.grant import (
    SALT_BYTES,
    SIGNED_GRANT,
    Grant,
    SignedGrant,
    salted,
    sign_grant,
)

CLOCK_SLACK_MS: Final = 5_000
"""How far an operator's clock may be behind the wallet's."""

ONCE_MS: Final = 120_000
"""How long a grant holds that a verification makes for itself: as long as its
request."""

ONESELF: Final = "myself"
"""For whom a verification asks that nobody was granted."""

UNSAID: Final = "not said"
"""Why, where nobody said so."""


@dataclass(frozen=True, slots=True, repr=False)
class Terms(Secret):
    """What an owner grants, in words."""

    audience: str  # who asks, as the owner calls them
    purpose: str  # why
    not_before: Instant
    not_after: Instant
    uses: int


@dataclass(frozen=True, slots=True, repr=False)
class Made(Secret):
    """A grant, and what only the owner knows of it."""

    signed: SignedGrant
    terms: Terms
    audience_salt: bytes  # 32 bytes
    purpose_salt: bytes  # 32 bytes


def make_grant(
    charter: TrustedCharter,
    wallet: Wallet,
    operation: Purpose,
    terms: Terms,
    entropy: Entropy,
) -> Made:
    """Sign a grant. Raises: Malformed: its window or its uses are out of bounds."""
    audience_salt, purpose_salt = entropy.draw(SALT_BYTES), entropy.draw(SALT_BYTES)
    grant = Grant(
        network=charter.charter.network,
        charter_digest=charter.digest,
        grant=GrantId(entropy.draw(GRANT_ID_BYTES)),
        handle=wallet.handle,
        owner_key=wallet.owner_key,
        operation=operation,
        purpose=salted(tags.GRANT_PURPOSE, purpose_salt, terms.purpose),
        audience=salted(tags.GRANT_AUDIENCE, audience_salt, terms.audience),
        not_before=terms.not_before,
        not_after=terms.not_after,
        uses=terms.uses,
    )
    signed = sign_grant(grant, wallet.sign)
    return Made(signed, terms, audience_salt, purpose_salt)


def grant_once(
    charter: TrustedCharter,
    wallet: Wallet,
    operation: Purpose,
    now: Instant,
    entropy: Entropy,
) -> Made:
    """Sign a grant for one use, by the owner, now."""
    begins = Instant(max(0, now - CLOCK_SLACK_MS))
    terms = Terms(ONESELF, UNSAID, begins, Instant(now + ONCE_MS), uses=1)
    return make_grant(charter, wallet, operation, terms, entropy)


def write_grant(path: Path, signed: SignedGrant, entropy: Entropy) -> None:
    """Write a grant to a file that must not exist yet.

    Raises: Refused: it exists. Unavailable: the disk will not.
    """
    write_new(path, SIGNED_GRANT.encode(signed), entropy)


def read_grant(path: Path) -> SignedGrant:
    """Read a grant from a file.

    Raises: Unavailable: it is not there. Malformed: it is no grant.
    """
    try:
        encoded = path.read_bytes()
    except OSError as fault:
        raise Unavailable(
            f"Cannot read the grant {path.name} ({fault.strerror}): give its file."
        ) from None
    return SIGNED_GRANT.decode(encoded)
