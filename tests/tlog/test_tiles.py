"""Tiles are named and filled as C2SP says, and read by another implementation."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import tile_path

from ipse.ground.errors import Malformed, OutOfTurn
from ipse.tlog.growth import grow
from ipse.tlog.tiles import (
    ENTRIES,
    LEVELS,
    WIDTH,
    Tile,
    narrowed,
    read_entries,
    read_hashes,
    read_path,
    tiles_of,
    write_entries,
)
from ipse.tlog.tree import (
    check_inclusion,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    root_of,
    span_of,
)
from ipse_lab.logs import MemoryLog, numbered

tiles = st.builds(
    Tile,
    st.integers(ENTRIES, LEVELS - 1),
    st.integers(0, 2**55 - 1) | st.integers(0, 3_000),
    st.integers(1, WIDTH),
)

# c2sp.org/tlog-tiles' own examples
PATHS = {
    Tile(0, 1_234_067): "tile/0/x001/x234/067",
    Tile(0, 0, 1): "tile/0/000.p/1",
    Tile(ENTRIES, 999, 255): "tile/entries/999.p/255",
    Tile(7, 1_000): "tile/7/x001/000",
}


@pytest.mark.parametrize("tile", PATHS, ids=PATHS.values())
def test_a_tile_is_where_c2sp_says(tile: Tile) -> None:
    assert tile.path == PATHS[tile]
    assert read_path(PATHS[tile]) == tile


@given(tiles)
def test_a_path_is_read_back(tile: Tile) -> None:
    assert read_path(tile.path) == tile
    partial = tile.width % WIDTH
    assert tile.path == "/".join(tile_path(tile.level, tile.number, partial))


WRONG = [
    "",
    "tile",
    "tile/0/0",
    "tile/0/0000",
    "tile/00/000",
    "tile/8/000",
    "tile/-1/000",
    "tile/0/x000/000",
    "tile/0/x001/x234/67",
    "tile/0/001/234",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p",
    "tile/0/000/",
    "/tile/0/000",
    "tile/0/../0/000",
    "tile/entries/000\n",
    "tile/0/x999/x999/x999/x999/x999/x999/999",
    "tile/0/\u0660\u0660\u0660",
]


@pytest.mark.parametrize("path", WRONG)
def test_a_path_has_one_spelling(path: str) -> None:
    with pytest.raises(Malformed, match="tile"):
        read_path(path)


def test_a_log_of_70_000_has_the_tiles_of_c2sp_s_example() -> None:
    found = list(tiles_of(70_000))
    assert sum(t.level == 0 and t.width == WIDTH for t in found) == 273
    partial = {(t.level, t.width) for t in found if t.width < WIDTH and t.level >= 0}
    assert partial == {(0, 112), (1, 17), (2, 1)}
    assert sum(t.level == 1 and t.width == WIDTH for t in found) == 1


def test_a_log_of_256_has_a_partial_tile_above() -> None:
    assert {t.path for t in tiles_of(256)} == {
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    }


@given(st.integers(0, 2_000), st.integers(0, 800))
def test_growing_writes_what_is_new_and_no_more(size: int, more: int) -> None:
    log = MemoryLog(entries=numbered(size))
    grown = grow(size, numbered(more, "new"), log.tiles.__getitem__)
    assert list(grown.tiles) == list(tiles_of(size + more, size))
    assert not set(grown.tiles) & set(log.tiles)
    leaves = [hash_leaf(each) for each in (*log.entries, *numbered(more, "new"))]
    assert (grown.size, grown.root) == (size + more, root_of(leaves))
    assert all(tile.end <= grown.size for tile in grown.tiles)


@pytest.mark.parametrize("size", [65_536, 65_537, 70_000])
def test_a_log_of_three_levels_proves_the_same_as_its_leaves(size: int) -> None:
    log = MemoryLog(entries=numbered(size))
    leaves = [hash_leaf(entry) for entry in log.entries]
    reader, span = log.reader(), span_of(leaves)
    assert reader.root == root_of(leaves)
    for index in (0, 255, 256, 65_535, size - 1):
        proof = prove_inclusion(index, size, reader.span)
        assert proof == prove_inclusion(index, size, span)
        check_inclusion(index, size, reader.leaf(index), proof, reader.root)
        assert reader.entry(index) == log.entries[index]
    for older in (1, 256, 65_535, 65_536):
        assert prove_consistency(older, size, reader.span) == prove_consistency(
            older, size, span
        )


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700, 66_000])
def test_another_implementation_reads_the_files(tmp_path: Path, size: int) -> None:
    log = MemoryLog(entries=numbered(size))
    for tile, content in log.tiles.items():
        path = tmp_path / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "checkpoint").write_bytes(log.cosigned())
    theirs = TilesReader(LocalBackend(tmp_path))
    checkpoint = theirs.get_checkpoint()
    for key in (log.log.key, *log.log.witnesses):
        checkpoint.verify(Vkey.from_string(key.spell()))
    assert (checkpoint.origin, checkpoint.size) == ("example/1", size)
    assert theirs.calculate_root_hash() == checkpoint.root_hash
    assert theirs.get_entry(size - 1) == log.entries[-1]
    proof = theirs.get_inclusion_proof(size // 2, size)
    proof.check(hash_leaf(log.entries[size // 2]), log.checkpoint().root)


@pytest.mark.parametrize("level", [ENTRIES, 0])
@pytest.mark.parametrize("width", [1, 100, 255])
def test_a_partial_tile_is_the_beginning_of_the_full_one(
    level: int, width: int
) -> None:
    shorter, longer = (MemoryLog(entries=numbered(size)) for size in (width, 256))
    partial = Tile(level, 0, width)
    assert narrowed(partial, longer.tiles[Tile(level, 0)]) == shorter.tiles[partial]
    with pytest.raises(Malformed):
        narrowed(partial, shorter.tiles[partial])


def test_a_tile_is_as_wide_as_its_name_says() -> None:
    with pytest.raises(Malformed, match=r"tile/0/000.p/2 has 63 bytes and not 64"):
        read_hashes(Tile(0, 0, 2), bytes(63))


BUNDLES = {
    "cut": write_entries([b"a", b"b"])[:-1],
    "cut in a length": write_entries([b"a"]) + b"\0",
    "padded": write_entries([b"a", b"b"]) + b"\0",
    "one more": write_entries([b"a", b"b", b"c"]),
    "one less": write_entries([b"a"]),
}


@pytest.mark.parametrize("content", BUNDLES.values(), ids=BUNDLES)
def test_a_bundle_holds_what_its_name_says(content: bytes) -> None:
    with pytest.raises(Malformed, match="2 whole entries"):
        read_entries(Tile(ENTRIES, 0, 2), content)


def test_an_entry_has_a_length_in_two_bytes() -> None:
    longest = bytes(65_535)
    content = write_entries([longest])
    assert read_entries(Tile(ENTRIES, 0, 1), content) == (longest,)
    with pytest.raises(Malformed, match="65535"):
        write_entries([longest + b"\0"])


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (0, 6), (-1, 1)])
def test_there_is_no_span_beyond_the_log(start: int, end: int) -> None:
    with pytest.raises(OutOfTurn):
        MemoryLog(entries=numbered(5)).reader().span(start, end)
