"""An operator's log in its home, and what it remembers of the logs that it watches.

    HOME/operators/N/log/tile/...       as `ipse.tlog.tiles` names them
    HOME/operators/N/log/signed         the last checkpoint that was signed
    HOME/operators/N/log/checkpoint     the last one that both witnesses cosigned

    HOME/operators/N/witness/M          operator M's checkpoint that was cosigned last
    HOME/operators/N/witness/M.fork     evidence that operator M's log forked

The first is what anybody may copy: served by the door, file by file, as it lies there.
What is written is on the disk when a method returns, whole; so tiles before `signed`,
`signed` before anybody hears of it, and `witness/M` before the cosignature leaves.

Specification: docs/spec/log.md, section 10.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ipse.ground.errors import Unavailable
from ipse.ground.names import OperatorId
from ipse.store.disk import Disk
from ipse.store.whole import read_whole, write_whole
from ipse.tlog.fork import FORK_BYTES
from ipse.tlog.note import NOTE_BYTES
from ipse.tlog.tiles import TILE_BYTES, Tile

CHECKPOINT: Final = "checkpoint"
SIGNED: Final = "signed"


class LogFolder:
    """A log's files. One thread writes; any may read."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """Begin with what is there."""
        self._folder = folder
        self._disk = disk or Disk()

    def tile(self, tile: Tile) -> bytes:
        """Read a tile. Raises: Unavailable: it is not there."""
        content = read_whole(self._folder / tile.path, TILE_BYTES)
        if content is None:
            raise Unavailable(f"The log has no {tile.path}: restore it from a copy.")
        return content

    def write_tiles(self, tiles: Mapping[Tile, bytes]) -> None:
        """Write tiles. Raises: Unavailable: the disk is full."""
        files = {self._folder / tile.path: content for tile, content in tiles.items()}
        write_whole(self._disk, files, "the log's new entries")

    def drop_partials(self, tile: Tile) -> None:
        """Remove the partial tiles that a full one has made superfluous.

        Raises: Unavailable: the disk will not; the full tile is there.
        """
        folder = self._folder / f"{tile.path}.p"
        try:
            for path in folder.iterdir() if folder.is_dir() else ():
                self._disk.remove(path)
            if folder.is_dir():
                self._disk.remove(folder)
        except OSError as fault:
            raise Unavailable(
                f"The log's old tiles in {tile.path}.p can't be removed "
                f"({fault.strerror}): mend their permissions."
            ) from None

    def signed(self) -> bytes | None:
        """Return the last checkpoint that was signed."""
        return self._read(SIGNED)

    def keep_signed(self, note: bytes) -> None:
        """Remember a checkpoint before anybody hears of it."""
        self._write(SIGNED, note)

    def published(self) -> bytes | None:
        """Return the last checkpoint that everybody may see."""
        return self._read(CHECKPOINT)

    def publish(self, note: bytes) -> None:
        """Let everybody see a checkpoint."""
        self._write(CHECKPOINT, note)

    def _read(self, name: str) -> bytes | None:
        return read_whole(self._folder / name, NOTE_BYTES)

    def _write(self, name: str, note: bytes) -> None:
        write_whole(self._disk, {self._folder / name: note}, "the log's checkpoint")


class WitnessFolder:
    """What an operator must not forget of the logs that it watches."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """Begin with what is there."""
        self._folder = folder
        self._disk = disk or Disk()

    def last(self, operator: OperatorId) -> bytes | None:
        """Return an operator's checkpoint that was cosigned last."""
        return read_whole(self._folder / str(operator), NOTE_BYTES)

    def keep(self, operator: OperatorId, note: bytes) -> None:
        """Remember a checkpoint before it is cosigned."""
        self._write(str(operator), note)

    def fork(self, operator: OperatorId) -> bytes | None:
        """Return the evidence that an operator's log forked, if there is any."""
        return read_whole(self._folder / f"{operator}.fork", FORK_BYTES)

    def keep_fork(self, operator: OperatorId, evidence: bytes) -> None:
        """Keep evidence, for good."""
        self._write(f"{operator}.fork", evidence)

    def _write(self, name: str, content: bytes) -> None:
        what = "what a witness must remember"
        write_whole(self._disk, {self._folder / name: content}, what)
