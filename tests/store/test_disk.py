"""A full disk is a sentence; what was synced is there."""

import errno
import os
from pathlib import Path

import pytest

from ipse.ground.errors import Unavailable
from ipse.store.disk import Disk, room_needed


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_becomes_a_sentence(number: int) -> None:
    sentence = "disk is full, so the row was not stored"
    with pytest.raises(Unavailable, match=sentence), room_needed("the row"):
        raise OSError(number, "full")


def test_another_fault_of_the_disk_is_not_hidden() -> None:
    with pytest.raises(OSError, match="broken"), room_needed("the row"):
        raise OSError(errno.EIO, "broken")


def test_what_is_written_is_there_and_what_is_removed_is_not(tmp_path: Path) -> None:
    disk, path = Disk(), tmp_path / "folder" / "file"
    path.parent.mkdir()
    file = disk.open(path)
    disk.allocate(file, 3 << 20)
    disk.write(file, b"\x07" * (2 << 20), 1 << 20)
    disk.sync(file)
    os.close(file)
    assert path.read_bytes() == bytes(1 << 20) + b"\x07" * (2 << 20)
    assert path.stat().st_mode & 0o077 == 0
    disk.remove(path)
    disk.remove(path.parent)
    disk.sync_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []
