"""Whatever becomes a template passes every rule, and fits the ring."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.ground.params import (
    CODE_LENGTH,
    ENTRY_BOUND,
    LENGTH,
    MIN_VALID_BITS,
    NORM_HIGH,
    NORM_LOW,
    SCALE,
    THRESHOLD_BOUND,
    THRESHOLDS,
)
from ipse.template.means import FACE_MEAN, VOICE_MEAN
from ipse.template.vector import Template, quantised

EMBEDDED = [Form.FACE, Form.VOICE]
MEANS = {Form.FACE: np.array(FACE_MEAN), Form.VOICE: np.array(VOICE_MEAN)}


def direction(form: Form, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=LENGTH[form])


@given(
    st.sampled_from(EMBEDDED).flatmap(
        lambda form: st.tuples(
            st.just(form),
            arrays.arrays(
                np.float64,
                LENGTH[form],
                elements=st.floats(-1e6, 1e6, allow_subnormal=False),
            ),
        )
    )
)
def test_every_embedding_gives_a_valid_template_or_an_error(
    given_embedding: tuple[Form, np.ndarray],
) -> None:
    form, embedding = given_embedding
    try:
        values = quantised(form, embedding, MEANS[form]).values.astype(int)
    except Malformed:
        return
    assert np.abs(values).max() <= ENTRY_BOUND
    assert NORM_LOW[form] <= values @ values <= NORM_HIGH[form]


@pytest.mark.parametrize("form", EMBEDDED)
def test_a_thousand_ordinary_embeddings_all_pass(form: Form) -> None:
    for seed in range(1_000):
        quantised(form, direction(form, seed), MEANS[form])


@pytest.mark.parametrize("form", EMBEDDED)
def test_an_embedding_is_found_in_the_direction_it_came_from(form: Form) -> None:
    unit = direction(form, 1) / np.linalg.norm(direction(form, 1))
    values = quantised(form, 7.5 * unit, np.zeros(LENGTH[form])).values
    assert np.abs(values - SCALE[form] * unit).max() <= 0.5


@pytest.mark.parametrize("form", EMBEDDED)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_never_become_a_template(form: Form, bad: float) -> None:
    embedding = direction(form, 1)
    embedding[3] = bad
    with pytest.raises(Malformed, match="NaN or infinity"):
        quantised(form, embedding, MEANS[form])


@pytest.mark.parametrize("form", EMBEDDED)
def test_another_length_or_no_direction_never_become_a_template(form: Form) -> None:
    with pytest.raises(Malformed, match="not"):
        quantised(form, np.ones(LENGTH[form] + 1), MEANS[form])
    with pytest.raises(Malformed, match="no direction"):
        quantised(form, np.zeros(LENGTH[form]), MEANS[form])
    with pytest.raises(Malformed, match="no direction"):
        quantised(form, MEANS[form], MEANS[form] / np.linalg.norm(MEANS[form]))


def test_a_voice_is_no_face() -> None:
    with pytest.raises(Malformed, match="face template: not 128 integers"):
        Template(Form.FACE, quantised(Form.VOICE, direction(Form.VOICE, 1), 0).values)


def code(valid: int) -> np.ndarray:
    signs = np.zeros(CODE_LENGTH, np.int16)
    signs[:valid] = 1
    return np.concatenate([signs, signs])


def face(length: float) -> np.ndarray:
    unit = direction(Form.FACE, 1) / np.linalg.norm(direction(Form.FACE, 1))
    return np.rint(length * unit).astype(np.int16)


def spiked() -> np.ndarray:
    values = face(20.0)
    values[0] = ENTRY_BOUND + 1
    return values


BROKEN = {
    "too long": (Form.FACE, face(SCALE[Form.FACE] + 4.0), "squared norm"),
    "too short": (Form.FACE, face(SCALE[Form.FACE] - 4.0), "squared norm"),
    "an entry too large": (Form.FACE, spiked(), "entry is beyond"),
    "floats": (Form.FACE, face(112.0).astype(float), "not 128 integers"),
    "wide": (Form.FACE, face(112.0).astype(np.int64), "not 128 integers"),
    "too few valid bits": (Form.CODE, code(MIN_VALID_BITS - 1), "bits are valid"),
    "mask of other bits": (
        Form.CODE,
        np.concatenate(
            [code(7_000)[:CODE_LENGTH], np.roll(code(7_000)[:CODE_LENGTH], 1)]
        ),
        "with their squares",
    ),
    "a bit of two": (Form.CODE, code(7_000) * np.int16(2), "with their squares"),
}


@pytest.mark.parametrize(("form", "values", "rule"), BROKEN.values(), ids=BROKEN)
def test_what_operators_would_refuse_is_refused_at_home(
    form: Form, values: np.ndarray, rule: str
) -> None:
    with pytest.raises(Malformed, match=rule):
        Template(form, values)


def test_the_least_valid_code_is_valid() -> None:
    assert Template(Form.CODE, code(MIN_VALID_BITS)).form is Form.CODE


def test_no_score_less_threshold_leaves_the_ring() -> None:
    highest = sum(NORM_HIGH.values())
    assert highest + THRESHOLD_BOUND < 1 << 15
    for thresholds in THRESHOLDS.values():
        assert max(map(abs, thresholds)) <= THRESHOLD_BOUND
        assert thresholds.verify <= thresholds.unique


def test_a_template_shows_nothing_and_stays_where_it_is() -> None:
    template = Template(Form.FACE, face(112.0))
    assert repr(template) == "Template(face, hidden)"
    with pytest.raises(TypeError, match="stays in this process"):
        pickle.dumps(template)
