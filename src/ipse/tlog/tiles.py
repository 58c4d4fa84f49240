"""Tiles: the tree and its entries in files that never change.

    tile/0/x001/x234/067         256 leaf hashes: entries 1234067 x 256 and on
    tile/1/004                   256 roots of full tiles of the level below
    tile/0/x001/x234/068.p/17    the 17 that there are so far
    tile/entries/x001/...        the entries, each after its length in two bytes

A tile's number is written in groups of three digits, all but the last with an x before
them. A full tile has 256 hashes. The last tile of a level is partial, and its width is
in its name; when it grows, the wider one is another file.

A tile is trusted for nothing: whatever is computed from tiles is held against a root.

Source: c2sp.org/tlog-tiles. Specification: docs/spec/log.md, section 5.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ipse.ground.errors import Malformed
from ipse.tlog.tree import HASH_BYTES, Hash

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
"""Hashes of a full tile."""

ENTRIES: Final = -1
"""The level of the entries themselves."""

LEVELS: Final = 8
"""Levels of hashes of a log of up to 2^63 entries."""

ENTRY_BYTES: Final = 0xFFFF
LENGTH_BYTES: Final = 2
TILE_BYTES: Final = WIDTH * (LENGTH_BYTES + ENTRY_BYTES)
"""Bytes that a tile can have: a full bundle of the longest entries."""

_PATH: Final = re.compile(
    r"tile/(entries|[0-7])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One file of a log: which, and how wide."""

    level: int  # ENTRIES, or 0 to 7
    number: int  # within its level, from 0
    width: int = WIDTH  # 1 to 256; full with 256

    def __post_init__(self) -> None:
        """Check that it can be a file of some log."""
        if not (
            ENTRIES <= self.level < LEVELS
            and 0 <= self.number < 1 << (63 - HEIGHT)
            and 1 <= self.width <= WIDTH
        ):
            raise Malformed("There is no such tile.")

    @property
    def path(self) -> str:
        """Where it is, from the log's own folder on."""
        groups = [f"{self.number % 1_000:03}"]
        rest = self.number // 1_000
        while rest:
            groups.insert(0, f"x{rest % 1_000:03}")
            rest //= 1_000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(groups)}{partial}"

    @property
    def end(self) -> int:
        """How many entries a log must have before this tile can be."""
        return self.number * WIDTH + self.width << HEIGHT * max(self.level, 0)


def read_path(path: str) -> Tile:
    """Read the path of a tile. Raises: Malformed: it is none, or another spelling."""
    found = _PATH.fullmatch(path)
    if not found:
        raise Malformed("This is no tile's path.")
    level, groups, width = found.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int("".join(groups.split("/")).replace("x", "")),
        int(width) if width else WIDTH,
    )
    if tile.path != path:
        raise Malformed("This tile's path has another spelling.")
    return tile


def count(size: int, level: int) -> int:
    """Return how many hashes (or entries) a level of a log of `size` entries has."""
    return size >> HEIGHT * max(level, 0)


def tile_of(size: int, level: int, place: int) -> Tile:
    """Return the tile that holds a level's hash number `place`, as wide as it is."""
    number = place // WIDTH
    return Tile(level, number, min(WIDTH, count(size, level) - number * WIDTH))


def narrowed(tile: Tile, full: bytes) -> bytes:
    """Cut a partial tile out of the full one. Raises: Malformed: that is broken."""
    whole = Tile(tile.level, tile.number)
    if tile.level == ENTRIES:
        return write_entries(read_entries(whole, full)[: tile.width])
    return write_hashes(read_hashes(whole, full)[: tile.width])


def tiles_of(size: int, after: int = 0) -> Iterator[Tile]:
    """Yield the tiles that a log of `size` entries has and one of `after` has not."""
    for level in range(ENTRIES, LEVELS):
        had, has = count(after, level), count(size, level)
        if had < has:
            for number in range(had // WIDTH, -(-has // WIDTH)):
                yield Tile(level, number, min(WIDTH, has - number * WIDTH))


# --- what is in them -----------------------------------------------------------------


def write_hashes(hashes: Sequence[Hash]) -> bytes:
    """Write a tile of hashes."""
    return b"".join(hashes)


def read_hashes(tile: Tile, content: bytes) -> tuple[Hash, ...]:
    """Read a tile of hashes. Raises: Malformed: it is not as wide as its name says."""
    if len(content) != tile.width * HASH_BYTES:
        raise Malformed(
            f"{tile.path} has {len(content)} bytes and not {tile.width * HASH_BYTES}: "
            "it was cut or padded."
        )
    return tuple(
        Hash(content[place : place + HASH_BYTES])
        for place in range(0, len(content), HASH_BYTES)
    )


def write_entries(entries: Sequence[bytes]) -> bytes:
    """Write a bundle of entries. Raises: Malformed: an entry is too long."""
    if any(len(entry) > ENTRY_BYTES for entry in entries):
        raise Malformed(f"An entry of a log has at most {ENTRY_BYTES} bytes.")
    return b"".join(len(entry).to_bytes(LENGTH_BYTES) + entry for entry in entries)


def read_entries(tile: Tile, content: bytes) -> tuple[bytes, ...]:
    """Read a bundle of entries. Raises: Malformed: it does not hold what it says."""
    entries: list[bytes] = []
    place = 0
    while place < len(content):
        start = place + LENGTH_BYTES
        place = start + int.from_bytes(content[start - LENGTH_BYTES : start])
        entries.append(content[start:place])
    if place != len(content) or len(entries) != tile.width:
        raise Malformed(
            f"{tile.path} does not hold {tile.width} whole entries: it was changed, "
            "cut or padded."
        )
    return tuple(entries)
