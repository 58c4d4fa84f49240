"""An operator that serves does not stop to look through what it loaded at its start."""

import gc
from collections.abc import Iterator

import pytest

from ipse.operator import service


@pytest.fixture
def thawed() -> Iterator[None]:
    """Leave the collector as it was."""
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_what_is_loaded_is_set_aside_once() -> None:
    service._set_aside()
    loaded = gc.get_freeze_count()
    assert loaded > 1_000
    later: list[list[int]] = [[] for _ in range(loaded)]
    service._set_aside()
    assert gc.get_freeze_count() < loaded + len(later)
