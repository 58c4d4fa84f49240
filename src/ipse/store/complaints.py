"""An operator's complaints in its home, and those that it was told.

    HOME/operators/N/complaints/M/NAME     a complaint that operator M signed

Each is a file of its own, whole or not there, and never changed: it may be read while
the operator runs, and handed to somebody. What it says is not known here. Names sort as
the complaints are to be told.
"""

from pathlib import Path

from ipse.ground.errors import Unavailable
from ipse.ground.names import OperatorId
from ipse.store.disk import Disk
from ipse.store.whole import read_whole, write_whole

PART = ".part"


class ComplaintFolder:
    """Complaints, by who signed them. One process writes; any may read."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """Begin with what is there."""
        self._folder = folder
        self._disk = disk or Disk()

    def names(self, operator: OperatorId) -> list[str]:
        """Return the names of one operator's complaints, in their order."""
        folder = self._folder / str(operator)
        paths = folder.iterdir() if folder.is_dir() else ()
        return sorted(path.name for path in paths if path.suffix != PART)

    def read(self, operator: OperatorId, name: str, most: int) -> bytes:
        """Read a complaint of at most `most` bytes.

        Raises: Malformed: it is longer. Unavailable: it is not there.
        """
        content = read_whole(self._folder / str(operator) / name, most)
        if content is None:
            raise Unavailable(f"The complaint {name} was there and is not: look again.")
        return content

    def keep(self, operator: OperatorId, name: str, content: bytes) -> None:
        """Write a complaint; it is on the disk when this returns.

        Raises: Unavailable: the disk is full.
        """
        path = self._folder / str(operator) / name
        write_whole(self._disk, {path: content}, "a complaint")
