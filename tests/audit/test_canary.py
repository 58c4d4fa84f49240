"""An invented body passes every check, is found again, and resembles nobody."""

import numpy as np
import pytest

from ipse.audit.canary import coincidence, invented, nearby
from ipse.ground.names import Form
from ipse.ground.params import THRESHOLDS
from ipse.template.distance import matches
from ipse.template.vector import Template
from ipse_lab.people import people

FORMS = [(Form.FACE,), (Form.FACE, Form.VOICE), (Form.CODE,)]


def templates(body: dict[Form, np.ndarray]) -> dict[Form, Template]:
    """A body as a wallet would have it: refused if operators would refuse it."""
    return {form: Template(form, vector) for form, vector in body.items()}


@pytest.mark.parametrize("forms", FORMS, ids="+".join)
def test_a_canary_is_found_again_and_strangers_are_not(forms: tuple[Form, ...]) -> None:
    dice = np.random.default_rng(1)
    least = THRESHOLDS[forms].unique
    for _ in range(20):
        body = invented(dice, forms)
        again, other = nearby(dice, body), invented(dice, forms)
        assert matches(templates(again), templates(body), least)
        assert not matches(templates(other), templates(body), least)


def test_an_invented_face_matches_nobody() -> None:
    real = people(2, 4_000).references.astype(np.int64)
    dice = np.random.default_rng(3)
    drawn = [invented(dice, (Form.FACE,))[Form.FACE] for _ in range(200)]
    scores = np.array(drawn, np.int64) @ real.T
    assert scores.max() < THRESHOLDS[(Form.FACE,)].unique


def test_coincidences_are_as_rare_as_stated() -> None:
    """At a threshold where they can be counted: against one fixed face."""
    dice = np.random.default_rng(4)
    one = people(5, 1).references[0].astype(np.int64)
    drawn = np.array([invented(dice, (Form.FACE,))[Form.FACE] for _ in range(20_000)])
    norm = 114 / 112  # the longest vectors that pass, which `coincidence` assumes
    for threshold in (2_000, 2_600):
        seen = (drawn.astype(np.int64) @ one >= threshold / norm**2).mean()
        assert seen == pytest.approx(coincidence(Form.FACE, threshold), rel=0.25)
    unlikely = coincidence(Form.FACE, THRESHOLDS[(Form.FACE,)].unique)
    assert 1e-8 < unlikely < 1e-7
