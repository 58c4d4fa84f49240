"""Whoever was found is named, and nobody else: as plain arithmetic says."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pytest

from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, CODE_SHAPE, LENGTH, SCALE
from ipse.matching import compare
from ipse.matching.find import find
from ipse.matching.rounds import Undertaking
from ipse.matching.search import search_stretches, stretches_of
from ipse.matching.seat import Place
from ipse_lab.network import Played
from ipse_lab.people import people
from ipse_lab.table import Table, of_seat

Ints = npt.NDArray[np.int64]
Rows = list[list[int]]
T = 6_500  # no two of a few thousand strangers reach it


def faces(count: int, seed: int) -> Ints:
    drawn = np.random.default_rng(seed).standard_normal((count, LENGTH[Form.FACE]))
    drawn *= SCALE[Form.FACE] / np.linalg.norm(drawn, axis=1, keepdims=True)
    return np.rint(drawn).astype(np.int64)


def looked_for(
    form: Form,
    probes: Ints,
    references: Ints,
    alive: npt.NDArray[np.bool_],
    wanted: Collection[int] | None = None,
) -> Played[Rows]:
    """What three seats find, after a search, for some of the probes."""
    table = Table(np.random.default_rng(len(references)))
    parts = {form: table.raw_parts(form, probes)}
    stored = table.rows(form, references)
    chosen = list(range(len(probes)) if wanted is None else wanted)

    def computation(place: Place) -> Undertaking[Rows]:
        own, rows = of_seat(parts, place), stored[place.seat]
        stretches = yield from search_stretches(place, own, rows, alive, T)
        found = yield from find(
            place,
            own[form].of(chosen),
            rows,
            alive,
            T,
            stretches_of(stretches, chosen),
        )
        return [each.tolist() for each in found]

    return table.play(computation)


def plainly(probes: Ints, references: Ints, alive: npt.NDArray[np.bool_]) -> Rows:
    matched = (probes @ references.T >= T) & alive
    return [np.flatnonzero(each).tolist() for each in matched]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of one word a group, so that a few hundred rows are several."""
    monkeypatch.setattr(compare, "COMPARISONS_IN_BLOCK", 1)
    monkeypatch.setattr(compare, "CODES_IN_BLOCK", 1)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("rows", [1, 63, 64, 65, 191, 192, 193, 700])
def test_the_rows_found_are_those_of_plain_arithmetic(rows: int) -> None:
    dice = np.random.default_rng(rows)
    references = faces(rows, rows)
    # some stand in the gallery several times, and every place is looked for
    references[rows // 2 :] = references[dice.integers(0, rows, rows - rows // 2)]
    probes = np.concatenate([references[[0, rows // 2, rows - 1]], faces(1, 9_999)])
    alive = dice.random(rows) < 0.8
    alive[0] = True
    expected = plainly(probes, references, alive)
    assert expected[0]
    assert expected[3] == []
    assert looked_for(Form.FACE, probes, references, alive).results == (expected,) * 3


@pytest.mark.usefixtures("small_blocks")
def test_only_those_that_are_asked_for_are_found() -> None:
    references, alive = faces(400, 1), np.ones(400, np.bool_)
    probes = references[[3, 250, 399]]
    played = looked_for(Form.FACE, probes, references, alive, wanted=[0, 2])
    assert played.results == ([[3], [399]],) * 3


def test_an_erased_row_is_found_by_nobody() -> None:
    references, alive = faces(65, 2), np.ones(65, np.bool_)
    references[7] = references[64]
    alive[64] = False
    played = looked_for(Form.FACE, references[[64]], references, alive)
    assert played.results == ([[7]],) * 3


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("row", [0, 63, 64, 200])
def test_a_code_is_found_once_however_it_is_turned(row: int) -> None:
    references = people(4, 201, Form.CODE).references.astype(np.int64)
    turned = np.concatenate(
        [
            np.roll(half.reshape(CODE_SHAPE), 9, axis=1).reshape(-1)
            for half in np.split(references[row], [CODE_LENGTH])
        ]
    )
    alive = np.ones(len(references), np.bool_)
    played = looked_for(Form.CODE, turned[np.newaxis], references, alive)
    assert played.results == ([[row]],) * 3


def test_where_nobody_matches_one_round_says_so() -> None:
    references, alive = faces(130, 5), np.ones(130, np.bool_)
    stranger = faces(1, 6)
    table = Table(np.random.default_rng(7))
    parts = {Form.FACE: table.raw_parts(Form.FACE, stranger)}
    stored = table.rows(Form.FACE, references)
    searched = table.play(
        lambda place: search_stretches(
            place, of_seat(parts, place), stored[place.seat], alive, T
        )
    )
    played = looked_for(Form.FACE, stranger, references, alive)
    assert played.results == ([[]],) * 3
    assert played.rounds == searched.rounds + 1


@pytest.mark.usefixtures("small_blocks")
def test_it_costs_less_than_a_second_search() -> None:
    """Only the stretch that matched is compared again."""
    references, alive = faces(2_000, 8), np.ones(2_000, np.bool_)
    nobody = looked_for(Form.FACE, faces(1, 9), references, alive)
    one = looked_for(Form.FACE, references[[777]], references, alive)
    assert one.results[0] == [[777]]
    assert sum(one.sent) < 1.5 * sum(nobody.sent)
