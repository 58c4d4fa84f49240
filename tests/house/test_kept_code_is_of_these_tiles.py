"""What numba keeps on disk is never of older tiles than these."""

import hashlib
from pathlib import Path

from ipse.matching import lanes, tiles
from ipse.matching.products import TILES


def test_whoever_changes_the_tiles_changes_who_compiles_them() -> None:
    text = b"".join(Path(each.__file__).read_bytes() for each in (lanes, tiles))
    digest = hashlib.sha256(text).hexdigest()
    assert digest.startswith(TILES), f"set TILES to {digest[: len(TILES)]!r}"
