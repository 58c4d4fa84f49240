"""The charter: the network's public description, signed by each of its operators.

    [charter, network, version, epoch, laboratory, forms, thresholds, encoder,
              proved search, operators]
    [signed-charter, charter, [signature, signature, signature]]

A wallet pins the digest of the charter that it enrolled under. `trust` is the only
way from a signed charter to a TrustedCharter, and whatever is checked against a
network's word takes the latter.

Specification: docs/spec/wire.md, section 2.
"""

from dataclasses import dataclass
from typing import Final

from ipse.crypto import digest, hpke, signature
from ipse.ground import params
from ipse.ground.errors import Malformed, Refused, Unproven
from ipse.ground.names import OPERATORS, Epoch, Form, OperatorId
from ipse.wire import limits, tags
from ipse.wire.fields import choice, flag, many, octets, text, whole
from ipse.wire.kinds import (
    EPOCH,
    LOG_ORIGIN,
    NETWORK,
    OPERATOR,
    OWNER_ADDRESS,
    PEER_ADDRESS,
    SIGNATURE,
    SIGNING_KEY,
    expect_ordered,
)
from ipse.wire.record import Shape

_THEIR_OWN: Final = (
    "signing_key",
    "sealing_key",
    "log_origin",
    "log_key",
    "certificate",
)
"""What no two operators may share."""


@dataclass(frozen=True, slots=True)
class OperatorEntry:
    """One operator, as the charter presents it."""

    operator: OperatorId  # 1 to 3
    name: str  # for people
    signing_key: bytes  # 32 bytes, Ed25519
    sealing_key: bytes  # 1,216 bytes, ML-KEM-768 and X25519
    log_origin: str  # name of its log, and of its key as a witness
    log_key: bytes  # 32 bytes, Ed25519, for notes of logs alone
    certificate: bytes  # DER, for TLS, self-signed: this entry is its authority
    peer_address: str  # host:port, for the other operators
    owner_address: str  # https://host:port, for wallets

    def __post_init__(self) -> None:
        """Check the fields, and that the keys can prove and hide something."""
        OPERATOR_ENTRY.check(self)
        signature.check_key(self.signing_key)
        hpke.check_public(self.sealing_key)
        signature.check_key(self.log_key)


OPERATOR_ENTRY: Final = Shape(
    tags.OPERATOR_ENTRY,
    OperatorEntry,
    limits.CERTIFICATE + 4_096,
    {
        "operator": OPERATOR,
        "name": text(limits.TEXT),
        "signing_key": SIGNING_KEY,
        "sealing_key": octets(hpke.PUBLIC_BYTES),
        "log_origin": LOG_ORIGIN,
        "log_key": SIGNING_KEY,
        "certificate": octets(1, limits.CERTIFICATE),
        "peer_address": PEER_ADDRESS,
        "owner_address": OWNER_ADDRESS,
    },
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on two templates of these forms count as the same body.

    Codes are compared alone and against params.CODE_WEIGHT, so theirs are zero.
    """

    forms: tuple[Form, ...]  # compared together, their scores added
    verify: int  # least score at which a 1:1 comparison is a match
    unique: int  # least score at which an enrolment finds a body enrolled already

    def __post_init__(self) -> None:
        """Check the fields, and that no score can wrap around its ring."""
        THRESHOLDS.check(self)
        expect_ordered("A threshold's forms", self.forms)
        if Form.CODE in self.forms and len(self.forms) > 1:
            raise Malformed("Codes are compared alone: give other forms their own.")
        bound = 0 if Form.CODE in self.forms else params.THRESHOLD_BOUND
        if max(abs(self.verify), abs(self.unique)) > bound:
            raise Malformed(f"A threshold must lie within {bound} of zero.")


THRESHOLDS: Final = Shape(
    tags.THRESHOLDS,
    Thresholds,
    256,
    {
        "forms": many(choice(Form), 1, len(Form)),
        "verify": whole(-limits.INTEGER),
        "unique": whole(-limits.INTEGER),
    },
)


@dataclass(frozen=True, slots=True)
class Charter:
    """What a network says about itself."""

    network: str  # name of the network
    version: int  # of this charter, from 1
    epoch: Epoch
    laboratory: bool  # seeding and match bits are allowed: no real person belongs here
    forms: tuple[Form, ...]  # that a record may have
    thresholds: tuple[Thresholds, ...]  # one for each set of forms that is compared
    encoder: str  # names of the models that make the templates
    proved_search: int  # most living records that an enrolment is proved against
    operators: tuple[OperatorEntry, ...]  # three, by number

    def __post_init__(self) -> None:
        """Check the fields, and that the parts fit each other."""
        CHARTER.check(self)
        expect_ordered("A charter's forms", self.forms)
        sets = [thresholds.forms for thresholds in self.thresholds]
        if len(set(sets)) != len(sets):
            raise Malformed("A charter must give one threshold for each set of forms.")
        if any(set(forms) - set(self.forms) for forms in sets):
            raise Malformed("A charter's thresholds must be for forms that it names.")
        if tuple(entry.operator for entry in self.operators) != OPERATORS:
            raise Malformed("A charter must name operators 1, 2 and 3, in this order.")
        for kind in _THEIR_OWN:
            if len({getattr(entry, kind) for entry in self.operators}) != len(
                OPERATORS
            ):
                raise Malformed(f"Two operators of a charter have the same {kind}.")
        signing = {entry.signing_key for entry in self.operators}
        if any(entry.log_key in signing for entry in self.operators):
            raise Malformed("A charter's log_key must sign nothing but notes of logs.")

    def entry(self, operator: OperatorId) -> OperatorEntry:
        """Return what the charter says about one operator."""
        return self.operators[OPERATORS.index(operator)]

    def thresholds_for(self, forms: tuple[Form, ...]) -> Thresholds:
        """Return the thresholds of a set of forms. Raises: Refused: it has none."""
        for thresholds in self.thresholds:
            if thresholds.forms == forms:
                return thresholds
        raise Refused(
            f"Network {self.network} does not compare {' and '.join(forms)}: see its "
            "charter for the forms that it does."
        )


CHARTER: Final = Shape(
    tags.CHARTER,
    Charter,
    limits.CHARTER,
    {
        "network": NETWORK,
        "version": whole(1),
        "epoch": EPOCH,
        "laboratory": flag(),
        "forms": many(choice(Form), 1, len(Form)),
        "thresholds": many(THRESHOLDS.nested(), 1, limits.FORM_SETS),
        "encoder": text(limits.ENCODER),
        "proved_search": whole(0, limits.PROVED_SEARCH),
        "operators": many(OPERATOR_ENTRY.nested(), len(OPERATORS), len(OPERATORS)),
    },
)


@dataclass(frozen=True, slots=True)
class SignedCharter:
    """A charter and what should be its operators' signatures: not checked yet."""

    charter: Charter
    signatures: tuple[bytes, ...]  # 64 bytes each, operator 1's first

    def __post_init__(self) -> None:
        """Check the fields."""
        SIGNED_CHARTER.check(self)


SIGNED_CHARTER: Final = Shape(
    tags.SIGNED_CHARTER,
    SignedCharter,
    limits.CHARTER + 512,
    {
        "charter": CHARTER.nested(),
        "signatures": many(SIGNATURE, len(OPERATORS), len(OPERATORS)),
    },
)


@dataclass(frozen=True, slots=True)
class TrustedCharter:
    """A charter that all three of its operators signed. Made by `trust` alone."""

    charter: Charter
    digest: bytes  # 32 bytes, what others pin


def charter_digest(charter: Charter) -> bytes:
    """Return the 32 bytes by which a charter is pinned."""
    return digest.digest(tags.CHARTER_DIGEST, CHARTER.encode(charter))


def sign_charter(charter: Charter, sign: signature.Signer) -> bytes:
    """Sign a charter with an operator's key. Returns 64 bytes."""
    return sign(tags.CHARTER_SIGNATURE, CHARTER.encode(charter))


def trust(signed: SignedCharter) -> TrustedCharter:
    """Check all three signatures.

    Raises: Unproven: naming the operator that did not sign this charter.
    """
    encoded = CHARTER.encode(signed.charter)
    for entry, proof in zip(signed.charter.operators, signed.signatures, strict=True):
        try:
            signature.verify(entry.signing_key, proof, tags.CHARTER_SIGNATURE, encoded)
        except Unproven:
            raise Unproven(
                f"Operator {entry.operator} did not sign this charter of network "
                f"{signed.charter.network}: get the charter from the network again."
            ) from None
    return TrustedCharter(signed.charter, charter_digest(signed.charter))
