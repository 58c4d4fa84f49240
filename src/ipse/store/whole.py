"""Files that are whole or not there, on a disk whose power may fail.

    write the new file beside the old one -> sync it -> rename -> sync the folder

Whoever reads meanwhile sees the old file or the new one. What a crash leaves besides is
a `.part` file, which the next writer overwrites: a folder has one writer, the process
that holds the home.
"""

from collections.abc import Mapping
from pathlib import Path

from ipse.ground.errors import Malformed, Unavailable
from ipse.store.disk import Disk, room_needed


def write_whole(disk: Disk, files: Mapping[Path, bytes], what: str) -> None:
    """Write files; all of them are on the disk when this returns.

    Raises: Unavailable: the disk is full; some may be written, none in part.
    """
    with room_needed(what):
        for path, content in files.items():
            disk.make_folder(path.parent)
            part = path.with_name(f"{path.name}.part")
            part.unlink(missing_ok=True)
            file = disk.open(part)
            try:
                disk.write(file, content, 0)
                disk.sync(file)
            finally:
                disk.close(file)
            disk.rename(part, path)
        for folder in sorted({path.parent for path in files}):
            disk.sync_folder(folder)


def read_whole(path: Path, most: int) -> bytes | None:
    """Read a file of at most `most` bytes; none if it is not there.

    Raises: Malformed: it is longer. Unavailable: the disk will not.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError:
        return None
    except OSError as fault:
        reason = fault.strerror or "the system gives no reason"
        raise Unavailable(f"Cannot read {path.name}: {reason}.") from None
    if len(content) > most:
        raise Malformed(f"{path.name} has more than {most} bytes: it is another file.")
    return content
