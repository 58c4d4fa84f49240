"""A network of codes compares them turned, and finds a second enrolment."""

from collections.abc import Iterator

import numpy as np
import pytest

from ipse.ground.names import Form, Outcome, Purpose
from ipse.ground.params import CODE_LENGTH, CODE_SHAPE, LENGTH
from ipse.keys.system import SystemEntropy
from ipse.owner.request import Body
from ipse.shares.replicated import cut
from ipse.shares.spelling import spell
from ipse.wire.charter import Thresholds
from ipse_lab.forgery import resealed
from ipse_lab.processes import Network, new_owner, outcome_of, started

CODES = (Form.CODE,)


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    thresholds = (Thresholds(CODES, 0, 0),)
    folder = tmp_path_factory.mktemp("codes")
    with started(folder, thresholds=thresholds) as running:
        yield running


def code_of(seed: int, turned: int = 0, flipped: float = 0.0) -> Body:
    """Draw a code of which a tenth is masked; turn it, and flip some of its bits."""
    dice = np.random.default_rng(seed)
    code = dice.choice([-1, 1], CODE_SHAPE)
    mask = dice.random(CODE_SHAPE) < 0.9
    noise = np.random.default_rng(seed + 1).random(CODE_SHAPE) < flipped
    code = np.where(noise, -code, code) * mask
    vector = np.empty(LENGTH[Form.CODE], np.int64)
    vector[:CODE_LENGTH] = np.roll(code, turned, axis=1).reshape(-1)
    vector[CODE_LENGTH:] = vector[:CODE_LENGTH] ** 2
    return {Form.CODE: vector}


def test_the_way_of_a_code(codes: Network) -> None:
    owner = new_owner(codes, CODES)
    assert codes.outcome(owner, Purpose.ENROL, code_of(1)) is Outcome.ENROLLED
    again = code_of(1, turned=9, flipped=0.2)
    assert codes.outcome(owner, Purpose.VERIFY, again) is Outcome.MATCHED
    noisy = code_of(1, flipped=0.4)
    assert codes.outcome(owner, Purpose.VERIFY, noisy) is Outcome.NOT_MATCHED
    assert codes.outcome(owner, Purpose.VERIFY, code_of(5)) is Outcome.NOT_MATCHED
    other = new_owner(codes, CODES)
    assert codes.outcome(other, Purpose.ENROL, again) is Outcome.ALREADY_ENROLLED
    assert codes.outcome(other, Purpose.ENROL, code_of(5)) is Outcome.ENROLLED


def test_a_mask_that_hides_almost_all_is_malformed(codes: Network) -> None:
    owner, draw = new_owner(codes, CODES), SystemEntropy().draw
    spelling = spell(Form.CODE, code_of(7)[Form.CODE])
    spelling[3_000:CODE_LENGTH] = 0
    spelling[CODE_LENGTH + 3_000 : 2 * CODE_LENGTH] = 0
    honest = codes.compose(owner, Purpose.ENROL, code_of(7))
    parts = cut(Form.CODE, spelling, (draw(32), draw(32)))
    hidden = resealed(codes.charter, honest, owner, parts)
    assert outcome_of(codes.deliver(hidden)) is Outcome.MALFORMED
