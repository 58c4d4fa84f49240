"""The next epoch begins when every record has its new row, and no other has one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ipse.ground.errors import Malformed, OutOfTurn
from ipse.ground.names import Epoch, Form, OperatorId, Slot
from ipse.store.renewal import Renewal
from ipse.store.segment import HEADER_BYTES, Bits
from ipse.store.segments import Segments

FACE = (Form.FACE,)
ALIVE = {Form.FACE: np.array([True, False, True])}


def rows(count: int = 1, value: int = 7) -> dict[str, np.ndarray]:
    return {"face": np.full((count, 128), value, np.uint16)}


@pytest.fixture
def segments(tmp_path: Path) -> Iterator[Segments]:
    one = Segments(
        tmp_path, FACE, charter=bytes(32), epoch=Epoch(0), operator=OperatorId(1)
    )
    one.write(Slot(0), Form.FACE, rows(3))
    yield one
    one.close()


@pytest.fixture
def renewal(segments: Segments) -> Renewal:
    return segments.renew(bytes(32), Epoch(1))


def filled(renewal: Renewal, count: int = 3) -> list[bool]:
    found: Bits = renewal.generation.filled(Form.FACE)
    return list(found[:count].tolist())


def test_a_record_without_a_new_row_keeps_the_epoch_from_ending(
    renewal: Renewal,
) -> None:
    renewal.write(Slot(0), Form.FACE, rows())
    assert renewal.missing(Form.FACE, ALIVE[Form.FACE]).tolist() == [False, False, True]
    with pytest.raises(OutOfTurn, match="1 records have no face for epoch 1"):
        renewal.expect_whole(ALIVE)
    renewal.write(Slot(2), Form.FACE, rows())
    renewal.expect_whole(ALIVE)


def test_a_record_that_changed_needs_its_new_row_again(
    segments: Segments, renewal: Renewal
) -> None:
    renewal.write(Slot(0), Form.FACE, rows(3))
    segments.write(Slot(2), Form.FACE, rows(value=8))
    with pytest.raises(OutOfTurn, match="1 records"):
        renewal.expect_whole(ALIVE)


def test_an_erased_record_is_erased_in_both_epochs(
    segments: Segments, renewal: Renewal
) -> None:
    renewal.write(Slot(0), Form.FACE, rows(3))
    segments.wipe((Slot(1),), FACE)
    assert filled(renewal) == [True, False, True]
    renewal.expect_whole(ALIVE)


def test_a_row_that_came_too_late_for_its_record_is_erased(
    segments: Segments, renewal: Renewal
) -> None:
    segments.wipe((Slot(1),), FACE)
    renewal.write(Slot(0), Form.FACE, rows(5))
    renewal.expect_whole(ALIVE)
    assert filled(renewal, 5) == [True, False, True, False, False]


def test_a_new_row_that_is_damaged_keeps_the_epoch_from_ending(
    renewal: Renewal, tmp_path: Path
) -> None:
    renewal.write(Slot(0), Form.FACE, rows(3))
    with (tmp_path / "1" / "face.rows").open("r+b") as file:
        file.seek(HEADER_BYTES)
        file.write(b"\1")
    with pytest.raises(Malformed, match=r"Row 0 .*damaged"):
        renewal.expect_whole(ALIVE)


def test_what_is_present_does_not_change_before_the_switch(
    segments: Segments, renewal: Renewal
) -> None:
    renewal.write(Slot(0), Form.FACE, rows(3, 9))
    with segments.held() as held:
        present = held.rows(FACE, np.ones(3, np.bool_))["face"]
        assert (present == 7).all()
        segments.switch(renewal)
        assert (present == 7).all()
    assert (segments.row(FACE, Slot(0))["face"] == 9).all()
