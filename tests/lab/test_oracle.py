"""Answers alone rebuild a template, and the meter counts them."""

import numpy as np
import pytest

from ipse.ground.errors import OutOfTurn
from ipse.ground.params import METER_FAILURES, METER_TRIES
from ipse_lab.drill.oracle import (
    MOST_TERMS,
    NEAR,
    Ask,
    first_strangers,
    plain,
    rebuild,
    rebuild_metered,
    strangers_within,
)
from ipse_lab.drill.victims import ALIKE, Start, invented, look_alikes

THRESHOLD = 4_550
VICTIMS = invented(21, 8)


def counting(answers: dict[bytes, list[bool]]) -> Ask:
    """The plain oracle, which writes down what it answered about whom."""

    def ask(asked: np.ndarray, references: np.ndarray) -> np.ndarray:
        is_yes = plain(THRESHOLD)(asked, references)
        for reference, answer in zip(references, is_yes, strict=True):
            answers.setdefault(reference.tobytes(), []).append(bool(answer))
        return is_yes

    return ask


def test_the_oracle_answers_what_the_network_would() -> None:
    mated = plain(THRESHOLD)(VICTIMS.pictures, VICTIMS.references)
    scores = (VICTIMS.pictures * VICTIMS.references).sum(axis=1)
    assert (mated == (scores >= THRESHOLD)).all()


@pytest.mark.parametrize("factor", [0.5, 1.2])
def test_a_malformed_question_is_no_question(factor: float) -> None:
    with pytest.raises(OutOfTurn):
        plain(THRESHOLD)(np.rint(factor * VICTIMS.pictures), VICTIMS.references)


def test_without_a_meter_the_template_is_rebuilt_in_some_hundred_tries() -> None:
    heard: dict[bytes, list[bool]] = {}
    course = rebuild(
        VICTIMS.references,
        VICTIMS.pictures,
        ALIKE[Start.PICTURE],
        THRESHOLD,
        np.random.default_rng(1),
        counting(heard),
    )
    assert (course.tries[-1] > 0).mean() >= 0.75
    assert np.median(course.tries[0]) < np.median(course.tries[1]) < 700
    for victim, reference in enumerate(VICTIMS.references):
        answers = heard[reference.tobytes()]
        if (tries := course.tries[-1][victim]) > 0:
            failures = course.failures[-1][victim]
            assert answers[:tries].count(False) == failures
        assert answers.index(True) + 1 == course.accepted[victim]


def test_under_the_meter_no_term_holds_more_than_its_cap() -> None:
    heard: dict[bytes, list[bool]] = {}
    crowd = invented(22, 200).references
    course = rebuild_metered(
        VICTIMS.references,
        look_alikes(VICTIMS.references, crowd),
        ALIKE[Start.LOOK_ALIKE],
        THRESHOLD,
        np.random.default_rng(1),
        counting(heard),
    )
    for answers in heard.values():
        assert answers.count(False) <= METER_FAILURES * MOST_TERMS
        assert len(answers) <= METER_TRIES * MOST_TERMS
    in_first = course.accepted_in == 1
    assert (course.accepted[in_first] <= METER_TRIES).all()
    for tries, failures, terms in zip(
        course.tries, course.failures, course.terms, strict=True
    ):
        reached = tries > 0
        assert (failures[reached] <= METER_FAILURES * terms[reached]).all()
        assert (tries[reached] <= METER_TRIES * terms[reached]).all()
    assert len(course.tries) == len(NEAR)


def test_the_first_stranger_that_is_accepted_is_found() -> None:
    strangers = np.concatenate([invented(23, 50).references, VICTIMS.references])
    first = first_strangers(VICTIMS.references, strangers, THRESHOLD)
    scores = VICTIMS.references @ strangers.T
    for victim, place in enumerate(first):
        assert scores[victim, place - 1] >= THRESHOLD
        assert (scores[victim, : place - 1] < THRESHOLD).all()
    nobody = -VICTIMS.references
    assert (first_strangers(VICTIMS.references[:1], nobody[:1], THRESHOLD) == -1).all()


def test_each_victim_meets_so_many_strangers() -> None:
    count = len(VICTIMS.references)
    met = strangers_within(VICTIMS.references, VICTIMS.references, count, THRESHOLD)
    scores = VICTIMS.references @ VICTIMS.references.T
    assert (met == (scores >= THRESHOLD).sum(axis=1)).all()
