"""A home has one process, and says so in one sentence."""

from pathlib import Path

import pytest

from ipse.ground.errors import Unavailable
from ipse.store.home import home_lock


def test_a_home_in_use_is_refused_until_it_is_given_back(tmp_path: Path) -> None:
    first = home_lock(tmp_path / "1")
    with pytest.raises(Unavailable, match="in use by another process: stop that one"):
        home_lock(tmp_path / "1")
    home_lock(tmp_path / "2").release()  # another operator's home is another matter
    first.release()
    home_lock(tmp_path / "1").release()
