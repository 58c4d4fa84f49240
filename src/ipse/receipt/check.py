"""What three operators' lists of a record's receipts prove.

    told, kept --> entries, in their order, each with who signed it
                   faults: what is missing, or does not go together, and who did it

A ledger is complete if it has no faults: each receipt from the first to the one that
every operator's signed verdict names as the last, each signed by two operators, each
naming the one before by its digest. So nobody can leave one out, or put one in.

    (1) each receipt is its operator's word, under this charter, and of this record
    (2) no operator has two words for one place
    (3) no two operators say different things of one place
    (4) no place is empty, and each follows the one before
    (5) each place has a quorum's signatures
    (6) each operator's list ends where the chain does
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from ipse.ground.errors import Malformed, Unproven
from ipse.ground.names import OperatorId
from ipse.receipt.evidence import is_misfit, is_one_place, is_stale
from ipse.receipt.tags import LedgerKey
from ipse.wire.charter import TrustedCharter
from ipse.wire.evidence import Evidence
from ipse.wire.receipt import (
    FIRST,
    Receipt,
    SignedReceipt,
    check_receipt,
    receipt_digest,
)
from ipse.wire.verdict import QUORUM, Verdict


@dataclass(frozen=True, slots=True)
class Entry:
    """One receipt that counts, and who signed it."""

    receipt: Receipt
    signed_by: tuple[OperatorId, ...]  # by number

    @property
    def is_proven(self) -> bool:
        """A quorum signed it."""
        return len(self.signed_by) >= QUORUM


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that an honest network does not do."""

    sentence: str
    operators: tuple[OperatorId, ...]  # who did it, or one of whom; nobody if unknown
    number: int  # of the receipt that it is about
    evidence: Evidence | None  # what convicts, for whoever has the charter


@dataclass(frozen=True, slots=True)
class Proof:
    """What the lists prove."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]

    @property
    def is_complete(self) -> bool:
        """Nothing is missing, and everything goes together."""
        return not self.faults


def check_lists(
    signed: Iterable[SignedReceipt],
    ends: Sequence[Verdict],
    key: LedgerKey,
    charter: TrustedCharter,
) -> Proof:
    """Check all that is known of a record's receipts.

    Run by: the owner, and whoever is shown a saved ledger.

    Args:
        signed: receipts by any operators, told now or kept from before.
        ends: what operators said lately of where the ledger ends; their signatures
            hold (`ipse.wire.verdict.check_verdict`).
        key: the record's.
        charter: the network's.
    """
    faults = list[Fault]()
    own = [each for each in signed if not _is_foreign(each, key, charter, faults)]
    by_operator = _by_operator(own, faults)
    entries = _chain(by_operator, faults)
    _expect_linked(entries, by_operator, key, faults)
    for entry in entries:
        if not entry.is_proven:
            number = entry.receipt.number
            faults.append(
                Fault(f"Receipt {number} has no second signature.", (), number, None)
            )
    for verdict in ends:
        _expect_end(verdict, entries, by_operator, key, faults)
    return Proof(entries, tuple(faults))


Signed = Mapping[OperatorId, Mapping[int, SignedReceipt]]
"""Receipts by operator and number."""


def _is_foreign(
    each: SignedReceipt, key: LedgerKey, charter: TrustedCharter, faults: list[Fault]
) -> bool:
    """Note a receipt that is not its operator's word, or not of this record: (1)."""
    receipt, operator = each.receipt, each.operator
    try:
        check_receipt(each, charter)
    except (Malformed, Unproven) as fault:
        sentence = (
            f"Receipt {receipt.number}: what is said to be operator {operator}'s "
            f"signature does not hold. {fault}"
        )
        faults.append(Fault(sentence, (operator,), receipt.number, None))
        return True
    if receipt.tag != key.tag(receipt.number):
        sentence = f"Operator {operator} told a receipt of another record."
        faults.append(Fault(sentence, (operator,), receipt.number, None))
        return True
    return False


def _by_operator(own: Sequence[SignedReceipt], faults: list[Fault]) -> Signed:
    """Sort receipts, and note operators that have two words for one place: (2)."""
    found: dict[OperatorId, dict[int, SignedReceipt]] = {}
    for each in own:
        number = each.receipt.number
        known = found.setdefault(each.operator, {}).setdefault(number, each)
        if is_one_place(known.receipt, each.receipt):
            sentence = (
                f"Operator {each.operator} signed two different receipts {number}."
            )
            evidence = Evidence(b"", (known, each), ())
            faults.append(Fault(sentence, (each.operator,), number, evidence))
    return found


def _chain(by_operator: Signed, faults: list[Fault]) -> tuple[Entry, ...]:
    """Choose what most say of each place; note who says otherwise: (3), (4)."""
    last = max((max(own, default=0) for own in by_operator.values()), default=0)
    entries = list[Entry]()
    for number in range(FIRST, last + 1):
        said = [own[number] for own in by_operator.values() if number in own]
        if not said:
            later = tuple(n for n, own in by_operator.items() if max(own) > number)
            sentence = f"Receipt {number} is missing, and a later one is there."
            faults.append(Fault(sentence, later, number, None))
            continue
        for one, other in combinations(said, 2):
            if is_one_place(one.receipt, other.receipt):
                both = tuple(sorted((one.operator, other.operator)))
                sentence = f"Operators {both[0]} and {both[1]} tell receipt {number} "
                sentence += "differently."
                evidence = Evidence(b"", (one, other), ())
                faults.append(Fault(sentence, both, number, evidence))
        receipts = [each.receipt for each in said]
        chosen = max(receipts, key=receipts.count)
        signers = sorted(each.operator for each in said if each.receipt == chosen)
        entries.append(Entry(chosen, tuple(signers)))
    return tuple(entries)


def _expect_linked(
    entries: tuple[Entry, ...], by_operator: Signed, key: LedgerKey, faults: list[Fault]
) -> None:
    """Note receipts that do not follow the one before: (4)."""
    for before, after in pairwise(entries):
        number = after.receipt.number
        if not is_misfit(before.receipt, after.receipt, key):
            continue
        both = sorted({*before.signed_by} & {*after.signed_by})
        evidence = None
        if both:
            own = by_operator[both[0]]
            evidence = Evidence(key.key, (own[number - 1], own[number]), ())
        sentence = f"Receipt {number} does not follow receipt {number - 1}."
        faults.append(Fault(sentence, tuple(both), number, evidence))


def _expect_end(
    verdict: Verdict,
    entries: tuple[Entry, ...],
    by_operator: Signed,
    key: LedgerKey,
    faults: list[Fault],
) -> None:
    """Note an operator whose list does not end where the chain does: (6)."""
    operator, said = verdict.operator, verdict.finding.receipt
    number = len(entries)
    if said == (receipt_digest(entries[-1].receipt) if entries else b""):
        return
    for each in by_operator.get(operator, {}).values():
        if is_stale(verdict, each, key):
            at = each.receipt.number
            evidence = Evidence(key.key, (each,), (verdict,))
            sentence = f"Operator {operator} told a ledger that ends before receipt "
            faults.append(Fault(f"{sentence}{at}.", (operator,), at, evidence))
            return
    sentence = f"Operator {operator} says that the ledger ends elsewhere."
    faults.append(Fault(sentence, (operator,), number, None))
