"""An operator's home: one folder, one process.

    HOME/operators/N/store.sqlite     the ledger: who, where, what is in doubt
    HOME/operators/N/segments/        the shares, one file for each field
    HOME/operators/N/lock             held while a process runs here

The lock is the kernel's: it ends with the process, however that ends.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ipse.ground.errors import Unavailable

LOCK: Final = "lock"
LEDGER: Final = "store.sqlite"
SEGMENTS: Final = "segments"

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Lock:
    """The right to use a home."""

    def __init__(self, folder: Path) -> None:
        """Take the lock. Raises: Unavailable: another process has it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._number = os.open(
            folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(self._number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._number)
            raise Unavailable(
                f"The home {folder.name} is in use by another process: stop that one "
                "first, or choose another home."
            ) from None

    def release(self) -> None:
        """Give the home back."""
        os.close(self._number)


@contextmanager
def room_needed(what: str) -> Iterator[None]:
    """Turn a full disk into a sentence, and into nothing worse.

    Raises: Unavailable: the disk, or this process's share of it, is full.
    """
    try:
        yield
    except OSError as fault:
        if fault.errno not in _FULL:
            raise
        raise Unavailable(
            f"The operator's disk is full, so {what} was not stored; nothing was lost. "
            "Make room there, then try again."
        ) from None
