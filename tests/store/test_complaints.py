"""A complaint's file is whole or not there, and stays as it is."""

from pathlib import Path

import pytest

from ipse.ground.errors import Malformed, Unavailable
from ipse.ground.names import OperatorId
from ipse.store.complaints import ComplaintFolder
from ipse_lab.failing import Chances, FailingDisk, Struck

TWO, THREE = OperatorId(2), OperatorId(3)


def test_complaints_are_kept_by_who_signed_them_in_the_order_of_their_names(
    tmp_path: Path,
) -> None:
    folder = ComplaintFolder(tmp_path / "complaints")
    assert folder.names(TWO) == []
    folder.keep(TWO, "2", b"later")
    folder.keep(TWO, "1", b"first")
    folder.keep(THREE, "3", b"another's")
    opened = ComplaintFolder(tmp_path / "complaints")
    assert opened.names(TWO) == ["1", "2"]
    assert opened.read(TWO, "2", 10) == b"later"
    assert opened.names(THREE) == ["3"]


def test_what_is_too_long_or_gone_is_no_complaint(tmp_path: Path) -> None:
    folder = ComplaintFolder(tmp_path)
    folder.keep(TWO, "1", b"first")
    with pytest.raises(Malformed):
        folder.read(TWO, "1", 4)
    with pytest.raises(Unavailable):
        folder.read(TWO, "2", 4)


def test_a_power_failure_at_any_step_leaves_all_of_it_or_nothing(
    tmp_path: Path,
) -> None:
    for at in range(20):
        chances = Chances(at, seed=at)
        disk = FailingDisk(chances)
        folder = ComplaintFolder(tmp_path / str(at), disk)
        try:
            folder.keep(TWO, "1", b"what it says")
            is_kept = True
        except Struck:
            is_kept = False
        disk.lose_power()
        opened = ComplaintFolder(tmp_path / str(at))
        if is_kept:
            assert opened.names(TWO) == ["1"]
        for name in opened.names(TWO):
            assert opened.read(TWO, name, 100) == b"what it says"
    assert is_kept
