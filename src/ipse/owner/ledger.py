"""The owner's ledger: every use of the record, asked from all three, checked, kept.

    ask all three for what is not kept yet, until their lists end
    check what they told now against what they told before      ipse.receipt.check
    say for each use who asked, as the owner noted it

An operator that tells another ledger than before, or than the others, convicts itself:
the evidence is kept beside the wallet.
"""

from dataclasses import dataclass

from ipse.ground.errors import Malformed, Unproven
from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose
from ipse.keys.wallet import Wallet
from ipse.owner.notebook import Note, Notebook
from ipse.owner.wallet import Owner, Told
from ipse.receipt.chain import meter_of
from ipse.receipt.check import Entry, Proof, check_lists
from ipse.receipt.meter import Meter
from ipse.receipt.tags import ledger_key
from ipse.wire.evidence import EVIDENCE
from ipse.wire.receipt import FIRST
from ipse.wire.verdict import Verdict, check_verdict


@dataclass(frozen=True, slots=True)
class Line:
    """One use, with what the owner noted of it."""

    entry: Entry
    note: Note | None  # of its grant; None where none was needed, or none is noted


@dataclass(frozen=True, slots=True)
class OwnLedger:
    """All that the network says of a record, and what it proves."""

    lines: tuple[Line, ...]
    proof: Proof
    ends: tuple[Verdict, ...]  # what each operator signed of where the ledger ends
    evidence: tuple[str, ...]  # where what convicts an operator is kept

    @property
    def meter(self) -> Meter:
        """How often the record was tried, as all its receipts have it."""
        return meter_of(line.entry.receipt for line in self.lines)


def ask_ledger(owner: Owner) -> OwnLedger:
    """Ask for the ledger, and check it against all that was told before.

    Raises: as `Owner.want`. Refused: the wallet never held a record.
    """
    wallet, told = _asked(owner, owner.vault.load(), None)
    while True:
        before = _wanted(owner.vault.read(wallet))
        if told.outcome is not Outcome.LISTED or _is_told(owner, wallet, told):
            break
        wallet, told = _asked(owner, wallet, before)
        if _wanted(owner.vault.read(wallet)) == before:
            break  # they have no more to tell
    return _checked(owner, wallet, told)


def _asked(
    owner: Owner, wallet: Wallet | None, since: int | None
) -> tuple[Wallet, Told]:
    if since is None:
        since = FIRST if wallet is None else _wanted(owner.vault.read(wallet))
    told = owner.want(Purpose.LEDGER, since=since)
    wallet = owner.vault.load()
    if wallet is None:
        raise Unproven("The wallet is gone: ask again.")
    return wallet, told


def _wanted(notebook: Notebook) -> int:
    """Return the first number of which some operator's receipt is not kept."""
    kept: dict[OperatorId, set[int]] = {operator: set() for operator in OPERATORS}
    for signed in notebook.receipts:
        kept[signed.operator].add(signed.receipt.number)
    number = FIRST
    while all(number in numbers for numbers in kept.values()):
        number += 1
    return number


def _is_told(owner: Owner, wallet: Wallet, told: Told) -> bool:
    """Say whether the last receipt of all operators that answered is kept."""
    kept = {(each.operator, each.digest) for each in owner.vault.read(wallet).receipts}
    return all(
        not verdict.finding.receipt
        or (verdict.operator, verdict.finding.receipt) in kept
        for verdict in told.answer.verdicts
    )


def _checked(owner: Owner, wallet: Wallet, told: Told) -> OwnLedger:
    notebook, key = owner.vault.read(wallet), ledger_key(wallet.handle)
    ends = tuple(
        verdict
        for verdict in told.answer.verdicts
        if verdict.finding.outcome is Outcome.LISTED and _holds(owner, verdict)
    )
    proof = check_lists(notebook.receipts, ends, key, owner.charter)
    evidence = tuple(
        owner.vault.keep_evidence(EVIDENCE.encode(fault.evidence))
        for fault in proof.faults
        if fault.evidence is not None
    )
    notes = notebook.by_grant()
    lines = tuple(
        Line(entry, notes.get(entry.receipt.grant)) for entry in proof.entries
    )
    return OwnLedger(lines, proof, ends, evidence)


def _holds(owner: Owner, verdict: Verdict) -> bool:
    try:
        check_verdict(verdict, owner.charter)
    except (Malformed, Unproven):
        return False
    return True
