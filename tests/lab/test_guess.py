"""Belief follows the answers, and asks nothing that operators would call malformed."""

import numpy as np
import pytest

from ipse.ground.names import Form
from ipse.ground.params import ENTRY_BOUND, NORM_HIGH, NORM_LOW, SCALE
from ipse_lab.drill.guess import Belief, heard, nearness, questions, resembling
from ipse_lab.people import people

THRESHOLD = 4_550
drawn = people(11, 40)
REFERENCES = drawn.references.astype(np.float64)
PICTURES = drawn.probes.astype(np.float64)


def asked_often(
    belief: Belief, sureness: float, times: int
) -> tuple[Belief, np.ndarray, np.ndarray]:
    dice = np.random.default_rng(3)
    every, yes = [], []
    for _ in range(times):
        asked = questions(belief, sureness, THRESHOLD, dice)
        is_yes = (asked * REFERENCES).sum(axis=1) >= THRESHOLD
        belief = heard(belief, asked, is_yes, THRESHOLD)
        every.append(asked)
        yes.append(is_yes)
    return belief, np.array(every), np.array(yes)


@pytest.mark.parametrize("alike", [0.1, 0.62])
def test_every_question_is_well_formed(alike: float) -> None:
    start = resembling(PICTURES, alike, SCALE[Form.FACE])
    _, asked, _ = asked_often(start, 0.5, 100)
    norms = (asked**2).sum(axis=-1)
    assert (asked == np.rint(asked)).all()
    assert np.abs(asked).max() <= ENTRY_BOUND
    assert norms.min() >= NORM_LOW[Form.FACE]
    assert norms.max() <= NORM_HIGH[Form.FACE]


def test_answers_bring_belief_nearer() -> None:
    start = resembling(PICTURES, 0.62, SCALE[Form.FACE])
    later, _, _ = asked_often(start, 0.5, 250)
    before, after = (nearness(each, REFERENCES) for each in (start, later))
    assert np.median(before) < 0.75
    assert np.median(after) > 0.93


@pytest.mark.parametrize("sureness", [0.5, 0.9])
def test_a_yes_is_as_likely_as_was_wished(sureness: float) -> None:
    start = resembling(PICTURES, 0.62, SCALE[Form.FACE])
    _, _, is_yes = asked_often(start, sureness, 200)
    assert is_yes.mean() == pytest.approx(sureness, abs=0.05)


def test_one_answer_cuts_a_bell_as_the_integral_says() -> None:
    mean, deviation = 3_000.0, 1_500.0
    direction = np.zeros((1, 128))
    direction[0, 0] = SCALE[Form.FACE]
    belief = Belief(
        direction * mean / SCALE[Form.FACE] ** 2,
        np.eye(128)[None] * (deviation / SCALE[Form.FACE]) ** 2,
    )
    scores = np.linspace(mean - 9 * deviation, mean + 9 * deviation, 200_001)
    weights = np.exp(-(((scores - mean) / deviation) ** 2) / 2)
    for is_yes in (True, False):
        cut = weights * ((scores >= THRESHOLD - 0.5) == is_yes)
        expected = (cut * scores).sum() / cut.sum()
        variance = (cut * (scores - expected) ** 2).sum() / cut.sum()
        after = heard(belief, direction, np.array([is_yes]), THRESHOLD)
        told = (after.mean * direction).sum()
        spread = direction @ after.spread[0] @ direction.T
        assert told == pytest.approx(expected, rel=1e-3)
        assert spread.item() == pytest.approx(variance, rel=1e-2)
