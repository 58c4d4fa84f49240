"""A ledger in files: saved to be shown, and checked by whoever is shown it.

    DIR/charter.cbor      the network's signed charter
    DIR/ledger.cbor       receipts, who says where they end, grants in words
    DIR/logs/N/...        operator N's log (`ipse.owner.log_source`)

    (1) the charter is signed by the operators that it names
    (2) two or three of them signed where the record's ledger ends, and say the same
    (3) the receipts up to there are complete                  ipse.receipt.check
    (4) each note's grant is the owner's, and a receipt names it
    (5) each log is as its operator signed it and both others saw it
    (6) each receipt's leaf is in each log

Nobody is asked, and nobody's word is taken: whatever was changed is named.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ipse.ground.errors import Malformed, Refused, Unavailable, Unproven
from ipse.ground.names import Handle, OperatorId, Outcome
from ipse.keys.durable import replace
from ipse.owner.log import View
from ipse.owner.log_source import check_copy, copy_folder, save_copy
from ipse.owner.logged import find_logged
from ipse.ports import Entropy
from ipse.receipt.check import Entry, check_lists
from ipse.receipt.tags import ledger_key
from ipse.tlog.logs import log_of
from ipse.wire import limits
from ipse.wire.charter import SIGNED_CHARTER, TrustedCharter, trust
from ipse.wire.grant import check_grant
from ipse.wire.saved import SAVED, Note, SavedLedger
from ipse.wire.verdict import check_verdict

CHARTER: Final = "charter.cbor"
LEDGER: Final = "ledger.cbor"
LOGS: Final = "logs"


@dataclass(frozen=True, slots=True)
class Shown:
    """A ledger that was checked from files alone."""

    entries: tuple[Entry, ...]
    notes: Mapping[bytes, Note]  # by the digest of their grant


def save_ledger(
    folder: Path,
    charter: bytes,
    ledger: SavedLedger,
    views: Mapping[OperatorId, View],
    entropy: Entropy,
) -> None:
    """Save a ledger into a folder that is new, or holds an earlier one.

    The ledger comes last: a folder that was cut off is seen to be.

    Raises: Unavailable: the disk, or a log, will not.
    """
    for operator, view in views.items():
        save_copy(view, copy_folder(folder / LOGS, operator), entropy)
    replace(folder / CHARTER, charter, entropy)
    replace(folder / LEDGER, SAVED.encode(ledger), entropy)


def check_saved(folder: Path) -> Shown:
    """Check a saved ledger from its files alone.

    Raises: Malformed, Unproven: naming what was changed. Unavailable: what is missing.
    """
    # (1) the charter is signed by the operators that it names
    with _naming(CHARTER):
        charter = trust(SIGNED_CHARTER.decode(_read(folder / CHARTER, limits.CHARTER)))
    with _naming(LEDGER):
        saved = SAVED.decode(_read(folder / LEDGER, limits.NOTEBOOK))
        # (2) two or three of them signed where it ends
        handle = _expect_ends(saved, charter)
        # (3) the receipts up to there are complete
        proof = check_lists(saved.receipts, saved.ends, ledger_key(handle), charter)
        if not proof.is_complete:
            raise Unproven(" ".join(fault.sentence for fault in proof.faults))
        # (4) each note's grant is the owner's, and a receipt names it
        notes = _expect_notes(saved, charter, proof.entries)
    # (5) each log is as its operator signed it
    views = {
        entry.operator: _copy(folder, entry.operator, charter)
        for entry in charter.charter.operators
    }
    # (6) each receipt's leaf is in each log
    _expect_logged(proof.entries, handle, views)
    return Shown(proof.entries, notes)


def _expect_ends(saved: SavedLedger, charter: TrustedCharter) -> Handle:
    """Return whose ledger it is, if the operators say the same of where it ends."""
    for verdict in saved.ends:
        try:
            check_verdict(verdict, charter)
        except Unproven as fault:
            raise Unproven(f"Operator {verdict.operator}'s verdict: {fault}") from fault
    findings = {verdict.finding for verdict in saved.ends}
    operators = {verdict.operator for verdict in saved.ends}
    finding = saved.ends[0].finding
    if len(findings) > 1 or len(operators) < len(saved.ends):
        raise Unproven("The verdicts are not of several operators on one request.")
    if finding.outcome is not Outcome.LISTED:
        raise Unproven("The verdicts are not about a ledger.")
    return finding.handle


def _expect_notes(
    saved: SavedLedger, charter: TrustedCharter, entries: tuple[Entry, ...]
) -> dict[bytes, Note]:
    named = {entry.receipt.grant for entry in entries}
    for note in saved.notes:
        grant = note.granted.grant
        check_grant(note.granted, charter, grant.handle, grant.owner_key)
        if note.granted.digest not in named:
            raise Unproven(f"No receipt names the grant for {note.audience!r}.")
    return {note.granted.digest: note for note in saved.notes}


def _copy(folder: Path, operator: OperatorId, charter: TrustedCharter) -> View:
    with _naming(f"{LOGS}/{operator}"):
        copy = copy_folder(folder / LOGS, operator)
        return check_copy(copy, log_of(charter.charter, operator))


def _expect_logged(
    entries: tuple[Entry, ...], handle: Handle, views: Mapping[OperatorId, View]
) -> None:
    key = ledger_key(handle)
    leaves = {entry.receipt.number: key.leaf(entry.receipt) for entry in entries}
    logged = find_logged(views, leaves.values())
    for number, leaf in leaves.items():
        for operator in views:
            if operator not in logged[leaf]:
                raise Unproven(f"{LOGS}/{operator}: receipt {number} is not in it.")


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Name what an error is about."""
    try:
        yield
    except Malformed as fault:
        raise Malformed(f"{name}: {fault}") from fault
    except (Unproven, Refused) as fault:
        raise Unproven(f"{name}: {fault}") from fault


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most + 1)  # what is longer is refused where it is read
    except OSError as fault:
        raise Unavailable(
            f"Cannot read {path.name} ({fault.strerror}): save the ledger again."
        ) from None
