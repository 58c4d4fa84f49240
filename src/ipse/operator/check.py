"""The check: everything that an operator stores, held against everything else.

    (1) the roll's pages are what its records add up to
    (2) every row that counts is as it was written
    (3) rows that nobody names are counted; they are overwritten only if that is asked
        for, because a ledger that is not this home's, or an old one, names too few
    (4) the log's checkpoints are signed, its files are those of its entries, and its
        entries are the ledger's leaves

Opening a home trusts what this checks: pages because they were committed with their
records, rows until they are first asked for. Run it after a disk gave cause to
(`ipse operator check`): it reads all there is.
"""

from dataclasses import dataclass
from itertools import islice

import numpy as np

from ipse.ground.errors import Malformed, Misbehaved
from ipse.ground.names import Epoch, Slot
from ipse.operator.roll import PAGE_SLOTS, Roll
from ipse.ports import Leaves
from ipse.store.ledger import NO_PAGES, Ledger
from ipse.store.log import LogFolder
from ipse.store.segments import Segments
from ipse.tlog.audit import audit
from ipse.tlog.tiles import ENTRIES, WIDTH, read_entries, tile_of
from ipse.tlog.trust import Log, check_cosigned, check_signed
from ipse.wire.change import CHANGE


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found in order."""

    records: int
    strays: int  # rows that nobody names
    logged: int = 0  # entries of the log


def check(ledger: Ledger, segments: Segments, *, overwrite: bool = False) -> Checked:
    """Check a home that nobody else uses.

    Args:
        ledger: the home's.
        segments: the home's.
        overwrite: rows that nobody names become zeros.

    Raises: Malformed: naming the first fault.
    """
    # (1) the roll's pages are what its records add up to
    roll = _added_up(ledger, segments.generation.epoch)
    kept = Roll(roll.epoch, ledger, ledger.pages())
    agree = kept.digest() == roll.digest() and all(
        np.array_equal(kept.alive(form), roll.alive(form))
        for form in {*kept.forms, *roll.forms}
    )
    if not agree:
        raise Malformed(
            "The ledger's roll is not what its records add up to: restore this "
            "operator's home from its backup."
        )
    # (2) every row that counts is as it was written
    generation = segments.generation
    generation.forget_checks()
    for form in roll.forms:
        generation.expect_intact((form,), roll.alive(form))
    # (3) rows that nobody names are counted
    named = set(ledger.wipes())
    for change in ledger.doubts().values():
        named |= {planned.slot for planned in CHANGE.decode(change).records}
    count = 0
    for form in generation.forms:
        filled = generation.filled(form)
        alive = roll.alive(form)
        filled[: len(alive)] &= ~alive[: len(filled)]
        strays = {Slot(int(slot)) for slot in np.flatnonzero(filled)} - named
        count += len(strays)
        if overwrite:
            segments.clear(sorted(strays), (form,))
    return Checked(len(roll), count)


def check_log(folder: LogFolder, log: Log, leaves: Leaves) -> int:
    """Check the log of a home that nobody else uses. Returns: its entries.

    Raises: Malformed, Unproven, Unavailable, Misbehaved: naming the first fault.
    """
    # (4) its checkpoints are signed, and its files are those of its entries
    content, signed = folder.published(), folder.signed()
    kept = [] if content is None else [check_cosigned(content, log).signed]
    kept += [] if signed is None else [check_signed(signed, log)]
    for each in kept:
        audit(each.checkpoint, folder.tile)
    size = max((each.checkpoint.size for each in kept), default=0)
    # which are the ledger's leaves
    for start in range(0, size, WIDTH):
        tile = tile_of(size, ENTRIES, start)
        entries = read_entries(tile, folder.tile(tile))
        if leaves.since(start, tile.width) != list(entries):
            raise Misbehaved(
                f"The log's {tile.path} and the ledger differ: one of them is an old "
                "copy, or another's. Restore the newest of both."
            )
    return size


def _added_up(ledger: Ledger, epoch: Epoch) -> Roll:
    roll = Roll(epoch, ledger, NO_PAGES)
    records = ledger.records()
    while batch := list(islice(records, PAGE_SLOTS)):
        roll.take(roll.turn(added=batch))
    return roll
