"""A small network that never existed: one example of every wire record.

Everything follows from counted dice, so it is the same on each machine and in each
run; the vectors under tests/vectors are these records. Only boxes are not here to be
opened, because sealing throws its own dice: tests seal theirs.
"""

import importlib
import pkgutil
from functools import cache
from typing import Any, Final

import ipse.wire
from ipse.crypto import signature
from ipse.ground.names import (
    GRANT_ID_BYTES,
    OPERATORS,
    Epoch,
    Falsehood,
    Form,
    GrantId,
    Handle,
    Instant,
    Outcome,
    Purpose,
    RequestId,
    Slot,
)
from ipse.keys.operator import OperatorKeyring, draw_keyring
from ipse.receipt.tags import ledger_key
from ipse.wire import tags
from ipse.wire.change import Change, Kind, Planned, Use
from ipse.wire.charter import (
    Charter,
    SignedCharter,
    Thresholds,
    TrustedCharter,
    sign_charter,
    trust,
)
from ipse.wire.complaint import (
    Complained,
    Complaint,
    SignedComplaint,
    sign_complaint,
)
from ipse.wire.evidence import Evidence
from ipse.wire.grant import SALT_BYTES, Grant, SignedGrant, salted, sign_grant
from ipse.wire.known_answer import KnownAnswer, Sent
from ipse.wire.parts import SEED, VECTOR, Contents, WireComponent, WirePart
from ipse.wire.peer import Decision, Ruling
from ipse.wire.receipt import (
    Receipt,
    SignedReceipt,
    receipt_digest,
    sign_receipt,
)
from ipse.wire.record import Shape
from ipse.wire.request import (
    GRANTED,
    Header,
    Request,
    Submission,
    request_digest,
    sign_request,
)
from ipse.wire.saved import Note, SavedLedger
from ipse.wire.verdict import Finding, Verdict, finding_for, sign_verdict
from ipse_lab.example_messages import MESSAGES, NOW
from ipse_lab.fakes import CountedEntropy

NETWORK: Final = "example"
AUDIENCE: Final = "the bank"
REASON: Final = "to open an account"
BOXES: Final = (b"first box", b"second box", b"third box")


@cache
def shapes() -> dict[str, Shape[Any]]:
    """Return every record's shape that ipse.wire defines, by tag."""
    found: dict[str, Shape[Any]] = {}
    for module in pkgutil.iter_modules(ipse.wire.__path__, "ipse.wire."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Shape):
                found[value.tag] = value
    return found


@cache
def keyrings() -> tuple[OperatorKeyring, ...]:
    """Return the keys of operators 1, 2 and 3."""
    return tuple(
        draw_keyring(NETWORK, operator, CountedEntropy(f"operator {operator}"), NOW)
        for operator in OPERATORS
    )


@cache
def owner_seed() -> bytes:
    """Return the 32 bytes that the owner's key grows from."""
    return CountedEntropy("owner").draw(signature.KEY_BYTES)


def sign_as_owner(tag: str, message: bytes) -> bytes:
    """Sign with the owner's key."""
    return signature.sign(owner_seed(), tag, message)


@cache
def charter() -> Charter:
    """Return what the network says about itself."""
    return Charter(
        network=NETWORK,
        version=1,
        epoch=Epoch(7),
        laboratory=True,
        forms=(Form.FACE, Form.VOICE),
        thresholds=(
            Thresholds((Form.FACE,), 3_000, 3_500),
            Thresholds((Form.FACE, Form.VOICE), 5_000, 6_000),
        ),
        encoder="SFace 2021-12, Resemblyzer 0.1.4",
        proved_search=1_000,
        operators=tuple(
            keyring.entry(
                f"Operator {keyring.operator}",
                f"127.0.0.1:{7_000 + keyring.operator}",
                f"https://localhost:{7_100 + keyring.operator}",
            )
            for keyring in keyrings()
        ),
    )


@cache
def signed_charter() -> SignedCharter:
    """Return the charter with its operators' signatures."""
    return SignedCharter(
        charter(), tuple(sign_charter(charter(), ring.sign) for ring in keyrings())
    )


@cache
def trusted_charter() -> TrustedCharter:
    """Return the charter as a wallet holds it."""
    return trust(signed_charter())


def header(
    purpose: Purpose = Purpose.VERIFY, forms: tuple[Form, ...] = (Form.FACE,)
) -> Header:
    """Return a header of the owner's."""
    return Header(
        network=NETWORK,
        charter_digest=trusted_charter().digest,
        epoch=Epoch(7),
        request=RequestId(bytes(range(16))),
        purpose=purpose,
        handle=Handle(bytes(range(16, 32))),
        owner_key=signature.public_key(owner_seed()),
        not_before=NOW,
        not_after=Instant(NOW + 60_000),
        forms=forms,
        grant=signed_grant().digest if purpose in GRANTED else b"",
        since=1 if purpose is Purpose.LEDGER else 0,
    )


@cache
def signed_grant() -> SignedGrant:
    """Return the owner's grant, to verify three times within a day."""
    dice = CountedEntropy("grant")
    grant = Grant(
        network=NETWORK,
        charter_digest=trusted_charter().digest,
        grant=GrantId(dice.draw(GRANT_ID_BYTES)),
        handle=Handle(bytes(range(16, 32))),
        owner_key=signature.public_key(owner_seed()),
        operation=Purpose.VERIFY,
        purpose=salted(tags.GRANT_PURPOSE, dice.draw(SALT_BYTES), REASON),
        audience=salted(tags.GRANT_AUDIENCE, dice.draw(SALT_BYTES), AUDIENCE),
        not_before=NOW,
        not_after=Instant(NOW + 86_400_000),
        uses=3,
    )
    return sign_grant(grant, sign_as_owner)


def note() -> Note:
    """Return the grant in its owner's words."""
    dice = CountedEntropy("grant")
    dice.draw(GRANT_ID_BYTES)
    purpose_salt, audience_salt = dice.draw(SALT_BYTES), dice.draw(SALT_BYTES)
    return Note(signed_grant(), AUDIENCE, REASON, audience_salt, purpose_salt)


def change() -> Change:
    """Return the change that the request brings: its use."""
    asked = header()
    use = Use(
        asked.request,
        asked.handle,
        asked.owner_key,
        asked.purpose,
        (signed_grant(),),
    )
    return Change(asked.request, Kind.USE, NOW, 4, (), (use,))


def receipt() -> Receipt:
    """Return the receipt of the use, the record's second."""
    return Receipt(
        network=NETWORK,
        charter_digest=trusted_charter().digest,
        tag=ledger_key(header().handle).tag(2),
        number=2,
        previous=CountedEntropy("receipt").draw(32),
        operation=Purpose.VERIFY,
        outcome=Outcome.MATCHED,
        grant=signed_grant().digest,
        at=NOW,
        tries=0,
    )


def signed_receipt() -> SignedReceipt:
    """Return the receipt with operator 2's signature."""
    keyring = keyrings()[1]
    return sign_receipt(receipt(), keyring.operator, keyring.sign)


def request() -> Request:
    """Return a request to verify, over boxes that do not open."""
    return sign_request(header(), BOXES, sign_as_owner)


def finding() -> Finding:
    """Return what the operators found about the request."""
    asked = request()
    return finding_for(
        asked.header,
        request_digest(asked),
        Outcome.MATCHED,
        receipt=receipt_digest(receipt()),
    )


def verdict() -> Verdict:
    """Return operator 2's word for the finding."""
    keyring = keyrings()[1]
    return sign_verdict(
        finding(), keyring.operator, NOW, keyring.sign, (signed_receipt(),)
    )


def decision() -> Decision:
    """Return what operator 1 decided of the change, for whoever missed it."""
    asked = header()
    return Decision(asked.request, Ruling.COMMIT, (Outcome.MATCHED,), (change(),))


def sent() -> Sent:
    """Return an enrolment of an invented body, answered by two operators."""
    asked = sign_request(header(Purpose.ENROL), BOXES, sign_as_owner)
    answer = finding_for(asked.header, request_digest(asked), Outcome.ENROLLED)
    verdicts = tuple(
        sign_verdict(answer, ring.operator, NOW, ring.sign) for ring in keyrings()[:2]
    )
    vector = bytes(number % 256 for number in range(-64, 64))
    return Sent(asked, BOXES, (vector,), (bytes(32), bytes(range(32))), verdicts)


def contents() -> Contents:
    """Return what a box might hold: one part, its vector cut short."""
    return Contents(
        (
            WirePart(
                Form.FACE,
                WireComponent(SEED, bytes(range(32))),
                WireComponent(VECTOR, bytes(range(64))),
            ),
        )
    )


def complaint() -> Complaint:
    """Return what operator 2 says of a call in which a row was not the stored one."""
    return Complaint(
        network=NETWORK,
        charter_digest=trusted_charter().digest,
        epoch=Epoch(7),
        call=CountedEntropy("call").draw(32),
        operator=OPERATORS[1],
        suspects=(OPERATORS[0], OPERATORS[2]),
        falsehood=Falsehood.ROW,
        at=NOW,
    )


def signed_complaint() -> SignedComplaint:
    """Return the complaint with operator 2's signature."""
    return sign_complaint(complaint(), keyrings()[1].sign)


@cache
def records() -> dict[str, object]:
    """Return one example of every record of ipse.wire, by tag."""
    return {
        tags.OPERATOR_ENTRY: charter().operators[0],
        tags.THRESHOLDS: charter().thresholds[1],
        tags.CHARTER: charter(),
        tags.SIGNED_CHARTER: signed_charter(),
        tags.HEADER: header(),
        tags.REQUEST: request(),
        tags.SUBMISSION: Submission(request(), (signed_grant(),), BOXES[0]),
        tags.COMPONENT: contents().parts[0].first,
        tags.PART: contents().parts[0],
        tags.CONTENTS: contents(),
        tags.FINDING: finding(),
        tags.VERDICT: verdict(),
        tags.GRANT: signed_grant().grant,
        tags.SIGNED_GRANT: signed_grant(),
        tags.RECEIPT: receipt(),
        tags.SIGNED_RECEIPT: signed_receipt(),
        tags.EVIDENCE: Evidence(b"", (signed_receipt(),), (verdict(),)),
        tags.NOTE: note(),
        tags.SAVED: SavedLedger((verdict(), verdict()), (signed_receipt(),), (note(),)),
        tags.CHANGE: change(),
        tags.USE: change().uses[0],
        tags.PLANNED: Planned(
            header().handle, Slot(4_711), header().owner_key, (Form.FACE,)
        ),
        tags.DECISION: decision(),
        tags.SENT: sent(),
        tags.KNOWN_ANSWER: KnownAnswer((sent(),), sent()),
        tags.COMPLAINT: complaint(),
        tags.SIGNED_COMPLAINT: signed_complaint(),
        tags.COMPLAINED: Complained(OPERATORS[2], (signed_complaint(),)),
        **MESSAGES,
    }
