"""What a wallet sends: a signed request, and for each operator a sealed box.

    [header, network, charter digest, epoch, request, purpose, handle, owner_key,
             not_before, not_after, forms, grant, since]
    [request, header, [box digest, box digest, box digest], signature]
    [submission, request, [signed grant], box]

All three operators get the same request, each its own box, so each sees that the two
others were sent what the owner signed. The owner signs the header and the digests.
A box opens only under the header's digest and the operator's number, and so for one
network, charter, epoch, request, purpose, record and operator. What is done under a
grant names it by its digest.

Whether a request id was seen before, and whether the key is the record's, is for the
operator's room. Specification: docs/spec/wire.md, section 3.
"""

from dataclasses import dataclass
from typing import Final

from ipse.crypto import digest, hpke, signature
from ipse.crypto.digest import DIGEST_BYTES
from ipse.ground.errors import Malformed, Refused, Unproven
from ipse.ground.names import (
    OPERATORS,
    Epoch,
    Form,
    Handle,
    Instant,
    OperatorId,
    Purpose,
    RequestId,
)
from ipse.wire import grant, limits, tags
from ipse.wire.charter import OperatorEntry, TrustedCharter
from ipse.wire.fields import choice, many, octets, whole
from ipse.wire.grant import (
    SIGNED_GRANT,
    SignedGrant,
    check_grant,
    expect_current,
    expect_operation,
)
from ipse.wire.kinds import (
    DIGEST,
    EPOCH,
    FORMS,
    HANDLE,
    INSTANT,
    NETWORK,
    REQUEST_ID,
    SIGNATURE,
    SIGNING_KEY,
    expect_digest_or_nothing,
    expect_ordered,
)
from ipse.wire.parts import CONTENTS, Contents
from ipse.wire.record import Shape

BOXED: Final = frozenset({Purpose.ENROL, Purpose.VERIFY, Purpose.SEED, Purpose.BITS})
"""Purposes whose request carries templates. The others carry empty boxes."""

LABORATORY: Final = frozenset({Purpose.SEED, Purpose.BITS})
"""Purposes that only a laboratory network serves."""

GRANTED: Final = grant.GRANTED | {Purpose.WITHDRAW}
"""Purposes whose request names a grant, and comes with it."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is asked, of whom, by whom and when."""

    network: str  # the charter's
    charter_digest: bytes  # 32 bytes
    epoch: Epoch
    request: RequestId  # 16 random bytes
    purpose: Purpose
    handle: Handle  # 16 random bytes
    owner_key: bytes  # 32 bytes, Ed25519
    not_before: Instant
    not_after: Instant
    forms: tuple[Form, ...]  # of the templates in the boxes; none where there are none
    grant: bytes  # 32 bytes: its digest; empty where none is needed
    since: int  # the first receipt that is wanted, from 1; 0 where none is

    def __post_init__(self) -> None:
        """Check the fields, the window, and that the forms fit the purpose."""
        HEADER.check(self)
        signature.check_key(self.owner_key)
        if not 0 < self.not_after - self.not_before <= limits.WINDOW:
            raise Malformed(
                f"A request must hold for 1 to {limits.WINDOW} ms: sign a new one."
            )
        expect_ordered("A request's forms", self.forms)
        if (self.purpose in BOXED) is not bool(self.forms):
            raise Malformed(
                f"A request to {self.purpose} must name "
                f"{'a form' if self.purpose in BOXED else 'no forms'}."
            )
        expect_digest_or_nothing("A request's grant", self.grant)
        if (self.purpose in GRANTED) is not bool(self.grant):
            raise Malformed("A request must name a grant exactly where one is needed.")
        if (self.purpose is Purpose.LEDGER) is not bool(self.since):
            raise Malformed("A request must name a receipt exactly if it wants some.")


HEADER: Final = Shape(
    tags.HEADER,
    Header,
    1_024,
    {
        "network": NETWORK,
        "charter_digest": DIGEST,
        "epoch": EPOCH,
        "request": REQUEST_ID,
        "purpose": choice(Purpose),
        "handle": HANDLE,
        "owner_key": SIGNING_KEY,
        "not_before": INSTANT,
        "not_after": INSTANT,
        "forms": FORMS,
        "grant": octets(0, DIGEST_BYTES),
        "since": whole(0),
    },
)


@dataclass(frozen=True, slots=True)
class Request:
    """A header, what was sealed under it, and the owner's word for both."""

    header: Header
    sealed: tuple[bytes, ...]  # 32 bytes each: box_digest for operators 1, 2, 3
    signature: bytes  # 64 bytes, the owner's: not checked yet

    def __post_init__(self) -> None:
        """Check the fields."""
        REQUEST.check(self)


REQUEST: Final = Shape(
    tags.REQUEST,
    Request,
    2_048,
    {
        "header": HEADER.nested(),
        "sealed": many(DIGEST, len(OPERATORS), len(OPERATORS)),
        "signature": SIGNATURE,
    },
)


@dataclass(frozen=True, slots=True)
class Submission:
    """What is sent to one operator."""

    request: Request
    granted: tuple[SignedGrant, ...]  # the one that the header names, if it names one
    box: bytes  # sealed Contents for this operator; empty if nothing is to be sent

    def __post_init__(self) -> None:
        """Check the fields, and that there is a box exactly where one belongs."""
        SUBMISSION.check(self)
        if (self.request.header.purpose in BOXED) is not bool(self.box):
            raise Malformed("A box must come with forms, and forms with a box.")
        named = tuple(signed.digest for signed in self.granted)
        if named != ((self.request.header.grant,) if self.request.header.grant else ()):
            raise Malformed("A request must come with the grant that it names.")


SUBMISSION: Final = Shape(
    tags.SUBMISSION,
    Submission,
    limits.SUBMISSION,
    {
        "request": REQUEST.nested(),
        "granted": many(SIGNED_GRANT.nested(), 0, 1),
        "box": octets(0, limits.BOX),
    },
)


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """A request that holds here and now. Made by `check_request` alone."""

    request: Request
    digest: bytes  # 32 bytes, request_digest
    granted: tuple[SignedGrant, ...]  # the owner's, for this record; one if any
    box: bytes  # the box for this operator, as the owner signed it

    @property
    def header(self) -> Header:
        """What is asked."""
        return self.request.header


def header_digest(header: Header) -> bytes:
    """Return 32 bytes that name the header."""
    return digest.digest(tags.HEADER_DIGEST, HEADER.encode(header))


def request_digest(request: Request) -> bytes:
    """Return 32 bytes that name the request, with its signature."""
    return digest.digest(tags.REQUEST_DIGEST, REQUEST.encode(request))


def box_digest(box: bytes) -> bytes:
    """Return 32 bytes that name a sealed box, or the empty one."""
    return digest.digest(tags.BOX_DIGEST, box)


def box_info(header: Header, operator: OperatorId) -> bytes:
    """Return what a box is bound to: tag ‖ 0x00 ‖ header digest ‖ operator, 1 byte."""
    return digest.tagged(tags.BOX_INFO, header_digest(header) + bytes([operator]))


def seal_contents(contents: Contents, header: Header, entry: OperatorEntry) -> bytes:
    """Seal an operator's parts to it. Run by the wallet."""
    _expect_forms(header, contents)
    plain = CONTENTS.encode(contents)
    return hpke.seal(entry.sealing_key, box_info(header, entry.operator), plain)


def read_contents(plain: bytes, header: Header) -> Contents:
    """Read what an operator found in its box. Run by the operator.

    Raises: Malformed: it is no Contents, or not of the forms that the header names.
    """
    contents = CONTENTS.decode(plain)
    _expect_forms(header, contents)
    return contents


def sign_request(
    header: Header, boxes: tuple[bytes, ...], sign: signature.Signer
) -> Request:
    """Sign a header and its three boxes with the owner's key."""
    sealed = tuple(box_digest(box) for box in boxes)
    message = _signed_message(header, sealed)
    return Request(header, sealed, sign(tags.REQUEST_SIGNATURE, message))


def check_request(
    submission: Submission,
    charter: TrustedCharter,
    operator: OperatorId,
    now: Instant,
) -> VerifiedRequest:
    """Check all of a submission that an operator can check without its store.

    Raises:
        Refused: for another network, charter, epoch, record or time, or not served
            here.
        Unproven: the box, the grant or the signature is not what the owner signed.
    """
    request, header, rules = (
        submission.request,
        submission.request.header,
        charter.charter,
    )
    # (1) it is for this network, under this charter and in this epoch
    if header.network != rules.network:
        raise Refused(
            f"This request is for network {header.network}, and this is "
            f"{rules.network}: send it there."
        )
    if not digest.same(header.charter_digest, charter.digest):
        raise Refused(
            "This request was made under another charter: get the network's charter "
            "again, compare it, and sign a new request."
        )
    if header.epoch != rules.epoch:
        raise Refused(
            f"This request is for epoch {header.epoch}, and it is {rules.epoch} now: "
            "sign a new request."
        )
    # (2) it is for now
    if now < header.not_before:
        raise Refused("This request is for later: check the clock of your device.")
    if now > header.not_after:
        raise Refused(
            "This request is over: sign a new one, and check the clock of your device."
        )
    # (3) this network serves its purpose, and compares its forms
    if header.purpose in LABORATORY and not rules.laboratory:
        raise Refused(
            f"Network {rules.network} is no laboratory: it does not serve "
            f"{header.purpose}."
        )
    if header.forms:
        rules.thresholds_for(header.forms)
    # (4) the box is the one that the owner signed for this operator
    expected = request.sealed[OPERATORS.index(operator)]
    if not digest.same(box_digest(submission.box), expected):
        raise Unproven("The box is not the one that the owner signed: send it again.")
    # (5) the owner signed
    signature.verify(
        header.owner_key,
        request.signature,
        tags.REQUEST_SIGNATURE,
        _signed_message(header, request.sealed),
    )
    # (6) its grant is for this record, by its owner, and for now
    for signed in submission.granted:
        _check_grant(signed, charter, header, now)
    asked = request_digest(request)
    return VerifiedRequest(request, asked, submission.granted, submission.box)


def _check_grant(
    signed: SignedGrant, charter: TrustedCharter, header: Header, now: Instant
) -> None:
    check_grant(signed, charter, header.handle, header.owner_key)
    if header.purpose in grant.GRANTED:
        expect_operation(signed.grant, header.purpose)
        expect_current(signed.grant, now)


def _signed_message(header: Header, sealed: tuple[bytes, ...]) -> bytes:
    """Return header digest ‖ three box digests: 128 bytes."""
    return header_digest(header) + b"".join(sealed)


def _expect_forms(header: Header, contents: Contents) -> None:
    """Refuse parts that are not the header's forms in order; seeding repeats them."""
    found = tuple(part.form for part in contents.parts)
    bodies = len(found) // len(header.forms) if header.forms else 0
    if header.purpose is not Purpose.SEED:
        bodies = min(bodies, 1)
    if found != header.forms * bodies:
        raise Malformed(
            "The parts in the box are not of the forms that were announced."
        )
