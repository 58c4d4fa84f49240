"""The search's liar drill: a lie works unseen, and is caught as often as stated."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from ipse.ground.names import Form
from ipse.matching.reveal import match_bits
from ipse.matching.rounds import Undertaking
from ipse.matching.seat import Place
from ipse_lab.drill.liar_search import Way, run
from ipse_lab.drill.rate import Rate
from ipse_lab.drill.shifted import Shift, shifted
from ipse_lab.people import people
from ipse_lab.table import Table, of_seat

T = 5_850


def test_a_liar_is_caught_as_often_as_is_stated() -> None:
    report = run(runs=40, seed=2)
    assert report.is_held
    assert report.would_lie
    found = report.as_json()
    assert found["without_tests"]["hides everybody"]["measured"] == 1.0
    assert found["caught_in_a_run"]["turns everybody away"]["1.0"]["seen"] == 40


def test_a_report_that_does_not_hold_says_so() -> None:
    report = run(runs=3, seed=3)
    for broken in (
        replace(report, wrong_when_honest=1),
        replace(report, first_lie={Way.HIDES: Rate(0, 1_000, 0.2)}),
    ):
        assert not broken.is_held
    unmoved = replace(report, flipped={Way.HIDES: Rate(2, 3, 1.0)})
    assert not unmoved.would_lie


@pytest.mark.parametrize("liar", range(3))
@pytest.mark.parametrize("rows", [1, 63, 64, 65, 200])
def test_a_lie_moves_the_scores_that_it_names_and_no_other(
    rows: int, liar: int
) -> None:
    dice = np.random.default_rng(rows)
    references = people(rows, rows).references.astype(np.int64)
    table = Table(dice)
    stored = table.rows(Form.FACE, references)
    row = rows - 1
    parts = {Form.FACE: table.raw_parts(Form.FACE, references[[row]])}
    alive = np.ones(rows, np.bool_)

    def found(shift: Shift | None) -> list[int]:
        def own(place: Place) -> Undertaking[npt.NDArray[np.bool_]]:
            asked = match_bits(
                place, of_seat(parts, place), stored[place.seat], alive, T
            )
            return (
                shifted(place, asked, shift) if shift and place.seat == liar else asked
            )

        return np.flatnonzero(table.play(own).results[0][0]).tolist()

    assert found(None) == [row]
    assert found(Shift(-9_000, rows)) == []
    assert found(Shift(-9_000, rows, row)) == []
    assert found(Shift(20_000, rows)) == list(range(rows))
    assert found(Shift(20_000, rows, 0)) == sorted({0, row})


def test_a_rate_is_as_stated_within_its_spread() -> None:
    assert Rate(50, 100, 0.5).is_as_stated
    assert Rate(50, 100, 0.35).is_as_stated
    assert not Rate(50, 100, 0.2).is_as_stated
    low, high = Rate(10, 100, 0.1).interval
    assert 0.05 < low < 0.1 < high < 0.18
    assert Rate(0, 10, 0.0).interval[0] == 0.0
