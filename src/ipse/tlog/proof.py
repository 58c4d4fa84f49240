"""Proofs that travel: one file says that an entry is in a log that others saw.

    c2sp.org/tlog-proof@v1
    index 73894
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=     siblings, from the leaf up
    ...
                                                     an empty line, and the checkpoint
    ipse/local/1                                     with its signatures
    109482
    sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

    — ipse/local/1 hI2DJw...

The format allows a line of extra data, which nobody signed; none is written or read.

Source: c2sp.org/tlog-proof. Specification: docs/spec/log.md, section 6.
"""

from dataclasses import dataclass
from typing import Final

from ipse.ground.errors import Malformed
from ipse.tlog.checkpoint import read_checkpoint
from ipse.tlog.lines import read_hash, read_size, read_text, write_bytes
from ipse.tlog.note import NOTE_BYTES, Note, read_note, write_note
from ipse.tlog.tree import Hash, check_inclusion

HEADER: Final = "c2sp.org/tlog-proof@v1"
HASHES: Final = 63
"""Hashes that a proof may have: the height of the tallest tree."""

PROOF_BYTES: Final = NOTE_BYTES + 4_096


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry's place in a log, and what shows it: not checked yet."""

    index: int
    siblings: tuple[Hash, ...]  # from the leaf up
    note: Note  # the checkpoint, with its signatures

    def check(self, leaf: Hash) -> None:
        """Return if a leaf is there in the checkpoint; whose that is, is not asked.

        Raises: Unproven: it is not. Malformed: the note is no checkpoint.
        """
        checkpoint = read_checkpoint(self.note.text)
        check_inclusion(
            self.index, checkpoint.size, leaf, self.siblings, checkpoint.root
        )


def write_proof(proof: Proof) -> bytes:
    """Write a proof."""
    lines = [HEADER, f"index {proof.index}", *map(write_bytes, proof.siblings), ""]
    return "".join(f"{line}\n" for line in lines).encode() + write_note(proof.note)


def read_proof(content: bytes) -> Proof:
    """Read a proof. Raises: Malformed: naming the first rule broken."""
    text = read_text("A proof", content, PROOF_BYTES)
    head, divided, note = text.partition("\n\n")
    lines = head.split("\n")
    if not divided or len(lines) < 2 or lines[0] != HEADER:  # noqa: PLR2004 (two lines)
        raise Malformed(f"A proof begins with {HEADER}, and ends with a checkpoint.")
    word, _, index = lines[1].partition(" ")
    if word != "index":
        raise Malformed("A proof's second line is its index.")
    return Proof(
        read_size("A proof's index", index),
        read_hashes_of("A proof", lines[2:]),
        read_note(note.encode()),
    )


def read_hashes_of(what: str, lines: list[str]) -> tuple[Hash, ...]:
    """Read hashes, one a line. Raises: Malformed: there are too many, or other ones."""
    if len(lines) > HASHES:
        raise Malformed(f"{what} has at most {HASHES} hashes.")
    return tuple(read_hash(f"{what}'s hash", line) for line in lines)
