"""The oracle drill is cut into pieces that attack everybody once, each in its way."""

from collections import Counter

import numpy as np
import pytest

from ipse_lab.drill.crowd import Crowd, false_match_rates
from ipse_lab.drill.leak import Piece, pieces, pieces_of, play
from ipse_lab.drill.leak_report import joined
from ipse_lab.drill.victims import Start, Victims, invented, portrayed
from ipse_lab.people import people

THRESHOLD = 4_550


def piece(start: Start, victims: int, seed: int, *, is_metered: bool = False) -> Piece:
    return Piece(start, is_metered, (seed,), THRESHOLD, victims)


def test_a_drill_is_cut_into_pieces_that_attack_each_victim_once() -> None:
    plan = list(pieces(45, 2_500, 1, THRESHOLD))
    victims = Counter[tuple[Start, bool]]()
    for piece in plan:
        victims[piece.start, piece.is_metered] += piece.size
    blind = (Start.STRANGER, True)
    assert victims.pop(blind) == 2_500
    assert set(victims.values()) == {45}
    assert len(victims) == 5
    assert len({piece.seed for piece in plan}) == len(plan)


def test_given_people_are_attacked_without_the_meter_and_under_it() -> None:
    given = invented(3, 30)
    plan = pieces_of(given, Start.PICTURE, 1, THRESHOLD)
    for is_metered in (True, False):
        own = [piece.victims for piece in plan if piece.is_metered == is_metered]
        assert all(isinstance(victims, Victims) for victims in own)
        again = np.concatenate([victims.references for victims in own])
        assert (again == given.references).all()


def test_strangers_are_shown_until_one_gets_in_and_then_answers_are_used() -> None:
    played = play(piece(Start.STRANGER, 4, 1))
    met = int((played.first > 0).sum())
    assert met >= 2
    assert len(played.course.tries[0]) == met
    assert (played.course.accepted > 0).all()
    assert (played.course.tries[0] > 0).all()


def test_under_the_meter_strangers_are_few() -> None:
    played = play(piece(Start.STRANGER, 1_000, 2, is_metered=True))
    assert len(played.found) == 1_000
    assert played.found.sum() < 20
    assert played.course is None


@pytest.mark.parametrize("start", [Start.LOOK_ALIKE, Start.PICTURE])
def test_whoever_begins_near_is_followed(start: Start) -> None:
    plan = [piece(start, 2, number) for number in range(2)]
    both = joined(map(play, plan))
    assert len(both.course.nearness) == 4
    assert [len(each) for each in both.course.terms] == [4, 4]
    again = play(plan[0])
    assert (again.course.nearness == both.course.nearness[:2]).all()


def test_the_portraits_are_of_two_people_and_their_second_captures_match() -> None:
    victims = portrayed()
    scores = victims.references @ victims.pictures.T
    assert (np.diag(scores) >= THRESHOLD).all()
    assert scores[0, 1] < THRESHOLD
    assert scores[1, 0] < THRESHOLD


def test_noise_opens_less_than_faces_do() -> None:
    drawn = people(5, 600)
    both = np.concatenate([drawn.references, drawn.probes]).astype(np.float64)
    crowd = Crowd(both, np.tile(np.arange(600), 2))
    rates = false_match_rates(crowd, 3_600, seed=1)
    assert rates["noise"]["rate"] < rates["faces"]["rate"]
    assert rates["faces"]["rate"] == pytest.approx(0.0014, abs=0.0007)
    assert np.allclose(crowd.averages, (drawn.references + drawn.probes) / 2)
