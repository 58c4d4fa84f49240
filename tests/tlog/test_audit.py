"""Of a copy of a log every bit is read, and what was changed is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import IpseError, Malformed, Unproven
from ipse.tlog.audit import audit, expect_known, expect_prefix
from ipse.tlog.checkpoint import Checkpoint
from ipse.tlog.tiles import ENTRIES, Tile, tiles_of
from ipse_lab.logs import MemoryLog, numbered

SMALL = MemoryLog(entries=numbered(600))
LARGE = MemoryLog(entries=numbered(65_800))


def audited(log: MemoryLog, changes: dict[Tile, bytes]) -> None:
    tiles = log.tiles | changes
    audit(log.checkpoint(), tiles.__getitem__)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_a_whole_copy_is_accepted(size: int) -> None:
    audited(MemoryLog(entries=numbered(size)), {})


def test_a_whole_copy_of_three_levels_is_accepted() -> None:
    audited(LARGE, {})


@given(st.data())
def test_any_changed_bit_is_named_by_its_file(data: st.DataObject) -> None:
    tile = data.draw(st.sampled_from(list(tiles_of(600))))
    content = bytearray(SMALL.tiles[tile])
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    with pytest.raises((Unproven, Malformed)) as told:
        audited(SMALL, {tile: bytes(content)})
    assert str(told.value).startswith(tile.path)


@given(st.data())
def test_a_cut_or_padded_file_is_named(data: st.DataObject) -> None:
    tile = data.draw(st.sampled_from(list(tiles_of(600))))
    content = SMALL.tiles[tile]
    for broken in (content[:-1], content + b"\0", b""):
        with pytest.raises((Unproven, Malformed)) as told:
            audited(SMALL, {tile: broken})
        assert str(told.value).startswith(tile.path)


@pytest.mark.parametrize("index", [0, 255, 300, 599])
def test_a_changed_entry_is_named(index: int) -> None:
    other = numbered(600)
    other[index] = b"x" * len(other[index])
    changed = MemoryLog(entries=other)
    tile = Tile(ENTRIES, index // 256, 256 if index < 512 else 88)
    with pytest.raises(Unproven, match=f"entry {index} is not the one"):
        audited(SMALL, {tile: changed.tiles[tile]})


def test_an_entry_that_was_changed_with_its_hash_is_found_one_level_up() -> None:
    other = numbered(65_800)
    other[300] = b"another"
    changed = MemoryLog(entries=other)
    both = {tile: changed.tiles[tile] for tile in (Tile(ENTRIES, 1), Tile(0, 1))}
    with pytest.raises(Unproven, match="tile/0/001 was changed: it does not fit"):
        audited(LARGE, both)
    above = {tile: changed.tiles[tile] for tile in (*both, Tile(1, 0))}
    with pytest.raises(Unproven, match="tile/1/000 was changed: it does not fit"):
        audited(LARGE, above)


def test_a_whole_copy_of_another_log_is_not_this_one_s() -> None:
    other = MemoryLog(entries=numbered(600, "other"))
    with pytest.raises(Unproven, match="fit each other, and not the root"):
        audit(SMALL.checkpoint(), other.tiles.__getitem__)


def test_older_tiles_say_what_the_wider_one_does() -> None:
    log = MemoryLog(entries=numbered(3))
    log.add(numbered(600)[3:])
    for level, number, width, now in ((0, 0, 3, 256), (ENTRIES, 0, 3, 256)):
        older, whole = Tile(level, number, width), Tile(level, number, now)
        content = log.tiles[older]
        expect_prefix(older, content, log.tiles[whole])
        for place in range(len(content)):
            changed = bytearray(content)
            changed[place] ^= 1
            with pytest.raises(IpseError, match=older.path.replace(".", r"\.")):
                expect_prefix(older, bytes(changed), log.tiles[whole])


def test_a_file_that_nobody_signed_is_named() -> None:
    log = MemoryLog(entries=numbered(3))
    log.add(numbered(600)[3:])
    paths = [tile.path for tile in log.tiles]
    assert {tile.width for tile in expect_known(paths, 600)} == {3}
    for path in ("tile/0/003", "tile/0/002.p/89", "notes.txt", "tile/0/002.part"):
        with pytest.raises(Malformed, match="nobody signed it"):
            expect_known([*paths, path], 600)


def test_a_checkpoint_of_another_size_has_other_tiles() -> None:
    shorter = MemoryLog(entries=numbered(599))
    checkpoint = Checkpoint("example/1", 599, shorter.reader().root)
    with pytest.raises(KeyError):  # what is not there is the source's to tell
        audit(checkpoint, SMALL.tiles.__getitem__)
