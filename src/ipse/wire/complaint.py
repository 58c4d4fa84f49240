"""An operator's word that somebody lied to it in a computation, and who it can be.

    [complaint, network, charter digest, epoch, call, operator, suspects, falsehood, at]
    [signed-complaint, complaint, operator's signature]
    [complained, operator, [signed complaint, ...]]

Nothing secret is in it: which call it was, and one or two operators. An honest operator
signs one complaint of a call at most. What three of them show, `ipse.receipt.blame`
says. Specification: docs/spec/wire.md, section 12.
"""

from dataclasses import dataclass
from typing import Final

from ipse.crypto import digest, signature
from ipse.ground.errors import Malformed, Unproven
from ipse.ground.names import OPERATORS, Epoch, Falsehood, Instant, OperatorId
from ipse.wire import limits, tags
from ipse.wire.charter import TrustedCharter
from ipse.wire.fields import choice, many
from ipse.wire.kinds import DIGEST, EPOCH, INSTANT, NETWORK, OPERATOR, SIGNATURE
from ipse.wire.record import Shape


@dataclass(frozen=True, slots=True)
class Complaint:
    """One operator's suspicion: one of `suspects` lied in this call."""

    network: str  # the charter's
    charter_digest: bytes  # 32 bytes
    epoch: Epoch
    call: bytes  # 32 bytes, begin_digest
    operator: OperatorId  # who complains
    suspects: tuple[OperatorId, ...]  # one or two of the others, by number
    falsehood: Falsehood
    at: Instant  # the call's time

    def __post_init__(self) -> None:
        """Check the fields, and that others are suspected, in their order."""
        COMPLAINT.check(self)
        others = [operator for operator in OPERATORS if operator != self.operator]
        if self.suspects != tuple(one for one in others if one in self.suspects):
            raise Malformed("A complaint must name others, each once, by number.")


COMPLAINT: Final = Shape(
    tags.COMPLAINT,
    Complaint,
    limits.COMPLAINT,
    {
        "network": NETWORK,
        "charter_digest": DIGEST,
        "epoch": EPOCH,
        "call": DIGEST,
        "operator": OPERATOR,
        "suspects": many(OPERATOR, 1, len(OPERATORS) - 1),
        "falsehood": choice(Falsehood),
        "at": INSTANT,
    },
)


@dataclass(frozen=True, slots=True)
class SignedComplaint:
    """A complaint, and the word of whoever complains."""

    complaint: Complaint
    signature: bytes  # 64 bytes, the operator's: not checked yet

    def __post_init__(self) -> None:
        """Check the fields."""
        SIGNED_COMPLAINT.check(self)


SIGNED_COMPLAINT: Final = Shape(
    tags.SIGNED_COMPLAINT,
    SignedComplaint,
    limits.COMPLAINT + 128,
    {"complaint": COMPLAINT.nested(), "signature": SIGNATURE},
)


@dataclass(frozen=True, slots=True)
class Complained:
    """What an operator tells the others when they meet: the newest complaints."""

    operator: OperatorId  # who speaks
    complaints: tuple[SignedComplaint, ...]  # of any of the three

    def __post_init__(self) -> None:
        """Check the fields."""
        COMPLAINED.check(self)


COMPLAINED: Final = Shape(
    tags.COMPLAINED,
    Complained,
    limits.COMPLAINTS * (limits.COMPLAINT + 128) + 128,
    {
        "operator": OPERATOR,
        "complaints": many(SIGNED_COMPLAINT.nested(), 0, limits.COMPLAINTS),
    },
)


def complaint_digest(complaint: Complaint) -> bytes:
    """Return 32 bytes that name the complaint: what is signed."""
    return digest.digest(tags.COMPLAINT_DIGEST, COMPLAINT.encode(complaint))


def sign_complaint(complaint: Complaint, sign: signature.Signer) -> SignedComplaint:
    """Sign a complaint with the key of the operator who complains."""
    signed = sign(tags.COMPLAINT_SIGNATURE, complaint_digest(complaint))
    return SignedComplaint(complaint, signed)


def check_complaint(signed: SignedComplaint, charter: TrustedCharter) -> None:
    """Return if whoever complains signed it, under this charter.

    Raises: Unproven: it did not, or for another network, charter or epoch.
    """
    complaint, rules = signed.complaint, charter.charter
    # (1) it is about this network, under this charter
    own = (rules.network, rules.epoch)
    if (complaint.network, complaint.epoch) != own or not digest.same(
        complaint.charter_digest, charter.digest
    ):
        raise Unproven("This complaint is of another network, charter or epoch.")
    # (2) its operator signed it
    signature.verify(
        rules.entry(complaint.operator).signing_key,
        signed.signature,
        tags.COMPLAINT_SIGNATURE,
        complaint_digest(complaint),
    )
