"""An operator's home: one folder, one process.

    HOME/operators/N/store.sqlite     the ledger, unless it is kept elsewhere
    HOME/operators/N/segments/E/      the shares of epoch E, one file for each field
    HOME/operators/N/lock             held while a process runs here

The lock is the kernel's: it ends with the process, however that ends.
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from ipse.ground.errors import Unavailable

LOCK: Final = "lock"
LEDGER: Final = "store.sqlite"
SEGMENTS: Final = "segments"


class Lock:
    """The right to use what a file stands for."""

    def __init__(self, path: Path, what: str) -> None:
        """Take the lock. Raises: Unavailable: another process has it."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(number, "r+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise Unavailable(
                f"{what} is in use by another process: stop that one first, or choose "
                "another home."
            ) from None

    def release(self) -> None:
        """Give it back."""
        self._file.close()


def home_lock(folder: Path) -> Lock:
    """Take a home. Raises: Unavailable: another process has it."""
    return Lock(folder / LOCK, f"The home {folder.name}")
