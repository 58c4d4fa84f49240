"""What a wallet makes of a log: believed where three signed, held against what it saw.

    look           checkpoint and cosignatures, and tiles that lead to its root
    expect_grown   all that we saw before is still there; else the evidence
    expect_logged  a leaf is where it should be: a proof that can be passed on
    expect_alike   all three logs say the same, as far as each goes

Where a log is read, at an operator's door or in a folder of copies, makes no difference
(`ipse.owner.log_source`), nor is anybody asked to be believed: each answer is computed
here from what was signed.

Specification: docs/spec/log.md, sections 7 and 12.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from ipse.ground.errors import Unproven
from ipse.ground.names import OperatorId
from ipse.tlog.fork import Fork, find_fork
from ipse.tlog.note import write_note
from ipse.tlog.proof import Proof
from ipse.tlog.reader import TileReader
from ipse.tlog.tiles import ENTRIES, WIDTH, Tile, read_entries, tile_of
from ipse.tlog.tree import (
    check_consistency,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
)
from ipse.tlog.trust import (
    CosignedCheckpoint,
    Log,
    SignedCheckpoint,
    check_cosigned,
)


class Source(Protocol):
    """Where a log is read."""

    def checkpoint(self) -> bytes:
        """Return the checkpoint's note. Raises: Unavailable: there is none."""
        ...

    def tile(self, tile: Tile) -> bytes:
        """Return a tile. Raises: Unavailable: it is not there."""
        ...


@dataclass(frozen=True, slots=True)
class View:
    """A log at one moment, as both of its witnesses saw it. Made by `look` alone."""

    log: Log
    cosigned: CosignedCheckpoint
    reader: TileReader
    source: Source

    @property
    def size(self) -> int:
        """How many entries it has."""
        return self.cosigned.signed.checkpoint.size

    @property
    def note(self) -> bytes:
        """The checkpoint with its signatures."""
        return write_note(self.cosigned.signed.note)


class Rewritten(Unproven):
    """A log signed two histories: carries the evidence."""

    def __init__(self, message: str, fork: Fork) -> None:
        """Carry it."""
        super().__init__(message)
        self.fork = fork


def look(source: Source, log: Log) -> View:
    """Look at a log.

    Raises:
        Malformed, Unproven: naming what is wrong with it.
        Unavailable: it is not there.
    """
    cosigned = check_cosigned(source.checkpoint(), log)
    checkpoint = cosigned.signed.checkpoint
    reader = TileReader(checkpoint.size, source.tile)
    if reader.root != checkpoint.root:
        raise Unproven(
            f"The tiles of {log.origin} do not lead to the root that it signed for "
            f"{checkpoint.size} entries: one was changed. Get them again."
        )
    return View(log, cosigned, reader, source)


def expect_grown(view: View, before: SignedCheckpoint) -> None:
    """Return if a log only grew since we saw it last.

    Raises:
        Unproven: it shows less than it did.
        Rewritten: it shows another past, and here is the evidence.
    """
    was, now = before.checkpoint, view.cosigned.signed.checkpoint
    if was.size > now.size:
        raise Unproven(
            f"{view.log.origin} shows {now.size} entries, and showed {was.size} "
            "before: it shrank, or this is an old copy."
        )
    span = view.reader.span
    proof = prove_consistency(was.size, now.size, span)
    try:
        check_consistency(was.size, now.size, proof, was.root, now.root)
    except Unproven as fault:
        fork = find_fork(before, view.cosigned.signed, span)
        raise Rewritten(f"{view.log.origin}: {fault}", fork) from fault


def expect_logged(view: View, leaf: bytes, index: int) -> Proof:
    """Return the proof that a leaf is entry `index` of a log.

    Raises: Unproven: it is not.
    """
    if index >= view.size:
        raise Unproven(
            f"Entry {index} is not in {view.log.origin} yet, which has {view.size}: "
            "look again in a moment."
        )
    siblings = prove_inclusion(index, view.size, view.reader.span)
    proof = Proof(index, siblings, view.cosigned.signed.note)
    proof.check(hash_leaf(leaf))
    return proof


def find_leaves(view: View, leaves: Collection[bytes]) -> dict[bytes, int]:
    """Return where leaves are, reading all entries; of those that are not there, none.

    Raises: Unavailable: a bundle of entries is not there.
    """
    wanted, found = set(leaves), dict[bytes, int]()
    for start in range(0, view.size, WIDTH):
        tile = tile_of(view.size, ENTRIES, start)
        for place, entry in enumerate(read_entries(tile, view.source.tile(tile))):
            if entry in wanted:
                found.setdefault(entry, start + place)
    return found


def expect_alike(views: Mapping[OperatorId, View]) -> None:
    """Return if no log says anything that another contradicts.

    All operators log the same leaves in one order, so the shorter of two logs is the
    beginning of the longer one. Whose is wrong, this does not show; an operator that
    stands alone against two is named.

    Raises: Unproven: two logs differ.
    """
    against: Counter[OperatorId] = Counter()
    for (one, its), (other, theirs) in combinations(views.items(), 2):
        size = min(its.size, theirs.size)
        if size and its.reader.span(0, size) != theirs.reader.span(0, size):
            against.update((one, other))
    if against:
        worst = max(against.values())
        named = " and ".join(
            str(operator) for operator in sorted(against) if against[operator] == worst
        )
        raise Unproven(
            f"The operators' logs differ, and should be the same: look at {named}. "
            "Keep a copy of all three (ipse log --save)."
        )
