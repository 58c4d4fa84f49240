"""What operators answer: a finding that they agree on, and each one's word for it.

    [finding, network, charter digest, epoch, request, request digest, purpose, handle,
              outcome, bits, receipt]
    [verdict, finding, operator, at, signature, [signed receipt, ...]]

The finding is the same at all operators, byte for byte; the verdict adds who says so
and when, and hands over receipts: that of the use, or those that were asked for. A
finding names the receipt of its use by digest, or the last one of those that were asked
for; so who signs a finding signs a receipt with it, and all before it.

A wallet believes a finding when two operators signed it over the wallet's own request
(`agreed`). Specification: docs/spec/wire.md, section 5.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ipse.crypto import digest, signature
from ipse.crypto.digest import DIGEST_BYTES
from ipse.ground.errors import Malformed, Misbehaved, Unproven
from ipse.ground.names import (
    Epoch,
    Handle,
    Instant,
    OperatorId,
    Outcome,
    Purpose,
    RequestId,
)
from ipse.wire import limits, tags
from ipse.wire.charter import TrustedCharter
from ipse.wire.fields import choice, many, octets
from ipse.wire.kinds import (
    DIGEST,
    EPOCH,
    HANDLE,
    INSTANT,
    NETWORK,
    OPERATOR,
    REQUEST_ID,
    SIGNATURE,
    expect_digest_or_nothing,
)
from ipse.wire.receipt import SIGNED_RECEIPT, SignedReceipt
from ipse.wire.record import Shape
from ipse.wire.request import Header, Request, request_digest

QUORUM: Final = 2
"""Operators that must say the same: no single one can make a wallet believe."""

OUTCOMES: Final = {
    Purpose.ENROL: {Outcome.ENROLLED, Outcome.ALREADY_ENROLLED, Outcome.MALFORMED},
    Purpose.VERIFY: {
        Outcome.MATCHED,
        Outcome.NOT_MATCHED,
        Outcome.MALFORMED,
        Outcome.UNKNOWN,
    },
    Purpose.ERASE: {Outcome.ERASED, Outcome.UNKNOWN},
    Purpose.STATUS: {Outcome.ACTIVE, Outcome.ERASED, Outcome.UNKNOWN},
    Purpose.WITHDRAW: {Outcome.WITHDRAWN, Outcome.UNKNOWN},
    Purpose.LEDGER: {Outcome.LISTED, Outcome.UNKNOWN},
    Purpose.SEED: {Outcome.SEEDED, Outcome.MALFORMED},
    Purpose.BITS: {Outcome.BITS, Outcome.MALFORMED},
}
"""What each purpose may end in."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the operators found together. It names the request that it answers."""

    network: str
    charter_digest: bytes  # 32 bytes
    epoch: Epoch
    request: RequestId  # 16 bytes
    request_digest: bytes  # 32 bytes
    purpose: Purpose
    handle: Handle  # 16 bytes
    outcome: Outcome
    bits: bytes  # one bit a record, first record lowest; empty unless outcome is BITS
    receipt: bytes  # 32 bytes: of the use, or the ledger's last; empty if there is none

    def __post_init__(self) -> None:
        """Check the fields, and that the outcome answers the purpose."""
        FINDING.check(self)
        if self.outcome not in OUTCOMES[self.purpose]:
            raise Malformed(
                f"A request to {self.purpose} never ends in {self.outcome}."
            )
        if self.bits and self.outcome is not Outcome.BITS:
            raise Malformed(f"A finding of {self.outcome} must have no bits.")
        expect_digest_or_nothing("A finding's receipt", self.receipt)


FINDING: Final = Shape(
    tags.FINDING,
    Finding,
    limits.BITS + 1_024,
    {
        "network": NETWORK,
        "charter_digest": DIGEST,
        "epoch": EPOCH,
        "request": REQUEST_ID,
        "request_digest": DIGEST,
        "purpose": choice(Purpose),
        "handle": HANDLE,
        "outcome": choice(Outcome),
        "bits": octets(0, limits.BITS),
        "receipt": octets(0, DIGEST_BYTES),
    },
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One operator's signed word for a finding."""

    finding: Finding
    operator: OperatorId  # 1 to 3
    at: Instant
    signature: bytes  # 64 bytes, the operator's over all above: not checked yet
    receipts: tuple[SignedReceipt, ...]  # by number; each has its own signature

    def __post_init__(self) -> None:
        """Check the fields."""
        VERDICT.check(self)


VERDICT: Final = Shape(
    tags.VERDICT,
    Verdict,
    limits.VERDICT,
    {
        "finding": FINDING.nested(),
        "operator": OPERATOR,
        "at": INSTANT,
        "signature": SIGNATURE,
        "receipts": many(SIGNED_RECEIPT.nested(), 0, limits.PAGE),
    },
)


@dataclass(frozen=True, slots=True)
class VerifiedVerdict:
    """A verdict that its operator signed. Made by `check_verdict` alone."""

    verdict: Verdict


def finding_for(
    header: Header,
    asked: bytes,
    outcome: Outcome,
    bits: bytes = b"",
    receipt: bytes = b"",
) -> Finding:
    """Answer a request, whose digest is given, with an outcome.

    Args:
        header: the request's.
        asked: 32 bytes, the request's digest.
        outcome: what was found.
        bits: of a laboratory.
        receipt: 32 bytes, the digest of the use's receipt, or of a ledger's last one.
    """
    return Finding(
        header.network,
        header.charter_digest,
        header.epoch,
        header.request,
        asked,
        header.purpose,
        header.handle,
        outcome,
        bits,
        receipt,
    )


def verdict_message(finding: Finding, operator: OperatorId, at: Instant) -> bytes:
    """Return what an operator signs: operator, 1 byte ‖ at, 8 bytes ‖ the finding."""
    return bytes([operator]) + at.to_bytes(8) + FINDING.encode(finding)


def sign_verdict(
    finding: Finding,
    operator: OperatorId,
    at: Instant,
    sign: signature.Signer,
    receipts: tuple[SignedReceipt, ...] = (),
) -> Verdict:
    """Sign a finding with the operator's key, and hand over receipts with it."""
    message = verdict_message(finding, operator, at)
    signed = sign(tags.VERDICT_SIGNATURE, message)
    return Verdict(finding, operator, at, signed, receipts)


def check_verdict(verdict: Verdict, charter: TrustedCharter) -> VerifiedVerdict:
    """Check that one of the charter's operators signed this verdict, under it.

    Raises: Unproven: it didn't, or for another network or charter.
    """
    finding, rules = verdict.finding, charter.charter
    # (1) it is this network's word, under this charter and epoch
    if (
        finding.network != rules.network
        or finding.epoch != rules.epoch
        or not digest.same(finding.charter_digest, charter.digest)
    ):
        raise Unproven("This verdict is of another network, charter or epoch.")
    # (2) its operator signed it
    signature.verify(
        rules.entry(verdict.operator).signing_key,
        verdict.signature,
        tags.VERDICT_SIGNATURE,
        verdict_message(finding, verdict.operator, verdict.at),
    )
    return VerifiedVerdict(verdict)


def agreed(verdicts: Iterable[VerifiedVerdict], request: Request) -> Finding:
    """Return the finding on a wallet's own request that a quorum of operators signed.

    Run by: the wallet. The order of the verdicts and repetitions don't matter.

    Raises:
        Misbehaved: no two operators signed the same, and one signed two findings.
        Unproven: no two operators signed the same.
    """
    own = request_digest(request)
    said: defaultdict[OperatorId, set[Finding]] = defaultdict(set)
    for verified in verdicts:
        finding = verified.verdict.finding
        # (1) it answers this request, and nothing else
        if _answers(finding, request.header, own):
            said[verified.verdict.operator].add(finding)
    # (2) an operator has one word: whoever has two is not counted
    words = [next(iter(findings)) for findings in said.values() if len(findings) == 1]
    # (3) two operators say the same
    for finding in words:
        if words.count(finding) >= QUORUM:
            return finding
    for operator, findings in said.items():
        if len(findings) > 1:
            raise Misbehaved(
                f"Operator {operator} signed two different answers to one request: "
                "keep both, and publish them."
            )
    raise Unproven(
        "No two operators signed the same answer to this request: nothing is known, "
        "ask again."
    )


def _answers(finding: Finding, header: Header, asked: bytes) -> bool:
    if finding.purpose is not header.purpose:
        return False
    return finding == finding_for(
        header, asked, finding.outcome, finding.bits, finding.receipt
    )
