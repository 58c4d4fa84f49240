"""The oracle says what plain arithmetic says, one pair and one bit at a time."""

import numpy as np
import pytest

from ipse.ground.errors import Malformed, Refused
from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, CODE_SHAPE, THRESHOLDS
from ipse.template.code import encode_code, halves, rotated
from ipse.template.distance import code_scores, matches, scores
from ipse.template.fusion import thresholds_for
from ipse.template.vector import Template
from ipse_lab.people import people

FACES = people(1, 20)
VOICES = people(1, 20, Form.VOICE)
CODES = people(1, 6, Form.CODE)


def test_scores_are_exact_inner_products() -> None:
    for probe, row in zip(FACES.probes, scores(*both(FACES)), strict=True):
        for reference, score in zip(FACES.references, row, strict=True):
            products = zip(probe, reference, strict=True)
            assert score == sum(int(x) * int(y) for x, y in products)


def both(drawn: object) -> tuple[np.ndarray, np.ndarray]:
    return drawn.probes, drawn.references


def body(face: np.ndarray, voice: np.ndarray | None = None) -> dict[Form, Template]:
    forms = {Form.FACE: Template(Form.FACE, face)}
    return forms | (
        {Form.VOICE: Template(Form.VOICE, voice)} if voice is not None else {}
    )


def test_the_threshold_itself_matches_and_one_more_does_not() -> None:
    probe, reference = body(FACES.probes[0]), body(FACES.references[0])
    score = int(scores(FACES.probes[:1], FACES.references[:1])[0, 0])
    assert matches(probe, reference, score)
    assert not matches(probe, reference, score + 1)


def test_fusion_is_the_sum_and_a_voice_that_one_side_lacks_counts_nothing() -> None:
    probe = body(FACES.probes[0], VOICES.probes[0])
    reference = body(FACES.references[0], VOICES.references[0])
    face = int(scores(FACES.probes[:1], FACES.references[:1])[0, 0])
    voice = int(scores(VOICES.probes[:1], VOICES.references[:1])[0, 0])
    assert matches(probe, reference, face + voice)
    assert not matches(probe, reference, face + voice + 1)
    assert matches(probe, body(FACES.references[0]), face)
    assert not matches(probe, body(FACES.references[0]), face + 1)


def test_forms_that_cannot_be_compared_are_named_so() -> None:
    voice = {Form.VOICE: Template(Form.VOICE, VOICES.probes[0])}
    with pytest.raises(Malformed, match="not comparable"):
        matches(body(FACES.probes[0]), voice, 0)


def hamming(probe: np.ndarray, reference: np.ndarray) -> tuple[int, int]:
    """Differing and jointly valid bits, counted one by one."""
    (code, mask), (other, shown) = halves(probe), halves(reference)
    joint = (mask == 1) & (shown == 1)
    return int((joint & (code != other)).sum()), int(joint.sum())


def test_a_code_matches_iff_the_hamming_distance_of_some_rotation_is_small() -> None:
    got = code_scores(*both(CODES)) > 0
    for i, probe in enumerate(CODES.probes):
        for j, reference in enumerate(CODES.references):
            turned = [
                hamming(rotated(probe, turn), reference) for turn in range(-15, 16)
            ]
            # 0.34375 = 11 / 32
            wanted = any(32 * differ < 11 * valid for differ, valid in turned)
            assert got[i, j] == wanted
            assert wanted == (i == j)


def test_exactly_the_threshold_of_a_code_is_no_match() -> None:
    signs = np.ones(CODE_LENGTH, np.int16)
    mask = np.ones(CODE_LENGTH, np.int16)
    reference = np.concatenate([signs, mask])
    at, below = signs.copy(), signs.copy()
    at[: CODE_LENGTH * 11 // 32] = -1
    below[: CODE_LENGTH * 11 // 32 - 1] = -1
    probes = np.stack([np.concatenate([each, mask]) for each in (at, below)])
    assert code_scores(probes, reference[None]).ravel().tolist() == [0, 32]


def test_a_rotation_is_a_roll_along_columns_of_code_and_mask() -> None:
    bits = np.zeros(CODE_SHAPE, bool)
    bits[3, 199, 2] = True
    values = encode_code(bits, np.ones(CODE_SHAPE, bool)).values
    code, mask = halves(rotated(values, 1))
    assert np.argwhere(code.reshape(CODE_SHAPE) == 1).tolist() == [[3, 0, 2]]
    assert mask.all()
    assert np.array_equal(rotated(rotated(values, 7), -7), values)


def test_a_hidden_bit_says_nothing() -> None:
    valid = np.ones(CODE_SHAPE, bool)
    valid[0] = False
    ones = encode_code(np.ones(CODE_SHAPE, bool), valid).values
    other = np.ones(CODE_SHAPE, bool)
    other[0] = False
    assert np.array_equal(encode_code(other, valid).values, ones)


def test_a_code_of_another_shape_is_malformed() -> None:
    with pytest.raises(Malformed, match="not of shape"):
        encode_code(np.ones((2, 2), bool), np.ones((2, 2), bool))


def test_each_set_of_forms_has_its_thresholds_in_any_order() -> None:
    fused = THRESHOLDS[Form.FACE, Form.VOICE]
    assert thresholds_for({Form.VOICE, Form.FACE}) == fused
    assert thresholds_for([Form.FACE]) == THRESHOLDS[(Form.FACE,)]
    with pytest.raises(Refused, match="not compared together"):
        thresholds_for([Form.VOICE])
