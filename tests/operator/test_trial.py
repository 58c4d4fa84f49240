"""Nobody serves who answers a known question wrongly."""

from dataclasses import dataclass

import numpy as np
import pytest

from ipse.ground.errors import Misbehaved
from ipse.ground.names import Form
from ipse.ground.params import LENGTH, NORM_HIGH, NORM_LOW
from ipse.operator.trial import known, try_out
from ipse_lab.identities import THRESHOLDS
from ipse_lab.network import run_together
from ipse_lab.table import Table


@dataclass
class OnlyThresholds:
    """As much of a charter as a trial reads."""

    thresholds: tuple[object, ...]


@dataclass(frozen=True)
class Unreachable:
    """Thresholds that no vector's score with itself reaches."""

    forms: tuple[Form, ...] = (Form.FACE,)
    verify: int = 20_000
    unique: int = 20_000


@dataclass(frozen=True)
class OfCodes:
    """Codes are compared by a fraction, not by a threshold."""

    forms: tuple[Form, ...] = (Form.CODE,)
    verify: int = 0
    unique: int = 0


def try_three(thresholds: tuple[object, ...]) -> None:
    places = Table(np.random.default_rng(1)).places()
    charter = OnlyThresholds(thresholds)
    run_together(*(try_out(place, charter) for place in places))  # type: ignore[arg-type]  # it reads no more


def test_three_that_compute_rightly_pass() -> None:
    try_three((*THRESHOLDS, OfCodes()))


def test_a_wrong_answer_stops_them() -> None:
    with pytest.raises(Misbehaved, match="serve nobody"):
        try_three((Unreachable(),))


@pytest.mark.parametrize("form", [Form.FACE, Form.VOICE])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_known_vectors_would_be_accepted_of_a_person(form: Form, sign: int) -> None:
    vector = known(form, sign)
    assert vector.shape == (LENGTH[form],)
    assert NORM_LOW[form] <= (vector**2).sum() <= NORM_HIGH[form]
