"""What evidence shows: signed words that no honest operator signs.

    forked          one operator signed two receipts of one place in a chain, or two
                    that follow each other by number and not by digest
    contradicted    two operators signed different receipts of one place: one of the
                    two writes its own ledger
    stale           one operator signed what a record's last receipt is, after it had
                    signed a later one

Whoever has the charter can check it. A tag is of one record and one number, so two
receipts with one tag are of one place, and no key of the owner's is needed to see it.
"""

from dataclasses import dataclass
from enum import StrEnum

from ipse.ground.errors import Unproven
from ipse.ground.names import OperatorId, Purpose
from ipse.receipt.tags import LedgerKey
from ipse.wire.charter import TrustedCharter
from ipse.wire.evidence import Evidence
from ipse.wire.receipt import (
    NOTHING_BEFORE,
    Receipt,
    SignedReceipt,
    check_receipt,
    receipt_digest,
)
from ipse.wire.verdict import Verdict, check_verdict


class Wrong(StrEnum):
    """What evidence shows."""

    FORKED = "forked"
    CONTRADICTED = "contradicted"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Convicted:
    """What evidence shows, and of whom: of one operator, or of one of two."""

    wrong: Wrong
    operators: tuple[OperatorId, ...]


def convict(evidence: Evidence, charter: TrustedCharter) -> Convicted:
    """Return what evidence shows.

    Raises: Unproven: a signature does not hold, or all of it goes together.
    """
    # (1) each word is its operator's
    for signed in evidence.receipts:
        check_receipt(signed, charter)
    for verdict in evidence.verdicts:
        check_verdict(verdict, charter)
    # (2) they do not go together
    key = LedgerKey(evidence.key) if evidence.key else None
    match evidence.receipts, evidence.verdicts:
        case (one, other), () if is_one_place(one.receipt, other.receipt):
            operators = tuple(sorted({one.operator, other.operator}))
            wrong = Wrong.FORKED if len(operators) == 1 else Wrong.CONTRADICTED
            return Convicted(wrong, operators)
        case (one, other), () if key and one.operator == other.operator:
            if is_misfit(one.receipt, other.receipt, key):
                return Convicted(Wrong.FORKED, (one.operator,))
        case (later,), (verdict,) if later.operator == verdict.operator:
            if is_stale(verdict, later, key):
                return Convicted(Wrong.STALE, (verdict.operator,))
        case _:
            pass
    raise Unproven("All of this goes together: it is evidence against nobody.")


def is_one_place(one: Receipt, other: Receipt) -> bool:
    """Say whether two different receipts stand in one place of one chain."""
    return one.tag == other.tag and one != other


def is_misfit(one: Receipt, other: Receipt, key: LedgerKey) -> bool:
    """Say whether two receipts of a record follow each other, and do not fit."""
    before, after = sorted((one, other), key=lambda receipt: receipt.number)
    return (
        after.number == before.number + 1
        and all(each.tag == key.tag(each.number) for each in (before, after))
        and after.previous != receipt_digest(before)
    )


def is_stale(verdict: Verdict, later: SignedReceipt, key: LedgerKey | None) -> bool:
    """Say whether a ledger was said to end before a receipt that was begun earlier."""
    finding, receipt = verdict.finding, later.receipt
    if finding.purpose is not Purpose.LEDGER or receipt.at >= verdict.at:
        return False
    if finding.receipt:
        return receipt.previous == finding.receipt
    is_first = receipt.previous == NOTHING_BEFORE
    return is_first and key is not None and receipt.tag == key.tag(receipt.number)
