"""What numba keeps on disk is never of older tiles than these."""

import hashlib
from pathlib import Path

from ipse.matching import tiles
from ipse.matching.products import TILES


def test_whoever_changes_the_tiles_changes_who_compiles_them() -> None:
    digest = hashlib.sha256(Path(tiles.__file__).read_bytes()).hexdigest()
    assert digest.startswith(TILES), f"set TILES to {digest[: len(TILES)]!r}"
