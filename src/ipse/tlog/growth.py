"""Growth: which files a log needs before it can say that it is longer.

    grow(size, entries, read)  -->  new tiles, the new size, the new root

Only tiles at the right edge are read: the partial ones, which go on in wider files,
and those under a tile that becomes full. Nothing that exists is changed.

Specification: docs/spec/log.md, section 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ipse.tlog.reader import Read, TileReader
from ipse.tlog.tiles import (
    ENTRIES,
    HEIGHT,
    LEVELS,
    WIDTH,
    Tile,
    count,
    read_entries,
    read_hashes,
    write_entries,
    write_hashes,
)
from ipse.tlog.tree import Hash, hash_leaf, root_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grown:
    """A log with more entries: what must be written, and what is then true."""

    tiles: Mapping[Tile, bytes]
    size: int
    root: Hash


def grow(size: int, entries: Sequence[bytes], read: Read) -> Grown:
    """Add entries to a log of `size` entries whose tiles can be read.

    Raises: Malformed: an entry is too long, or a tile is broken.
    """
    tiles: dict[Tile, bytes] = {}
    grown = size + len(entries)
    for tile, bundle in _filled(ENTRIES, size, _rest(size, read), entries):
        tiles[tile] = write_entries(bundle)
    added = [hash_leaf(entry) for entry in entries]
    for level in range(LEVELS):
        had = count(size, level)
        above: list[Hash] = []
        for tile, hashes in _filled(level, had, _hashes(level, had, read), added):
            tiles[tile] = write_hashes(hashes)
            if tile.width == WIDTH:
                above.append(root_of(hashes))
        added = above
        if not added:
            break
    reader = TileReader(grown, lambda tile: tiles.get(tile) or read(tile))
    return Grown(tiles, grown, reader.root)


def _filled(
    level: int, had: int, rest: Sequence[T], added: Sequence[T]
) -> list[tuple[Tile, Sequence[T]]]:
    """Lay what a partial tile had, and what is added, into tiles."""
    if not added:
        return []
    whole = [*rest, *added]
    first = had >> HEIGHT
    return [
        (Tile(level, first + place // WIDTH, len(part)), part)
        for place in range(0, len(whole), WIDTH)
        for part in [whole[place : place + WIDTH]]
    ]


def _rest(size: int, read: Read) -> Sequence[bytes]:
    width = size % WIDTH
    tile = Tile(ENTRIES, size // WIDTH, width) if width else None
    return read_entries(tile, read(tile)) if tile else ()


def _hashes(level: int, had: int, read: Read) -> Sequence[Hash]:
    width = had % WIDTH
    tile = Tile(level, had // WIDTH, width) if width else None
    return read_hashes(tile, read(tile)) if tile else ()
