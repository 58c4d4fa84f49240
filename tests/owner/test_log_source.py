"""A copy of a log is read by itself: what was changed, cut off or added is named."""

from pathlib import Path

import pytest

from ipse.ground.errors import IpseError, Malformed, Unavailable, Unproven
from ipse.ground.names import OPERATORS
from ipse.owner.log import look
from ipse.owner.log_source import DoorSource, FolderSource, check_copy, save_copy
from ipse.tlog.logs import log_of
from ipse.tlog.tiles import tiles_of
from ipse_lab.fakes import CountedEntropy
from ipse_lab.log_doors import LogDoors, opened_doors
from ipse_lab.logs import MemoryLog, cosigned_by, numbered

LOG = MemoryLog(entries=numbered(300))
ONE = OPERATORS[0]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "1"
    for tile in tiles_of(300):
        path = folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(LOG.tiles[tile])
    (folder / "checkpoint").write_bytes(LOG.cosigned())
    return folder


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_whole_copy_needs_nobody(copy: Path) -> None:
    assert check_copy(copy, LOG.log).size == 300
    assert look(FolderSource(copy), LOG.log).size == 300


def test_any_changed_bit_of_any_file_is_told(copy: Path) -> None:
    for path in files(copy):
        good = path.read_bytes()
        name = str(path.relative_to(copy))
        for place in range(0, len(good), 97):
            for bit in (0, 5, 7):
                changed = bytearray(good)
                changed[place] ^= 1 << bit
                path.write_bytes(changed)
                with pytest.raises((Malformed, Unproven, Unavailable)) as told:
                    check_copy(copy, LOG.log)
                assert name == "checkpoint" or str(told.value).startswith(name)
        path.write_bytes(good)
    check_copy(copy, LOG.log)


def test_a_copy_that_was_cut_off_is_told_what_is_missing(copy: Path) -> None:
    for path in files(copy):
        good = path.read_bytes()
        path.unlink()
        name = path.relative_to(copy)
        with pytest.raises(Unavailable, match="not copied to the end") as told:
            check_copy(copy, LOG.log)
        assert f"1/{name} is missing" in str(told.value)
        path.write_bytes(good[: len(good) // 2])
        with pytest.raises(IpseError):
            check_copy(copy, LOG.log)
        path.write_bytes(good)


def test_no_copy_at_all_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="1/checkpoint is missing"):
        check_copy(tmp_path / "1", LOG.log)


def test_a_file_that_nobody_signed_is_named(copy: Path) -> None:
    (copy / "tile" / "0" / "002").write_bytes(bytes(8_192))
    with pytest.raises(Malformed, match="tile/0/002 is beyond the 300 entries"):
        check_copy(copy, LOG.log)


def test_older_tiles_may_stay_and_are_read_too(copy: Path) -> None:
    older = MemoryLog(entries=numbered(290))
    for tile in tiles_of(290):
        path = copy / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(older.tiles[tile])
    check_copy(copy, LOG.log)
    path = copy / "tile" / "0" / "001.p" / "34"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    with pytest.raises(Unproven, match=r"tile/0/001\.p/34 was changed"):
        check_copy(copy, LOG.log)


def test_a_witness_that_the_charter_does_not_name_is_named(copy: Path) -> None:
    text = LOG.note().split(b"\n\n")[0] + b"\n"
    strange = LOG.note(cosigned_by("example/2", text), cosigned_by("stranger", text))
    (copy / "checkpoint").write_bytes(strange)
    with pytest.raises(Unproven, match=r"signed by stranger with key .* not name"):
        check_copy(copy, LOG.log)


def test_a_checkpoint_of_another_time_does_not_fit_the_copy(copy: Path) -> None:
    """An operator's folder that was copied while it grew."""
    shorter = MemoryLog(entries=numbered(280))
    (copy / "checkpoint").write_bytes(shorter.cosigned())
    with pytest.raises(Unavailable, match=r"tile/entries/001\.p/24 is missing"):
        check_copy(copy, LOG.log)


def test_what_a_door_shows_is_copied_whole(tmp_path: Path) -> None:
    with opened_doors(tmp_path / "doors") as doors:
        doors.leaves[ONE].listed = numbered(300)
        doors.wait_for(ONE, 300)
        log = log_of(doors.network, ONE)
        source = DoorSource(doors.network.entry(ONE))
        try:
            view = look(source, log)
            written = save_copy(view, tmp_path / "copy" / "1", CountedEntropy())
        finally:
            source.close()
    assert written == len(list(tiles_of(300))) + 1 == len(files(tmp_path / "copy"))
    assert check_copy(tmp_path / "copy" / "1", log).note == view.note


def test_a_tile_that_became_full_meanwhile_is_cut_to_what_it_was(
    tmp_path: Path,
) -> None:
    with opened_doors(tmp_path / "doors") as doors:
        doors.leaves[ONE].listed = numbered(200)
        doors.wait_for(ONE, 200)
        log = log_of(doors.network, ONE)
        source = DoorSource(doors.network.entry(ONE))
        try:
            before = look(source, log)
            doors.leaves[ONE].listed = numbered(300)
            doors.wait_for(ONE, 300)
            save_copy(before, tmp_path / "copy" / "1", CountedEntropy())
        finally:
            source.close()
    assert not list((tmp_path / "doors" / "1" / "log").rglob("000.p/200"))
    assert check_copy(tmp_path / "copy" / "1", log).size == 200


def test_a_door_that_is_closed_or_shows_nothing_is_told(tmp_path: Path) -> None:
    doors = LogDoors(tmp_path)
    source = DoorSource(doors.network.entry(ONE))
    try:
        with pytest.raises(Unavailable, match="Operator 1 cannot be reached"):
            source.checkpoint()
        with doors.running(ONE), pytest.raises(Unavailable, match="HTTP 503"):
            source.checkpoint()
    finally:
        source.close()
