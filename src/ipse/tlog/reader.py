"""The reader: a log of one size, seen through its tiles.

    TileReader(size, read).span    hashes any run of entries, as `ipse.tlog.tree` asks
                          .root    of the whole
                          .entry   one entry, itself

Where tiles come from (a disk, a door, a folder of copies) is the caller's. What they
hold is believed here, and proved by whoever takes a proof to `tree.check_inclusion`
or `tree.check_consistency`.

Specification: docs/spec/log.md, section 5.
"""

from collections.abc import Callable
from typing import TypeAlias

from ipse.ground.errors import OutOfTurn
from ipse.tlog.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Tile,
    count,
    read_entries,
    read_hashes,
    tile_of,
)
from ipse.tlog.tree import EMPTY, Hash, hash_node, split

Read: TypeAlias = Callable[[Tile], bytes]
"""Reads a tile. Raises: whatever says that it is not there."""


class TileReader:
    """A log of one size. Keeps the tiles of hashes that it read."""

    def __init__(self, size: int, read: Read) -> None:
        """Read nothing yet."""
        self.size = size
        self._read = read
        self._kept: dict[Tile, tuple[Hash, ...]] = {}

    @property
    def root(self) -> Hash:
        """The root over all entries."""
        return self.span(0, self.size) if self.size else EMPTY

    def leaf(self, index: int) -> Hash:
        """Return the hash of one entry."""
        return self.span(index, index + 1)

    def span(self, start: int, end: int) -> Hash:
        """Hash a run of entries, as far as possible from the level that has it.

        Raises: Malformed: a tile is broken; and whatever reading one raises.
        """
        if not 0 <= start < end <= self.size:
            raise OutOfTurn(f"There are no entries {start} to {end} among {self.size}.")
        level = 0
        while not (start | end) & (WIDTH - 1) and end >> HEIGHT <= count(
            self.size, level + 1
        ):
            start, end, level = start >> HEIGHT, end >> HEIGHT, level + 1
        return self._within(level, start, end)

    def entry(self, index: int) -> bytes:
        """Return one entry. Raises: as `span`."""
        tile = tile_of(self.size, ENTRIES, index)
        return read_entries(tile, self._read(tile))[index % WIDTH]

    def _within(self, level: int, start: int, end: int) -> Hash:
        """Hash some hashes of a level, going down where their ends are not whole."""
        if end - start == 1:
            return self._hash(level, start)
        middle = start + split(end - start)
        low = HEIGHT * level
        return hash_node(
            self.span(start << low, middle << low),
            self.span(middle << low, end << low),
        )

    def _hash(self, level: int, place: int) -> Hash:
        tile = tile_of(self.size, level, place)
        if tile not in self._kept:
            self._kept[tile] = read_hashes(tile, self._read(tile))
        return self._kept[tile][place % WIDTH]
