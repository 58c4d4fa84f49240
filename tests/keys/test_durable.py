"""A key file is whole, old or new, whatever happens, and nobody else's to read."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ipse.ground.errors import Malformed, Refused, Unavailable
from ipse.keys.durable import read_private, replace, write_new
from ipse.ports import Entropy
from ipse_lab.fakes import CountedEntropy

DICE: Entropy = CountedEntropy("durable")


def _names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def test_a_new_file_is_private_and_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_new(path, b"new", DICE)
    assert read_private(path, 3) == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _names(tmp_path) == {"key"}


def test_a_new_file_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_new(path, b"old", DICE)
    with pytest.raises(Refused, match="key exists already"):
        write_new(path, b"new", DICE)
    assert read_private(path, 3) == b"old"
    assert _names(tmp_path) == {"key"}


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused):
        write_new(path, b"new", DICE)
    assert _names(tmp_path) == {"key"}


def test_a_replaced_file_is_the_new_one_and_private(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old, and readable by all")
    path.chmod(0o644)
    replace(path, b"new", DICE)
    assert read_private(path, 3) == b"new"
    assert _names(tmp_path) == {"key"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o601])
def test_a_file_that_others_may_touch_is_not_trusted(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    write_new(path, b"key", DICE)
    path.chmod(mode)
    with pytest.raises(Refused, match="chmod 600"):
        read_private(path, 3)


def test_what_is_no_key_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="Cannot read key"):
        read_private(tmp_path / "key", 3)
    (tmp_path / "directory").mkdir(mode=0o700)
    with pytest.raises(Malformed, match="no plain file"):
        read_private(tmp_path / "directory", 3)
    write_new(tmp_path / "long", b"four", DICE)
    with pytest.raises(Malformed, match="more than 3 bytes"):
        read_private(tmp_path / "long", 3)


def test_a_device_that_never_ends_or_never_answers_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(Malformed, match="no plain file"):
            read_private(path, 3)


FILL = """
import resource, sys
from pathlib import Path
from ipse.ground.errors import Unavailable
from ipse.keys import durable
from ipse_lab.fakes import CountedEntropy
resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
try:
    getattr(durable, sys.argv[1])(Path(sys.argv[2]), b"x" * 11, CountedEntropy())
except Unavailable as unavailable:
    print(unavailable)
"""


@pytest.mark.parametrize("verb", ["write_new", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, verb: str
) -> None:
    """The limit on a file's size fails a write just as a full disk does."""
    path = tmp_path / "key"
    if verb == "replace":
        write_new(path, b"old", DICE)
    before = _names(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", FILL, verb, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Cannot write key: File too large" in done.stdout
    assert "try again" in done.stdout
    assert _names(tmp_path) == before
    if verb == "replace":
        assert read_private(path, 3) == b"old"


def test_a_directory_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="Cannot write key: No such file"):
        replace(tmp_path / "nowhere" / "key", b"new", DICE)


def test_no_file_is_left_open(tmp_path: Path) -> None:
    """Unix gives the lowest free number to whatever is opened next."""
    write_new(tmp_path / "key", b"key", DICE)
    free = os.dup(0)
    os.close(free)
    replace(tmp_path / "key", b"key", DICE)
    read_private(tmp_path / "key", 3)
    with pytest.raises(Malformed):
        read_private(tmp_path / "key", 2)
    with pytest.raises(Malformed):
        read_private(tmp_path, 2)
    after = os.dup(0)
    os.close(after)
    assert after == free
