"""One seat lies in every field of every message: no honest seat answers wrongly."""

import secrets

import numpy as np
import pytest

from ipse.ground.names import Form
from ipse.ground.params import LENGTH
from ipse_lab.drill.liar import run
from ipse_lab.drill.lies import EVERY, KINDS_OF_LIES, MESSAGES, Lie, lies


def test_every_lie_told_once_changes_no_answer_and_no_innocents_name() -> None:
    seed = secrets.randbits(32)
    report = run(EVERY, seed)
    assert report.total("told") == EVERY, seed
    assert all(tally.told for tally in report.kinds.values())
    assert report.total("wrong") == report.total("slandered") == 0, seed
    assert report.total("stopped") == EVERY, seed
    # what is a message of the computation itself is brought home to its sender
    for kind in ("score, to the previous", "carry joined, to the previous"):
        assert report.kinds[kind].named == report.kinds[kind].told


def test_where_nothing_is_proved_lies_change_answers() -> None:
    """Else the drill would show nothing."""
    report = run(2 * EVERY, 1)
    opened = report.kinds["bit, to the next"]
    assert opened.wrong_unproved == opened.told
    assert report.kinds["carry joined, to the previous"].wrong_unproved
    assert report.would_pass
    assert report.is_held


def test_a_drill_that_cannot_fail_is_not_held() -> None:
    report = run(1, 1)
    assert not report.would_pass
    assert not report.is_held


def test_lies_come_up_in_turn_and_are_never_the_truth() -> None:
    dice = np.random.default_rng(1)
    drawn = lies(dice, 3 * EVERY)
    assert {lie.kind for lie in drawn} == set(KINDS_OF_LIES)
    row = next(lie for lie in drawn if lie.kind == "row, to the next")
    message = dice.bytes(2 * LENGTH[Form.FACE])
    for lie in drawn:
        if isinstance(lie, Lie) and lie.said == row.said:
            told = lie.told(message)
            assert len(told) == len(message)
            assert sum(a != b for a, b in zip(told, message, strict=True)) in (1, 2)


@pytest.mark.parametrize("length", [255, 257])
def test_a_message_that_is_not_its_fields_is_found_out(length: int) -> None:
    said = next(said for said in MESSAGES if said.fields[0].name == "row")
    with pytest.raises(AssertionError, match="bytes, not 256"):
        Lie(said, said.fields[0], 0.0, 1).told(bytes(length))
