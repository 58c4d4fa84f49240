"""A home has one process, and says so in one sentence."""

import errno
from pathlib import Path

import pytest

from ipse.ground.errors import Unavailable
from ipse.store.home import Lock, room_needed


def test_a_home_in_use_is_refused_until_it_is_given_back(tmp_path: Path) -> None:
    first = Lock(tmp_path / "1")
    with pytest.raises(Unavailable, match="in use by another process: stop that one"):
        Lock(tmp_path / "1")
    Lock(tmp_path / "2").release()  # another operator's home is another matter
    first.release()
    Lock(tmp_path / "1").release()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_becomes_a_sentence(number: int) -> None:
    sentence = "disk is full, so the row was not stored"
    with pytest.raises(Unavailable, match=sentence), room_needed("the row"):
        raise OSError(number, "full")


def test_another_fault_of_the_disk_is_not_hidden() -> None:
    with pytest.raises(OSError, match="broken"), room_needed("the row"):
        raise OSError(errno.EIO, "broken")
