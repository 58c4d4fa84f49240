"""The operators' word that a use happened: one link of a record's chain.

    [receipt, network, charter digest, tag, number, previous, operation, outcome,
              grant, at, tries]
    [signed-receipt, receipt, operator, signature]

All three operators write the same receipt, byte for byte, and each signs its digest.
`number` counts from 1, and `previous` is the digest of the receipt before. `tag` and
what blinds the log's leaf are drawn from the record's handle (`ipse.receipt.tags`), so
to everybody but the owner and the operators two receipts have nothing in common.
Specification: docs/spec/wire.md, section 9.
"""

from dataclasses import dataclass
from typing import Final

from ipse.crypto import digest, signature
from ipse.crypto.digest import DIGEST_BYTES
from ipse.ground.errors import Malformed, Unproven
from ipse.ground.names import Instant, OperatorId, Outcome, Purpose
from ipse.wire import limits, tags
from ipse.wire.charter import TrustedCharter
from ipse.wire.fields import choice, octets, whole
from ipse.wire.grant import GRANTED
from ipse.wire.kinds import (
    DIGEST,
    INSTANT,
    NETWORK,
    OPERATOR,
    SIGNATURE,
    expect_digest_or_nothing,
)
from ipse.wire.record import Shape

FIRST: Final = 1
"""The number of a chain's first receipt."""

NOTHING_BEFORE: Final = bytes(DIGEST_BYTES)
"""What the first receipt names as the one before."""

RECEIPTED: Final = {
    Purpose.ENROL: frozenset({Outcome.ENROLLED, Outcome.PRESENTED}),
    Purpose.VERIFY: frozenset(
        {
            Outcome.MATCHED,
            Outcome.NOT_MATCHED,
            Outcome.MALFORMED,
            Outcome.INTERRUPTED,
        }
    ),
    Purpose.WITHDRAW: frozenset({Outcome.WITHDRAWN}),
    Purpose.ERASE: frozenset({Outcome.ERASED}),
}
"""Operations that give a receipt, and what each may have ended in."""

NAMING: Final = GRANTED | {Purpose.WITHDRAW}
"""Operations whose receipt names a grant."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One use of a record, tried or done."""

    network: str  # the charter's
    charter_digest: bytes  # 32 bytes
    tag: bytes  # 32 bytes, the record's for this number
    number: int  # from 1
    previous: bytes  # 32 bytes: the digest of the receipt before; zeros for the first
    operation: Purpose
    outcome: Outcome
    grant: bytes  # 32 bytes: the digest of the grant; empty where none is needed
    at: Instant  # when it was begun
    tries: int  # failed ones of the record in this term of its meter, with this

    def __post_init__(self) -> None:
        """Check the fields, and that the outcome belongs to the operation."""
        RECEIPT.check(self)
        if self.outcome not in RECEIPTED.get(self.operation, ()):
            raise Malformed(
                f"No receipt says that to {self.operation} ended in {self.outcome}."
            )
        expect_digest_or_nothing("A receipt's grant", self.grant)
        if (self.operation in NAMING) is not bool(self.grant):
            raise Malformed("A receipt must name a grant exactly where one is needed.")
        if (self.number == FIRST) is not (self.previous == NOTHING_BEFORE):
            raise Malformed("The first receipt, and no other, has nothing before it.")


RECEIPT: Final = Shape(
    tags.RECEIPT,
    Receipt,
    limits.RECEIPT,
    {
        "network": NETWORK,
        "charter_digest": DIGEST,
        "tag": DIGEST,
        "number": whole(FIRST),
        "previous": DIGEST,
        "operation": choice(Purpose),
        "outcome": choice(Outcome),
        "grant": octets(0, DIGEST_BYTES),
        "at": INSTANT,
        "tries": whole(0),
    },
)


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt, and one operator's word for it."""

    receipt: Receipt
    operator: OperatorId
    signature: bytes  # 64 bytes, the operator's: not checked yet

    def __post_init__(self) -> None:
        """Check the fields."""
        SIGNED_RECEIPT.check(self)

    @property
    def digest(self) -> bytes:
        """The 32 bytes that are signed."""
        return receipt_digest(self.receipt)


SIGNED_RECEIPT: Final = Shape(
    tags.SIGNED_RECEIPT,
    SignedReceipt,
    limits.RECEIPT + 128,
    {"receipt": RECEIPT.nested(), "operator": OPERATOR, "signature": SIGNATURE},
)


def receipt_digest(receipt: Receipt) -> bytes:
    """Return 32 bytes that name the receipt, and with it all before it."""
    return digest.digest(tags.RECEIPT_DIGEST, RECEIPT.encode(receipt))


def sign_receipt(
    receipt: Receipt, operator: OperatorId, sign: signature.Signer
) -> SignedReceipt:
    """Sign a receipt with the operator's key."""
    signed = sign(tags.RECEIPT_SIGNATURE, receipt_digest(receipt))
    return SignedReceipt(receipt, operator, signed)


def check_receipt(signed: SignedReceipt, charter: TrustedCharter) -> None:
    """Return if one of the charter's operators signed this receipt, under it.

    Raises: Unproven: it did not, or for another network or charter.
    """
    receipt, rules = signed.receipt, charter.charter
    # (1) it is this network's word, under this charter
    if receipt.network != rules.network or not digest.same(
        receipt.charter_digest, charter.digest
    ):
        raise Unproven("This receipt is of another network or charter.")
    # (2) its operator signed it
    signature.verify(
        rules.entry(signed.operator).signing_key,
        signed.signature,
        tags.RECEIPT_SIGNATURE,
        signed.digest,
    )
