"""What numba keeps on disk is never of older tiles than these."""

import hashlib
from pathlib import Path

from ipse.matching import lanes, tiles
from ipse.matching.galois import KEPT
from ipse.matching.products import TILES


def test_whoever_changes_the_tiles_changes_who_compiles_them() -> None:
    text = b"".join(Path(each.__file__).read_bytes() for each in (lanes, tiles))
    digest = hashlib.sha256(text).hexdigest()
    assert digest.startswith(TILES), f"set TILES to {digest[: len(TILES)]!r}"


def test_whoever_changes_the_lanes_changes_the_ring_that_is_made_of_them() -> None:
    digest = hashlib.sha256(Path(lanes.__file__).read_bytes()).hexdigest()
    assert digest.startswith(KEPT), f"set KEPT to {digest[: len(KEPT)]!r}"
