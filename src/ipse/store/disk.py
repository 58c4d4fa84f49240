"""The disk: the few things that a store asks of a file system, and when they are done.

    write, allocate    done when a later `sync` of the file has returned
    sync               all that was written to the file survives a power failure
    remove             the name is gone; what the file held is not overwritten
    rename             done when a later `sync_folder` of the folder has returned

Everything that changes a segment or a log goes through here, so that tests can put a
disk in its place that fails at any step, and forgets what was not synced
(`ipse_lab.failing`).
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ipse.ground.errors import Unavailable

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Disk:
    """A real one."""

    def open(self, path: Path) -> int:
        """Open or create a file for reading and writing, for its owner alone."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def close(self, file: int) -> None:
        """Let go of a file. What was written and not synced may still be lost."""
        os.close(file)

    def write(self, file: int, content: bytes, place: int) -> None:
        """Write all of it at a place: the kernel may take less at once."""
        left = memoryview(content)
        while left:
            written = os.pwrite(file, left, place)
            left, place = left[written:], place + written

    def allocate(self, file: int, size: int) -> None:
        """Give a file room, so that writing into it later can't fail for lack of it."""
        os.posix_fallocate(file, 0, size)

    def sync(self, file: int) -> None:
        """Return once all that was written to a file is on the disk."""
        os.fsync(file)

    def sync_folder(self, folder: Path) -> None:
        """Return once the names of new and removed files are on the disk."""
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(number)
        finally:
            os.close(number)

    def rename(self, path: Path, onto: Path) -> None:
        """Give a file another name in its folder, in the place of what has it."""
        path.replace(onto)

    def make_folder(self, folder: Path) -> None:
        """Return once a folder is there, with those above it."""
        if not folder.is_dir():
            self.make_folder(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
            self.sync_folder(folder.parent)

    def remove(self, path: Path) -> None:
        """Remove the name of a file, or of an empty folder."""
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()


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
