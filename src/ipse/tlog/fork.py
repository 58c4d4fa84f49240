"""A fork: two words of one log that can't both be true. It checks itself.

    ipse log fork v1
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=     the path (tree.prefix_path), if
    ...                                              the sizes differ
                                                     an empty line
    older checkpoint, with the log's signature
                                                     two empty lines
    newer checkpoint, with the log's signature

The path leads to the newer root, and from there to what the older root must have been.
If the log signed another one, it showed two histories: nobody else could make this
file, and the log can't explain it.

Specification: docs/spec/log.md, section 8.
"""

from dataclasses import dataclass
from typing import Final

from ipse.ground.errors import Malformed, Unproven
from ipse.tlog.lines import read_text, write_bytes
from ipse.tlog.note import NOTE_BYTES, Note, write_note
from ipse.tlog.proof import read_hashes_of
from ipse.tlog.tree import Hash, Span, prefix_path, roots_by
from ipse.tlog.trust import Log, SignedCheckpoint, check_signed

HEADER: Final = "ipse log fork v1"
FORK_BYTES: Final = 2 * NOTE_BYTES + 4_096


@dataclass(frozen=True, slots=True)
class Fork:
    """Two checkpoints that one log signed, and why they can't both be true."""

    older: SignedCheckpoint
    newer: SignedCheckpoint
    path: tuple[Hash, ...]

    def __post_init__(self) -> None:
        """Check that it convicts. Raises: Unproven: it does not."""
        was, now = self.older.checkpoint, self.newer.checkpoint
        if was.origin != now.origin:
            raise Unproven("These are checkpoints of two logs.")
        if was.size > now.size:
            raise Unproven("The older checkpoint of a fork is the shorter one.")
        if was.size == now.size:
            if self.path or was.root == now.root:
                raise Unproven(f"The two checkpoints of {was.origin} say the same.")
            return
        earlier, later = roots_by(was.size, now.size, self.path)
        if later != now.root:
            raise Unproven("The path does not lead to the newer root.")
        if earlier == was.root:
            raise Unproven(
                f"The older checkpoint of {was.origin} is the beginning of the newer."
            )


def find_fork(one: SignedCheckpoint, other: SignedCheckpoint, span: Span) -> Fork:
    """Convict a log of two checkpoints, with the tree of the longer one at hand.

    Raises: Unproven: they don't contradict each other.
    """
    older, newer = sorted((one, other), key=lambda each: each.checkpoint.size)
    sizes = older.checkpoint.size, newer.checkpoint.size
    return Fork(older, newer, prefix_path(*sizes, span))


def write_fork(fork: Fork) -> bytes:
    """Write the evidence."""
    lines = "".join(f"{line}\n" for line in (HEADER, *map(write_bytes, fork.path), ""))
    notes = write_note(_bare(fork.older)), write_note(_bare(fork.newer))
    return lines.encode() + b"\n\n".join(notes)


def read_fork(content: bytes, log: Log) -> Fork:
    """Read evidence against a log, and check all of it.

    Raises: Malformed: it is none. Unproven: it does not convict.
    """
    text = read_text("Evidence of a fork", content, FORK_BYTES)
    head, divided, notes = text.partition("\n\n")
    older, parted, newer = notes.partition("\n\n\n")
    first, *path = head.split("\n")
    if first != HEADER or not divided or not parted:
        raise Malformed("Evidence of a fork is a path and two checkpoints.")
    fork = Fork(
        check_signed(f"{older}\n".encode(), log),
        check_signed(newer.encode(), log),
        read_hashes_of("Evidence of a fork", path),
    )
    if write_fork(fork) != content:
        raise Malformed("Evidence of a fork holds the log's own signatures alone.")
    return fork


def _bare(signed: SignedCheckpoint) -> Note:
    """Leave out what witnesses said: it is the log that is convicted."""
    return Note(signed.note.text, (signed.line,))
