"""The audit: every bit of a copy of a log, held against what its checkpoint promised.

    entries --hash--> level 0 --roots of full tiles--> level 1 --> ... --> the root

If the entries lead to the root, they are what was signed, and a tile that says anything
else was changed. If they don't, the tiles above are followed down to the lowest place
that still fits, and what hangs below it was changed. Either way the file is named.

Specification: docs/spec/log.md, section 12.
"""

from collections.abc import Iterator, Sequence

from ipse.ground.errors import Malformed, Unproven
from ipse.tlog.checkpoint import Checkpoint
from ipse.tlog.reader import Read
from ipse.tlog.tiles import (
    ENTRIES,
    LEVELS,
    WIDTH,
    Tile,
    count,
    read_entries,
    read_hashes,
    read_path,
    tile_of,
)
from ipse.tlog.tree import Hash, hash_leaf, root_of


def audit(checkpoint: Checkpoint, read: Read) -> None:
    """Return if a copy of a log is whole, and no bit of it was changed.

    Raises:
        Unproven: naming the file that was changed, and where in it.
        Malformed: naming a file that was cut or padded.
        and whatever `read` raises where a file is not there.
    """
    size = checkpoint.size
    leaves = [
        hash_leaf(entry)
        for tile in _level(size, ENTRIES)
        for entry in read_entries(tile, read(tile))
    ]
    said = [_read_level(size, level, read) for level in range(LEVELS)]
    if root_of(leaves) == checkpoint.root:
        _expect_levels(said, leaves)
    else:
        raise Unproven(_blame(said, leaves, checkpoint))


def expect_prefix(tile: Tile, content: bytes, whole: bytes) -> None:
    """Return if an older, narrower tile says what the wider one does.

    Raises: Unproven, Malformed: naming it.
    """
    if tile.level == ENTRIES:
        read_entries(tile, content)
    else:
        read_hashes(tile, content)
    if not whole.startswith(content):
        raise Unproven(f"{tile.path} was changed: the wider tile says otherwise.")


def _level(size: int, level: int) -> Iterator[Tile]:
    """Yield a level's tiles, each as wide as it is now."""
    for place in range(0, count(size, level), WIDTH):
        yield tile_of(size, level, place)


def _read_level(size: int, level: int, read: Read) -> list[Hash]:
    return [
        one for tile in _level(size, level) for one in read_hashes(tile, read(tile))
    ]


def _expect_levels(said: Sequence[Sequence[Hash]], leaves: Sequence[Hash]) -> None:
    """Hold each level against the one below, which is true."""
    true = list(leaves)
    for level, hashes in enumerate(said):
        for place, (one, other) in enumerate(zip(hashes, true, strict=True)):
            if one != other:
                tile = tile_of(len(leaves), level, place)
                raise Unproven(
                    f"{tile.path} was changed: its hash {place % WIDTH} is not that of "
                    "the entries, which are as signed."
                )
        true = _roots(true)


def _blame(
    said: Sequence[Sequence[Hash]], leaves: Sequence[Hash], checkpoint: Checkpoint
) -> str:
    """Name the highest place below which something does not fit."""
    size = len(leaves)
    for level in range(LEVELS - 1, 0, -1):
        for place, (one, other) in enumerate(
            zip(said[level], _roots(said[level - 1]), strict=True)
        ):
            if one != other:
                below = Tile(level - 1, place)
                above = tile_of(size, level, place)
                return f"{below.path} was changed: it does not fit {above.path}."
    for place, (one, other) in enumerate(zip(said[0], leaves, strict=True)):
        if one != other:
            return (
                f"{tile_of(size, ENTRIES, place).path} was changed: entry {place} is "
                f"not the one that {tile_of(size, 0, place).path} has a hash of."
            )
    return (
        f"Entries and tiles fit each other, and not the root that {checkpoint.origin} "
        f"signed for {size} entries: they were changed together, or are another log's."
    )


def _roots(hashes: Sequence[Hash]) -> list[Hash]:
    """Return the roots of a level's full tiles."""
    return [
        root_of(hashes[place : place + WIDTH])
        for place in range(0, len(hashes) - len(hashes) % WIDTH, WIDTH)
    ]


def expect_known(paths: Sequence[str], size: int) -> list[Tile]:
    """Return the tiles that a copy has besides those that its size asks for.

    Raises: Malformed: a file is no tile of a log of this size.
    """
    needed = {tile for level in range(ENTRIES, LEVELS) for tile in _level(size, level)}
    older = []
    for path in paths:
        try:
            tile = read_path(path)
        except Malformed:
            raise Malformed(f"{path} is no file of a log: nobody signed it.") from None
        if tile in needed:
            continue
        if tile.end > size or tile.width == WIDTH:
            raise Malformed(
                f"{path} is beyond the {size} entries that were signed: nobody signed "
                "it."
            )
        older.append(tile)
    return older
