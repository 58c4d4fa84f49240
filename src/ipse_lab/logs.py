"""A log in memory, with its witnesses: for tests, and for logs that lie.

    log = MemoryLog("example/1")
    log.add([b"entry", b"another"])
    log.note()                        the log's checkpoint, signed
    log.cosigned()                    with the cosignatures of its witnesses

Keys follow from names, so each run has the same. `rewritten` is the log that forks:
same key, other entries.
"""

from collections.abc import Sequence
from typing import Final

from ipse.crypto import signature
from ipse.ground.errors import Unavailable
from ipse.tlog.checkpoint import Checkpoint, write_checkpoint
from ipse.tlog.cosignature import Seconds, cosign
from ipse.tlog.growth import grow
from ipse.tlog.note import Kind, Note, NoteKey, Signature, write_note
from ipse.tlog.reader import TileReader
from ipse.tlog.tiles import Tile
from ipse.tlog.trust import Log, SignedCheckpoint, check_signed
from ipse_lab.fakes import CountedEntropy

AT: Final = Seconds(1_700_000_000)
WITNESSES: Final = ("example/2", "example/3")


def seed_of(name: str) -> bytes:
    """Return the seed of a name's key."""
    return CountedEntropy(name).draw(signature.KEY_BYTES)


def key_of(name: str, kind: Kind = Kind.LOG) -> NoteKey:
    """Return a name's key, of either kind."""
    return NoteKey(name, kind, signature.public_key(seed_of(name)))


def log_of(name: str = "example/1") -> Log:
    """Return a log as a charter would present it."""
    witnesses = tuple(key_of(one, Kind.WITNESS) for one in WITNESSES)
    return Log(name, key_of(name), witnesses)


def cosigned_by(name: str, checkpoint: bytes, at: Seconds = AT) -> Signature:
    """Cosign a checkpoint's text in a name."""
    key = key_of(name, Kind.WITNESS)
    return cosign(
        checkpoint, at, key, lambda text: signature.sign_text(seed_of(name), text)
    )


class MemoryLog:
    """A log whose tiles are in a dictionary."""

    def __init__(self, name: str = "example/1", entries: Sequence[bytes] = ()) -> None:
        """Begin with some entries."""
        self.log = log_of(name)
        self.tiles: dict[Tile, bytes] = {}
        self.entries: list[bytes] = []
        self.add(entries)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def add(self, entries: Sequence[bytes]) -> None:
        """Add entries."""
        self.tiles |= grow(self.size, entries, self.tiles.__getitem__).tiles
        self.entries += entries

    def reader(self, size: int | None = None) -> TileReader:
        """Read the log as it is, or was at a size that had a checkpoint."""
        chosen = self.size if size is None else size
        return TileReader(chosen, self.tiles.__getitem__)

    def checkpoint(self) -> Checkpoint:
        """Say what the log has."""
        return Checkpoint(self.log.origin, self.size, self.reader().root)

    def note(self, *cosigned: Signature) -> bytes:
        """Return the checkpoint, signed, with any cosignatures."""
        text = write_checkpoint(self.checkpoint())
        proof = signature.sign_text(seed_of(self.log.key.name), text)
        line = Signature(self.log.key.name, self.log.key.id, proof)
        return write_note(Note(text, (line, *cosigned)))

    def cosigned(self) -> bytes:
        """Return the checkpoint as both witnesses cosigned it."""
        text = write_checkpoint(self.checkpoint())
        return self.note(*(cosigned_by(name, text) for name in WITNESSES))

    def signed(self) -> SignedCheckpoint:
        """Return the checkpoint, checked."""
        return check_signed(self.note(), self.log)


class MemorySource:
    """A log in memory, as a wallet reads it."""

    def __init__(self, log: MemoryLog, note: bytes | None = None) -> None:
        """Show a log, with its cosigned checkpoint or another note."""
        self._log = log
        self._note = note or log.cosigned()

    def checkpoint(self) -> bytes:
        """Return the note."""
        return self._note

    def tile(self, tile: Tile) -> bytes:
        """Return a tile."""
        if tile not in self._log.tiles:
            raise Unavailable(f"There is no {tile.path}.")
        return self._log.tiles[tile]


def numbered(size: int, word: str = "entry") -> list[bytes]:
    """Return entries that differ."""
    return [f"{word} {index}".encode() for index in range(size)]
