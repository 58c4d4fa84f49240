"""Admission: what is checked at the door, before a request may wait for its job.

    (1) the body is no larger than a submission may be     ipse.net.http
    (2) it is a submission, in its one spelling
    (3) network, charter, epoch, window, purpose, forms, box and owner's signature
        (numbered again in ipse.wire.request.check_request)
    (4) a new record would have a form that can be searched
    (5) the box opens, and holds the announced forms, each of the right length
    (6) this request id was not seen before
    (7) and if it was, this operator would know: its memory reaches as far back

Whether the record exists and whether the key is its key is not decided here but at
the table, because only there requests stand in an order (ipse.operator.stance).
"""

from dataclasses import dataclass
from typing import Final

from ipse.crypto.secret import Secret
from ipse.ground.errors import Refused, Unproven
from ipse.ground.names import Form, Instant, OperatorId, Purpose, RequestId
from ipse.ports import Keys
from ipse.shares.replicated import Upload, read_upload
from ipse.store.ledger import Ledger
from ipse.wire.charter import TrustedCharter
from ipse.wire.parts import WirePart
from ipse.wire.request import (
    SUBMISSION,
    Header,
    VerifiedRequest,
    box_info,
    check_request,
    read_contents,
)

SEARCHED: Final = (Form.FACE, Form.CODE)
"""Forms by which one body is found among all. A record has exactly one of them."""


@dataclass(frozen=True, slots=True, repr=False)
class Admitted(Secret):
    """A request that passed the door, with what its box held."""

    request: VerifiedRequest
    sent: tuple[WirePart, ...]  # as they came, for the tags
    uploads: tuple[Upload, ...]  # body after body, each in the order of the forms

    @property
    def header(self) -> Header:
        """What is asked."""
        return self.request.header

    @property
    def id(self) -> RequestId:
        """The request's id."""
        return self.request.header.request

    @property
    def bodies(self) -> int:
        """How many bodies the uploads are of."""
        forms = len(self.header.forms)
        return len(self.uploads) // forms if forms else 0


def admit(
    encoded: bytes,
    *,
    charter: TrustedCharter,
    operator: OperatorId,
    keys: Keys,
    ledger: Ledger,
    now: Instant,
) -> Admitted:
    """Check a submission from its bytes on.

    Raises: Malformed, Refused, Unproven: naming the first rule broken.
    """
    # (2) it is a submission
    submission = SUBMISSION.decode(encoded)
    # (3) it is for here and now, and as the owner signed it
    request = check_request(submission, charter, operator, now)
    header = request.header
    # (4) a record must be findable
    if header.purpose in (Purpose.ENROL, Purpose.SEED):
        expect_searchable(header.forms)
    # (5) the box opens
    sent = _open(request, operator, keys)
    uploads = tuple(read_upload(part) for part in sent)
    # (6) last, so that nothing that fails is remembered
    ledger.see(header.request, header.not_after, now)
    # (7) after it, because it is by seeing that a ledger finds out what it forgot
    if header.not_before <= ledger.remembers_since:
        raise Refused(
            "This operator cannot know whether it was sent this request before: sign "
            "a new one, in some seconds."
        )
    return Admitted(request, sent, uploads)


def expect_searchable(forms: tuple[Form, ...]) -> None:
    """Refuse a record that could never be found, or in two ways."""
    if len([form for form in SEARCHED if form in forms]) != 1:
        raise Refused(
            "A record must have either a face or a code, and may have a voice beside "
            "a face: enrol with one of them."
        )


def _open(
    request: VerifiedRequest, operator: OperatorId, keys: Keys
) -> tuple[WirePart, ...]:
    if not request.box:
        return ()
    try:
        plain = keys.unseal(box_info(request.header, operator), request.box)
    except Unproven:
        raise Unproven(
            f"The box does not open for operator {operator} and this request: seal it "
            "anew for the operator that it is sent to."
        ) from None
    return read_contents(plain, request.header).parts
