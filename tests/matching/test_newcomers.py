"""Several newcomers are judged as if they came one after the other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.ground.names import Form
from ipse.matching.newcomers import among, who_is_new
from ipse.matching.rounds import Computation, together
from ipse.matching.search import search_sums
from ipse.matching.seat import Place
from ipse.matching.zero_test import nothing_set, toss
from ipse_lab.network import Played
from ipse_lab.table import Table, of_seat
from ipse_lab.wallets import invented_body

THRESHOLD = 5_000


def face(seed: int) -> np.ndarray:
    return invented_body(seed)[Form.FACE].astype(np.int64)


def between(one: int, other: int) -> np.ndarray:
    """A vector that matches two strangers."""
    joined = (face(one) + face(other)).astype(float)
    return np.rint(112 * joined / np.linalg.norm(joined)).astype(np.int64)


SOME = [face(seed) for seed in range(3)] + [between(0, 1), between(1, 2)]


def judged(newcomers: np.ndarray, enrolled: np.ndarray) -> Played[list[bool]]:
    table = Table(np.random.default_rng(len(newcomers)))
    parts = {Form.FACE: table.raw_parts(Form.FACE, newcomers)}
    stored = table.rows(Form.FACE, enrolled)
    alive = np.ones(len(enrolled), np.bool_)

    def computation(place: Place) -> Computation[list[bool]]:
        own = of_seat(parts, place)
        if len(enrolled):
            asked = search_sums(place, own, stored[place.seat], alive, THRESHOLD)
            sums = yield from asked
        else:
            sums = nothing_set(len(newcomers))
        coin, them = yield from together(
            toss(place), among(place, own[Form.FACE], THRESHOLD)
        )
        return (yield from who_is_new(place, coin, sums, them))

    return table.play(computation)


def one_by_one(newcomers: np.ndarray, enrolled: np.ndarray) -> list[bool]:
    """The plain oracle: each meets all that got in before it."""
    inside = list(enrolled)
    answers = []
    for newcomer in newcomers:
        answers.append(all(newcomer @ each < THRESHOLD for each in inside))
        if answers[-1]:
            inside.append(newcomer)
    return answers


@settings(max_examples=40, deadline=None)
@given(
    arriving=st.lists(st.integers(0, len(SOME) - 1), min_size=1, max_size=9),
    inside=st.sets(st.integers(0, 2), max_size=2),
)
def test_any_order_of_arrival_is_judged_one_by_one(
    arriving: list[int], inside: set[int]
) -> None:
    newcomers = np.array([SOME[index] for index in arriving])
    enrolled = np.array([SOME[index] for index in sorted(inside)]).reshape(-1, 128)
    played = judged(newcomers, enrolled)
    expected = one_by_one(newcomers, enrolled)
    assert played.results == (expected,) * 3


def test_the_invented_faces_match_as_their_names_say() -> None:
    scores = np.array(SOME) @ np.array(SOME).T
    assert (scores[3, [0, 1]] >= THRESHOLD).all()
    assert (scores[4, [1, 2]] >= THRESHOLD).all()
    assert scores[0, 1] < THRESHOLD > scores[0, 2]


@pytest.mark.parametrize(
    ("arriving", "turned_away"),
    [([0, 1, 2], 0), ([0, 0, 1], 1), ([0, 0, 1, 1, 2], 2), ([0, 0, 0], 2)],
)
def test_each_that_is_turned_away_costs_one_opening(
    arriving: list[int], turned_away: int
) -> None:
    nobody = np.zeros((0, 128), np.int64)
    rounds = judged(np.array([SOME[i] for i in arriving]), nobody).rounds
    least = judged(np.array([SOME[i] for i in (0, 1)]), nobody).rounds
    is_last = one_by_one(np.array([SOME[i] for i in arriving]), nobody)[-1] is False
    assert rounds == least + turned_away - is_last  # after the last nobody is left


def test_one_newcomer_among_nobody_is_new() -> None:
    played = judged(np.array([SOME[0]]), np.zeros((0, 128), np.int64))
    assert played.results == ([True],) * 3
