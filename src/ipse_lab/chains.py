"""A record's receipts as three operators of the example network tell them.

receipts_of(...)    an enrolment, and then verifications that ended so
signed_by_all(...)  every receipt with every operator's signature
end(...)            an operator's verdict on where the ledger ends
"""

from ipse.ground.names import Instant, OperatorId, Outcome, Purpose, RequestId
from ipse.receipt.chain import Place, add, begin_chain
from ipse.receipt.tags import ledger_key
from ipse.wire.change import Use
from ipse.wire.receipt import Receipt, SignedReceipt, receipt_digest, sign_receipt
from ipse.wire.request import request_digest, sign_request
from ipse.wire.verdict import Verdict, finding_for, sign_verdict
from ipse_lab.example_messages import NOW
from ipse_lab.examples import (
    NETWORK,
    header,
    keyrings,
    sign_as_owner,
    signed_grant,
    trusted_charter,
)

STEP_MS = 1_000
KEY = ledger_key(header().handle)


def sign(operator: int, receipt: Receipt) -> SignedReceipt:
    """Sign a receipt as an operator, whatever it says."""
    keyring = keyrings()[operator - 1]
    return sign_receipt(receipt, OperatorId(operator), keyring.sign)


def receipts_of(*outcomes: Outcome) -> tuple[Receipt, ...]:
    """Return the receipts of an enrolment, and of verifications that ended so."""
    place = Place(NETWORK, trusted_charter().digest)
    asked = header()
    chain, receipts = begin_chain(asked.owner_key), list[Receipt]()
    for number, outcome in enumerate((Outcome.ENROLLED, *outcomes)):
        is_first = number == 0
        use = Use(
            RequestId(number.to_bytes(16)),
            asked.handle,
            asked.owner_key,
            Purpose.ENROL if is_first else Purpose.VERIFY,
            () if is_first else (signed_grant(),),
        )
        at = Instant(NOW + number * STEP_MS)
        receipt, chain = add(chain, use, outcome, at, place)
        receipts.append(receipt)
    return tuple(receipts)


def signed_by_all(receipts: tuple[Receipt, ...]) -> list[SignedReceipt]:
    """Return all receipts with all operators' signatures."""
    return [sign(operator, each) for each in receipts for operator in (1, 2, 3)]


def end(operator: int, last: Receipt | None, at: int) -> Verdict:
    """Return an operator's verdict that a ledger ends with a receipt."""
    asked = header(Purpose.LEDGER, ())
    request = sign_request(asked, (b"", b"", b""), sign_as_owner)
    digest = b"" if last is None else receipt_digest(last)
    finding = finding_for(
        asked, request_digest(request), Outcome.LISTED, receipt=digest
    )
    keyring = keyrings()[operator - 1]
    return sign_verdict(finding, keyring.operator, Instant(at), keyring.sign)
