"""The owner's ledger: every use of the record, asked from all three, checked, kept.

    ask all three for what is not kept yet, until their lists end
    check what they told now against what they told before      ipse.receipt.check
    look for each receipt's leaf in the three logs              ipse.owner.logged
    say for each use who asked, as the owner noted it

An operator that tells another ledger than before, or than the others, convicts itself:
the evidence is kept beside the wallet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ipse.ground.errors import Malformed, Unproven
from ipse.ground.names import OPERATORS, Instant, OperatorId, Outcome, Purpose
from ipse.keys.wallet import Wallet
from ipse.owner.logged import Seen, find_logged
from ipse.owner.notebook import Notebook
from ipse.owner.wallet import Owner, Told
from ipse.receipt.chain import meter_of
from ipse.receipt.check import Entry, Fault, Proof, check_lists
from ipse.receipt.meter import Meter
from ipse.receipt.tags import ledger_key
from ipse.wire.evidence import EVIDENCE
from ipse.wire.receipt import FIRST
from ipse.wire.saved import Note, SavedLedger
from ipse.wire.verdict import QUORUM, Verdict, check_verdict

LOGGED_MS: Final = 10 * 60 * 1_000
"""Milliseconds after which a receipt must be in the logs: a log publishes each second,
but for as long as a witness is away."""


@dataclass(frozen=True, slots=True)
class Line:
    """One use, with what the owner noted of it."""

    entry: Entry
    logs: tuple[OperatorId, ...]  # in which its leaf is proved to be
    note: Note | None  # of its grant; None where none was needed, or none is noted


@dataclass(frozen=True, slots=True)
class OwnLedger:
    """All that the network says of a record, and what it proves."""

    at: Instant  # when it was asked for
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]  # none if the ledger is complete
    problems: tuple[str, ...]  # why a log could not be looked at
    evidence: tuple[str, ...]  # where what convicts an operator is kept
    shown: SavedLedger | None  # what may be saved; none without two who say its end

    @property
    def is_complete(self) -> bool:
        """No use is missing, and two operators signed each."""
        return not self.faults

    @property
    def proof(self) -> Proof:
        """What the lists and the logs prove."""
        return Proof(tuple(line.entry for line in self.lines), self.faults)

    @property
    def is_logged(self) -> bool:
        """Every receipt is in every log."""
        return all(len(line.logs) == len(OPERATORS) for line in self.lines)

    @property
    def meter(self) -> Meter:
        """How often the record was tried, as all its receipts have it."""
        return meter_of(line.entry.receipt for line in self.lines)


def ask_ledger(owner: Owner, seen: Seen) -> OwnLedger:
    """Ask for the ledger, and check it against all that was told before.

    `seen` are the logs, as they are after the last use.

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
    return _checked(owner, wallet, told, seen)


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


def _checked(owner: Owner, wallet: Wallet, told: Told, seen: Seen) -> OwnLedger:
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
    leaves = [key.leaf(entry.receipt) for entry in proof.entries]
    logged = find_logged(seen.views, leaves)
    notes = notebook.by_grant()
    lines = tuple(
        Line(entry, logged[leaf], notes.get(entry.receipt.grant))
        for entry, leaf in zip(proof.entries, leaves, strict=True)
    )
    now = owner.clock.now()
    missing = tuple(_missing(lines, seen, now))
    problems = tuple(str(fault) for fault in seen.problems.values())
    shown = _shown(ends, notebook, lines)
    faults = (*proof.faults, *missing)
    return OwnLedger(now, lines, faults, problems, evidence, shown)


def _missing(lines: tuple[Line, ...], seen: Seen, now: Instant) -> Iterator[Fault]:
    """Name receipts that should be in a log by now, and are not."""
    for line in lines:
        receipt = line.entry.receipt
        absent = sorted(seen.views.keys() - set(line.logs))
        if absent and receipt.at < now - LOGGED_MS:
            names = " and ".join(map(str, absent))
            sentence = (
                f"Receipt {receipt.number} is not in the log of operator {names}."
            )
            yield Fault(sentence, tuple(absent), receipt.number, None)


def _shown(
    ends: tuple[Verdict, ...], notebook: Notebook, lines: tuple[Line, ...]
) -> SavedLedger | None:
    said = [verdict.finding for verdict in ends]
    agreeing = [end for end in ends if said.count(end.finding) >= QUORUM]
    if not agreeing:
        return None
    numbers = {line.entry.receipt.number for line in lines}
    notes = {line.note.granted.digest: line.note for line in lines if line.note}
    return SavedLedger(
        tuple(replace(end, receipts=()) for end in agreeing),
        tuple(each for each in notebook.receipts if each.receipt.number in numbers),
        tuple(notes.values()),
    )


def _holds(owner: Owner, verdict: Verdict) -> bool:
    try:
        check_verdict(verdict, owner.charter)
    except (Malformed, Unproven):
        return False
    return True
