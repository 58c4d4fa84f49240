"""Files that are whole or not there: for keys, half a file is a lost key.

The bytes go to a new file beside the old one, reach the disk, and take the name in
one step, after which the directory reaches the disk too. A crash at any moment, or a
full disk, leaves the old file or the new one, and at worst a stray `.part` file. Only
the owner of the process may read what is written.
"""

import os
import stat
from pathlib import Path

from ipse.ground.errors import Malformed, Refused, Unavailable
from ipse.ports import Entropy

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_new(path: Path, content: bytes, entropy: Entropy) -> None:
    """Write a file that must not exist yet.

    Raises: Refused: something has its name. Unavailable: the disk will not.
    """
    try:
        _write(path, content, entropy, is_new=True)
    except FileExistsError:
        raise Refused(
            f"{path.name} exists already and is not overwritten: move it away first."
        ) from None
    except OSError as error:
        raise _unavailable("write", path, error) from error


def replace(path: Path, content: bytes, entropy: Entropy) -> None:
    """Write a file, in the place of the one that may be there.

    Raises: Unavailable: the disk will not; the old file is as it was.
    """
    try:
        _write(path, content, entropy, is_new=False)
    except OSError as error:
        raise _unavailable("write", path, error) from error


def read_private(path: Path, most: int) -> bytes:
    """Read a file of at most `most` bytes that nobody else may read.

    Raises:
        Refused: others may read it, so its secrets may be known.
        Malformed: it is too long, or no plain file.
        Unavailable: it is not there, or the disk will not.
    """
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            _expect_private(path, os.fstat(opened).st_mode)
            with os.fdopen(opened, "rb", closefd=False) as file:
                content = file.read(most + 1)
        finally:
            os.close(opened)
    except OSError as error:
        raise _unavailable("read", path, error) from error
    if len(content) > most:
        raise Malformed(f"{path.name} has more than {most} bytes: it is another file.")
    return content


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _expect_private(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise Malformed(f"{path.name} is no plain file: it holds no keys.")
    if mode & OTHERS:
        raise Refused(
            f"Others may read {path.name}: forbid it (chmod 600), and think about who "
            "did read it."
        )


def _write(path: Path, content: bytes, entropy: Entropy, *, is_new: bool) -> None:
    part = path.with_name(f"{path.name}.{entropy.draw(8).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    opened = os.open(part, flags, stat.S_IRUSR | stat.S_IWUSR)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            os.link(part, path)  # unlike a rename, it fails if the name is taken
        else:
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_directory(path.parent)


def _unavailable(verb: str, path: Path, error: OSError) -> Unavailable:
    reason = error.strerror or "the system gives no reason"
    return Unavailable(
        f"Cannot {verb} {path.name}: {reason}. What was there is safe: mend this, then "
        "try again."
    )
