"""Each probe meets its own row, and the three seats' shares add up to the score."""

import numpy as np
import pytest

from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, ROTATIONS
from ipse.matching import pairs
from ipse.matching.compare import rotations
from ipse.matching.wellformed import SUM_BITS
from ipse_lab.table import Table, of_seat
from ipse_lab.wallets import invented_body

THRESHOLD = 4_550


def opened(
    table: Table, form: Form, probes: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Scores less their threshold, as signed numbers of SUM_BITS bits."""
    parts = {form: table.raw_parts(form, probes)}
    stored = table.rows(form, rows)
    total = np.add.reduce(
        [
            pairs.scores(place, of_seat(parts, place), stored[place.seat], THRESHOLD)
            for place in table.places()
        ],
        dtype=np.uint32,
    )
    return (total << np.uint32(32 - SUM_BITS)).view(np.int32) >> (32 - SUM_BITS)


@pytest.mark.parametrize("count", [1, 5])
def test_faces_meet_their_own_row(count: int) -> None:
    dice = np.random.default_rng(1)
    faces = np.array([invented_body(seed)[Form.FACE] for seed in range(2 * count)])
    probes, rows = faces[:count].astype(np.int64), faces[count:].astype(np.int64)
    rows[0] = probes[0]
    found = opened(Table(dice), Form.FACE, probes, rows)
    expected = (probes * rows).sum(axis=1) - THRESHOLD
    assert (found[:, 0] >> (SUM_BITS - 16) == expected).all()


def test_one_row_may_be_met_by_all() -> None:
    faces = np.array([invented_body(seed)[Form.FACE] for seed in range(4)], np.int64)
    found = opened(Table(np.random.default_rng(2)), Form.FACE, faces, faces[:1])
    expected = faces @ faces[0] - THRESHOLD
    assert (found[:, 0] >> (SUM_BITS - 16) == expected).all()


def test_codes_meet_their_own_row_in_every_rotation() -> None:
    dice = np.random.default_rng(3)
    masks = dice.random((2, 2, CODE_LENGTH)) < 0.8
    codes = np.where(masks, 2 * dice.integers(0, 2, masks.shape) - 1, 0)
    probes, rows = np.concatenate([codes, masks], axis=2)
    found = opened(Table(dice), Form.CODE, probes, rows)
    for probe, row, shares in zip(probes, rows, found, strict=True):
        dot = rotations(probe[np.newaxis, :CODE_LENGTH], ROTATIONS) @ row[:CODE_LENGTH]
        valid = (
            rotations(probe[np.newaxis, CODE_LENGTH:], ROTATIONS) @ row[CODE_LENGTH:]
        )
        assert (shares >> (SUM_BITS - 20) == 16 * dot - 5 * valid - 1).all()
