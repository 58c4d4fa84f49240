"""Where a wallet reads logs: at an operator's door, or in a folder of copies.

    FOLDER/N/checkpoint, FOLDER/N/tile/...    operator N's log, as its door shows it

A folder needs no network and nobody's word: `check_copy` reads every byte of it, and
names what was changed, is missing, or does not belong.
"""

from pathlib import Path
from typing import Final

from ipse.ground.errors import Unavailable
from ipse.ground.names import OperatorId
from ipse.keys.durable import replace
from ipse.net.caller import FAULTS, Caller
from ipse.owner.log import View, look
from ipse.ports import Entropy
from ipse.tlog.audit import audit, expect_known, expect_prefix
from ipse.tlog.note import NOTE_BYTES
from ipse.tlog.tiles import TILE_BYTES, WIDTH, Tile, narrowed, tile_of, tiles_of
from ipse.tlog.trust import Log, check_cosigned
from ipse.wire.charter import OperatorEntry

CHECKPOINT: Final = "checkpoint"
WAIT_S: Final = 10.0
"""Seconds for one file of a log."""

DONE: Final = 200


class DoorSource:
    """An operator's log at its door. It belongs to one thread, and is closed."""

    def __init__(self, entry: OperatorEntry) -> None:
        """Meet nobody yet."""
        self._operator = entry.operator
        self._caller = Caller(entry.owner_address, entry.certificate)

    def checkpoint(self) -> bytes:
        """Return the checkpoint's note."""
        return self._fetch(CHECKPOINT, NOTE_BYTES)

    def tile(self, tile: Tile) -> bytes:
        """Return a tile; a partial one may have become full meanwhile."""
        try:
            return self._fetch(tile.path, TILE_BYTES)
        except Unavailable:
            if tile.width == WIDTH:
                raise
        full = Tile(tile.level, tile.number)
        return narrowed(tile, self._fetch(full.path, TILE_BYTES))

    def close(self) -> None:
        """Hang up."""
        self._caller.close()

    def _fetch(self, path: str, most: int) -> bytes:
        try:
            came = self._caller.fetch(f"/log/{path}", most, WAIT_S)
        except FAULTS:
            raise Unavailable(
                f"Operator {self._operator} cannot be reached, so its log can't be "
                "looked at: try again later."
            ) from None
        if came.status != DONE:
            raise Unavailable(
                f"Operator {self._operator} does not show {path} of its log (HTTP "
                f"{came.status}): try again in a moment."
            )
        return came.content


class FolderSource:
    """A copy of an operator's log."""

    def __init__(self, folder: Path) -> None:
        """Read nothing yet."""
        self.folder = folder

    def checkpoint(self) -> bytes:
        """Return the checkpoint's note."""
        return self._read(CHECKPOINT, NOTE_BYTES)

    def tile(self, tile: Tile) -> bytes:
        """Return a tile."""
        return self._read(tile.path, TILE_BYTES)

    def _read(self, path: str, most: int) -> bytes:
        try:
            with (self.folder / path).open("rb") as file:
                return file.read(most + 1)  # what is longer is not what was signed
        except FileNotFoundError:
            raise Unavailable(
                f"{self.folder.name}/{path} is missing: the log was not copied to the "
                "end. Copy it again."
            ) from None
        except OSError as fault:
            reason = fault.strerror or "the system gives no reason"
            raise Unavailable(
                f"Cannot read {self.folder.name}/{path}: {reason}."
            ) from None


def copy_folder(folder: Path, operator: OperatorId) -> Path:
    """Return where an operator's log is, in a folder of copies."""
    return folder / str(operator)


def save_copy(view: View, folder: Path, entropy: Entropy) -> int:
    """Copy all of a log into a folder. Returns: how many files were written.

    The checkpoint comes last: a copy that was cut off is seen to be.

    Raises: Unavailable: the disk, or the source, will not.
    """
    written = 0
    for tile in tiles_of(view.size):
        path = folder / tile.path
        _make(path.parent)
        replace(path, view.source.tile(tile), entropy)
        written += 1
    _make(folder)
    replace(folder / CHECKPOINT, view.note, entropy)
    return written + 1


def check_copy(folder: Path, log: Log) -> View:
    """Read every byte of a copy of a log.

    Raises:
        Malformed, Unproven: naming what was changed, or does not belong.
        Unavailable: naming what is missing.
    """
    source = FolderSource(folder)
    checkpoint = check_cosigned(source.checkpoint(), log).signed.checkpoint
    audit(checkpoint, source.tile)  # first, because it names what `look` only notices
    view = look(source, log)
    paths = [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if not path.is_dir()
    ]
    paths.remove(CHECKPOINT)
    for older in expect_known(paths, view.size):
        wider = tile_of(view.size, older.level, older.number << 8)
        expect_prefix(older, source.tile(older), source.tile(wider))
    return view


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise Unavailable(
            f"Cannot make the folder {folder} ({fault.strerror}): choose another."
        ) from None
