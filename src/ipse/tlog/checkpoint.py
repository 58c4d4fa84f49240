"""Checkpoints: a log's promise of how many entries it has, and of what root.

    ipse/local/1                                      origin, the log's name
    42                                                size, in entries
    qk2wX1r0hU0m3b1mX3m1b2o4c1nYkq0q2w1r0hU0m3A=      root

Exactly these three lines: C2SP lets a log add others, ours adds none, and none are
read, since no witness would have looked at them.

Source: c2sp.org/tlog-checkpoint. Specification: docs/spec/log.md, section 3.
"""

from dataclasses import dataclass
from typing import Final

from ipse.ground.errors import Malformed
from ipse.tlog.lines import LARGEST, read_hash, read_size, read_text, write_bytes
from ipse.tlog.tree import EMPTY, HASH_BYTES, Hash

CHECKPOINT_BYTES: Final = 1_024
ORIGIN: Final = 255
"""Characters of a log's name."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """This log, this many entries, this root."""

    origin: str
    size: int  # entries
    root: Hash

    def __post_init__(self) -> None:
        """Check what makes it writable, and that nothing has nothing's root."""
        if not self.origin.isprintable() or not 1 <= len(self.origin) <= ORIGIN:
            raise Malformed(f"A log's origin has 1 to {ORIGIN} printable characters.")
        if not 0 <= self.size <= LARGEST or len(self.root) != HASH_BYTES:
            raise Malformed("A checkpoint has a size below 2^63 and a 32-byte root.")
        if self.size == 0 and self.root != EMPTY:
            raise Malformed("A log of no entries has another root than this.")


def write_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Write a checkpoint: the text that log and witnesses sign."""
    root = write_bytes(checkpoint.root)
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n".encode()


def read_checkpoint(content: bytes) -> Checkpoint:
    """Read a checkpoint. Raises: Malformed: naming the first rule broken."""
    lines = read_text("A checkpoint", content, CHECKPOINT_BYTES).split("\n")
    if len(lines) != 4 or lines[3]:  # noqa: PLR2004 (three ended lines)
        raise Malformed("A checkpoint has exactly three lines, each of them ended.")
    origin, size, root, _ = lines
    return Checkpoint(
        origin, read_size("A log's size", size), read_hash("A log's root", root)
    )
