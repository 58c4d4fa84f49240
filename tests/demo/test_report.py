"""A claim comes true by the operators' own words, and one wrong bit is one too many."""

from dataclasses import replace

import numpy as np
import pytest

from ipse.ground.names import Form, Outcome
from ipse_lab.demo.cast import Cast
from ipse_lab.demo.report import as_object, claims, disagreements, holds
from ipse_lab.demo.story import Seen

TRUE = {
    "enrol": Outcome.ENROLLED,
    "recognise": Outcome.MATCHED,
    "refuse": Outcome.NOT_MATCHED,
    "duplicate": Outcome.ALREADY_ENROLLED,
    "erase": Outcome.ERASED,
    "after": Outcome.UNKNOWN,
}


def seen() -> Seen:
    dice = np.random.default_rng(1)
    scores = dice.integers(-100, 100, (21, 1_001))
    body = {Form.FACE: np.zeros(128, np.int16)}
    blank = np.zeros((4, 4, 3), np.uint8)
    nobody = np.zeros(scores.shape, np.bool_)
    cast = Cast(blank, (blank, blank), body, body, body, (), (), nobody)
    noise = tuple(
        np.frombuffer(dice.bytes(1_001 * 256), np.uint8).reshape(1_001, 256)
        for _ in range(3)
    )
    gone = (np.zeros(256, np.uint8),) * 3
    return Seen(
        cast,
        (10, 11, 12),
        dict(TRUE),
        noise,
        gone,
        scores >= 50,
        scores,
        90,
        0,
        50,
        {"start": 1.0},
    )


def test_what_came_true_is_told() -> None:
    told = as_object(seen(), "picture.png")
    assert all(claims(seen()).values())
    assert holds(seen())
    assert told["oracle_disagreements"] == 0
    assert told["comparisons_checked"] == 21 * 1_001
    assert told["erased_on_disk"] is True


@pytest.mark.parametrize("scene", TRUE)
def test_another_answer_in_any_scene_breaks_a_claim(scene: str) -> None:
    other = replace(seen(), outcomes=TRUE | {scene: Outcome.MALFORMED})
    assert list(claims(other).values()).count(False) == 1
    assert not holds(other)


def test_one_wrong_bit_is_a_disagreement() -> None:
    bits = seen().bits.copy()
    bits[7, 500] ^= True
    other = replace(seen(), bits=bits)
    assert disagreements(other) == 1
    assert not holds(other)


def test_a_row_that_was_not_erased_shows() -> None:
    row = np.zeros(256, np.uint8)
    row[-1] = 1
    left = (np.zeros(256, np.uint8), row, np.zeros(256, np.uint8))
    other = replace(seen(), erased_rows=left)
    assert as_object(other, "picture.png")["erased_on_disk"] is False
    assert not holds(other)
