"""The engine is compiled where nothing is kept yet, and only there."""

from pathlib import Path

import numpy as np
import pytest

from ipse.matching import products
from ipse_lab.demo.engine import KEPT, compile_engine, is_compiled


def test_an_empty_cache_holds_no_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not is_compiled()


def test_what_numba_keeps_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kept = tmp_path / "matching_0" / KEPT.replace("*", "inner_products-1.py311")
    kept.parent.mkdir()
    kept.touch()
    assert is_compiled()


def test_compiling_prepares_for_rows_as_they_lie_on_the_disk() -> None:
    compile_engine()
    on_disk = np.zeros((1, 128), np.uint16)
    on_disk.flags.writeable = False
    before = len(products._one_probe.signatures)
    asked = products.panel(np.zeros((1, 128), np.uint16))
    products.inner_products(asked, on_disk, np.zeros((1, 64), np.uint16))
    assert len(products._one_probe.signatures) == before
