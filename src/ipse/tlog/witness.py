"""A witness: what it is asked, and whether it may cosign.

    old 20852014                                     size that it cosigned last
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=     consistency proof from there
    ...
                                                     an empty line, and the checkpoint
    ipse/local/1                                     that the log signed
    20852163
    ...

Judged in this order::

    (1) the bytes           else MALFORMED
    (2) a log we watch      else UNKNOWN
    (3) the log's signature else UNSIGNED
    (4) another root for the size that we cosigned last: Forked, with the evidence
    (5) `old` is that size  else STALE, and the answer says which is
    (6) consistency         else UNPROVEN, or Forked where the proof itself convicts

Whoever accepts must remember the checkpoint on its disk before it cosigns.

Source: c2sp.org/tlog-witness. Specification: docs/spec/log.md, section 9.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

from ipse.ground.errors import Malformed, Unproven
from ipse.tlog.checkpoint import Checkpoint, read_checkpoint
from ipse.tlog.fork import Fork
from ipse.tlog.lines import read_size, read_text, write_bytes
from ipse.tlog.note import NOTE_BYTES, read_note
from ipse.tlog.proof import read_hashes_of
from ipse.tlog.tree import EMPTY, Hash, check_consistency
from ipse.tlog.trust import Log, SignedCheckpoint, check_signed

ASKED_BYTES: Final = NOTE_BYTES + 4_096
"""Bytes of what a witness is asked."""


class Declining(IntEnum):
    """Why a witness does not cosign: the status of its answer in HTTP."""

    MALFORMED = 400
    UNSIGNED = 403
    UNKNOWN = 404
    STALE = 409
    UNPROVEN = 422


@dataclass(frozen=True, slots=True)
class Asked:
    """What a witness is asked to cosign: not checked yet."""

    old: int  # the size that it cosigned last, as the asker believes
    proof: tuple[Hash, ...]
    note: bytes

    @property
    def origin(self) -> str:
        """Whose checkpoint it says to be."""
        return self.checkpoint.origin

    @property
    def checkpoint(self) -> Checkpoint:
        """What it says. Raises: Malformed: nothing that can be read."""
        return read_checkpoint(read_note(self.note).text)


@dataclass(frozen=True, slots=True)
class Accepted:
    """To be remembered, and then cosigned."""

    signed: SignedCheckpoint


@dataclass(frozen=True, slots=True)
class Declined:
    """Not to be cosigned."""

    why: Declining
    sentence: str
    size: int = 0  # where it is STALE: what we cosigned last


@dataclass(frozen=True, slots=True)
class Forked:
    """Never to be cosigned again: keep the evidence, and publish it."""

    fork: Fork


Judged: TypeAlias = Accepted | Declined | Forked


def write_asked(asked: Asked) -> bytes:
    """Write what a witness is asked."""
    lines = [f"old {asked.old}", *map(write_bytes, asked.proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + asked.note


def read_asked(content: bytes) -> Asked:
    """Read what a witness is asked. Raises: Malformed: naming the first rule broken."""
    text = read_text("What a witness is asked", content, ASKED_BYTES)
    head, divided, note = text.partition("\n\n")
    first, *hashes = head.split("\n")
    word, _, old = first.partition(" ")
    if word != "old" or not divided:
        raise Malformed("A witness is asked: old size, proof, empty line, checkpoint.")
    asked = Asked(
        read_size("The old size", old),
        read_hashes_of("A consistency proof", hashes),
        note.encode(),
    )
    if asked.old > asked.checkpoint.size:
        raise Malformed("The old size is larger than the checkpoint's.")
    return asked


def judge(asked: Asked, log: Log, last: SignedCheckpoint | None) -> Judged:
    """Decide about a log that we watch, and cosigned last at `last`."""
    # (3) the log signed it
    try:
        signed = check_signed(asked.note, log)
    except Unproven as fault:
        return Declined(Declining.UNSIGNED, str(fault))
    now = signed.checkpoint
    # (4) it is no second root for one size
    was = last.checkpoint if last else None
    if last and was and was.size == now.size and was.root != now.root:
        return Forked(Fork(last, signed, ()))
    # (5) it goes on from where we were
    size = was.size if was else 0
    if asked.old != size:
        return Declined(
            Declining.STALE, f"We cosigned {log.origin} at {size} entries.", size
        )
    # (6) and nothing before has changed
    try:
        root = was.root if was else EMPTY
        check_consistency(size, now.size, asked.proof, root, now.root)
    except Unproven as fault:
        return _convicted(asked, last, signed) or Declined(
            Declining.UNPROVEN, str(fault)
        )
    except Malformed as fault:
        return Declined(Declining.MALFORMED, str(fault))
    return Accepted(signed)


def _convicted(
    asked: Asked, last: SignedCheckpoint | None, signed: SignedCheckpoint
) -> Forked | None:
    """Return the evidence, if the proof that was to help the log convicts it."""
    try:
        return Forked(Fork(last, signed, asked.proof)) if last else None
    except Unproven:
        return None
