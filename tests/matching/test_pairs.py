"""Each probe meets its own row, and the three seats' shares add up to the score."""

import numpy as np
import pytest

from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, ROTATIONS
from ipse.matching import pairs
from ipse.matching.claims import Claims
from ipse.matching.compare import rotations
from ipse.matching.pairs import Scored
from ipse.matching.rounds import Computation
from ipse.matching.seat import Place
from ipse.shares.shamir import Row
from ipse_lab.people import people
from ipse_lab.table import Table, of_seat
from ipse_lab.wallets import invented_body

THRESHOLD = 4_550


def scored(
    table: Table, form: Form, probes: np.ndarray, stored: tuple[Row, Row, Row]
) -> tuple[np.ndarray, np.ndarray]:
    """Scores less their threshold, as signed numbers, and the rows' misfit."""
    parts = {form: table.raw_parts(form, probes)}

    def computation(place: Place) -> Computation[Scored]:
        claims = Claims()
        found = yield from pairs.scores(
            place, claims, of_seat(parts, place), stored[place.seat], THRESHOLD
        )
        assert (yield from claims.proved(place)).holds
        return found

    three = table.play(computation).results
    up = np.uint32(32 - three[0].bits)
    total = sum(one.numbers.own for one in three).astype(np.uint32) << up
    misfit = sum(one.misfit.own for one in three).astype(np.uint32)
    return total.view(np.int32) >> np.int32(up), misfit


@pytest.mark.parametrize("count", [1, 5])
def test_faces_meet_their_own_row(count: int) -> None:
    table = Table(np.random.default_rng(1))
    faces = np.array([invented_body(seed)[Form.FACE] for seed in range(2 * count)])
    probes, rows = faces[:count].astype(np.int64), faces[count:].astype(np.int64)
    rows[0] = probes[0]
    found, misfit = scored(table, Form.FACE, probes, table.rows(Form.FACE, rows))
    assert (found[:, 0] == (probes * rows).sum(axis=1) - THRESHOLD).all()
    assert not misfit.any()


def test_one_row_may_be_met_by_all() -> None:
    table = Table(np.random.default_rng(2))
    faces = np.array([invented_body(seed)[Form.FACE] for seed in range(4)], np.int64)
    found, _ = scored(table, Form.FACE, faces, table.rows(Form.FACE, faces[:1]))
    assert (found[:, 0] == faces @ faces[0] - THRESHOLD).all()


def test_codes_meet_their_own_row_in_every_rotation() -> None:
    dice = np.random.default_rng(3)
    table = Table(dice)
    masks = dice.random((2, 1, CODE_LENGTH)) < 0.8
    codes = np.where(masks, 2 * dice.integers(0, 2, masks.shape) - 1, 0)
    probes, rows = np.concatenate([codes, masks], axis=2)
    found, misfit = scored(table, Form.CODE, probes, table.rows(Form.CODE, rows))
    for probe, row, shares in zip(probes, rows, found, strict=True):
        dot = rotations(probe[np.newaxis, :CODE_LENGTH], ROTATIONS) @ row[:CODE_LENGTH]
        valid = (
            rotations(probe[np.newaxis, CODE_LENGTH:], ROTATIONS) @ row[CODE_LENGTH:]
        )
        assert (shares == 16 * dot - 5 * valid - 1).all()
    assert not misfit.any()


@pytest.mark.parametrize("form", [Form.FACE, Form.CODE])
@pytest.mark.parametrize("seat", range(3))
def test_a_row_that_is_not_the_stored_one_does_not_fit(form: Form, seat: int) -> None:
    dice = np.random.default_rng(4)
    table = Table(dice)
    body = people(1, 1, form).references.astype(np.int64)
    stored = table.rows(form, body)
    for name, field in stored[seat].items():
        stored[seat][name][0, int(dice.integers(field.shape[-1]))] ^= field.dtype.type(
            1
        )
        _, misfit = scored(table, form, body, stored)
        assert misfit.any()
