"""What passes is what an honest wallet could have sent; whoever passes cannot wrap."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.ground.names import Form
from ipse.ground.params import (
    CODE_LENGTH,
    ENTRY_BOUND,
    LENGTH,
    MIN_VALID_BITS,
    NORM_HIGH,
    NORM_LOW,
    SCALE,
)
from ipse.matching.wellformed import well_formed
from ipse_lab.table import Table

Ints = npt.NDArray[np.int64]
EMBEDDINGS = [Form.FACE, Form.VOICE]


def passed(form: Form, vectors: Ints, seed: int = 1) -> list[bool]:
    table = Table(np.random.default_rng(seed))
    parts = table.raw_parts(form, vectors)
    played = table.play(lambda place: well_formed(place, (parts[place.seat],)))
    for result in played.results[1:]:
        assert (result == played.results[0]).all()
    verdicts: list[bool] = played.results[0].tolist()
    return verdicts


def honest(form: Form, count: int, seed: int = 2) -> Ints:
    dice = np.random.default_rng(seed)
    directions = dice.standard_normal((count, LENGTH[form]))
    directions *= SCALE[form] / np.linalg.norm(directions, axis=1, keepdims=True)
    return np.rint(directions).astype(np.int64)


def with_norm(form: Form, squared: int, largest: int = 60) -> Ints:
    """An integer vector of exactly this squared norm, by greedy squares."""
    vector = np.zeros(LENGTH[form], np.int64)
    for index in range(len(vector)):
        root = min(int(squared**0.5), largest)
        vector[index] = root
        squared -= root * root
    assert squared == 0
    return vector[np.newaxis]


@pytest.mark.parametrize("form", EMBEDDINGS)
def test_every_honest_embedding_passes(form: Form) -> None:
    assert all(passed(form, honest(form, 200)))


@pytest.mark.parametrize("form", EMBEDDINGS)
@pytest.mark.parametrize(
    ("bound", "outside"), [(NORM_LOW, -1), (NORM_HIGH, 1)], ids=["short", "long"]
)
def test_the_norm_s_bounds_pass_and_one_beyond_does_not(
    form: Form, bound: dict[Form, int], outside: int
) -> None:
    assert passed(form, with_norm(form, bound[form])) == [True]
    assert passed(form, with_norm(form, bound[form] + outside)) == [False]


@pytest.mark.parametrize("multiple", [1 << 16, 1 << 20, 1 << 21, 3 << 20])
def test_no_norm_is_long_enough_to_come_round_to_a_right_one(multiple: int) -> None:
    """Sums are tested in fewer bits than entries: as many as they can fill."""
    for right in (NORM_LOW[Form.VOICE], NORM_HIGH[Form.VOICE]):
        vector = with_norm(Form.VOICE, multiple + right, ENTRY_BOUND)
        assert passed(Form.VOICE, vector) == [False]


@pytest.mark.parametrize("sign", [-1, 1])
def test_no_entry_may_pass_its_bound(
    sign: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # with the shipped scales the norm alone keeps entries in range: lift it here, so
    # that the entry's own rule stands alone
    monkeypatch.setitem(NORM_HIGH, Form.FACE, 1 << 20)
    for entry, expected in [(ENTRY_BOUND, True), (ENTRY_BOUND + 1, False)]:
        vector = honest(Form.FACE, 1)
        vector[0, 77] = sign * entry
        assert passed(Form.FACE, vector) == [expected]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1 << 16, 1 << 24, 1 << 31, 3 << 30, 1 << 8]),
    st.integers(0, 127),
)
def test_what_vanishes_mod_a_smaller_ring_does_not_pass(
    seed: int, multiple: int, entry: int
) -> None:
    """To the comparison x + 2^16 h is x: no norm may be smuggled past the check."""
    vector = honest(Form.FACE, 1, seed)
    vector[0, entry] += multiple
    assert passed(Form.FACE, vector, seed) == [False]


def test_uniform_garbage_does_not_pass() -> None:
    dice = np.random.default_rng(3)
    garbage = dice.integers(0, 1 << 32, (500, LENGTH[Form.FACE]))
    assert not any(passed(Form.FACE, garbage))


def test_a_batch_is_judged_one_by_one() -> None:
    vectors = honest(Form.FACE, 130)
    bad = [0, 63, 64, 129]
    vectors[bad, 5] = 1 << 20
    assert [i for i, ok in enumerate(passed(Form.FACE, vectors)) if not ok] == bad


def test_face_and_voice_must_both_pass() -> None:
    table = Table(np.random.default_rng(4))
    face, voice = honest(Form.FACE, 1), honest(Form.VOICE, 1)
    for spoilt in (None, Form.FACE, Form.VOICE):
        vectors = {Form.FACE: face.copy(), Form.VOICE: voice.copy()}
        if spoilt is not None:
            vectors[spoilt] *= 2
        parts = [table.raw_parts(form, each) for form, each in vectors.items()]
        played = table.play(
            lambda place, parts=parts: well_formed(
                place, tuple(part[place.seat] for part in parts)
            )
        )
        assert played.results[0].tolist() == [spoilt is None]


def a_code(valid: int, seed: int = 5) -> Ints:
    dice = np.random.default_rng(seed)
    mask = np.zeros(CODE_LENGTH, np.int64)
    mask[dice.permutation(CODE_LENGTH)[:valid]] = 1
    code = mask * (2 * dice.integers(0, 2, CODE_LENGTH) - 1)
    return np.concatenate([code, mask])


def _hides_a_bit(code: Ints) -> None:
    code[np.flatnonzero(code[:CODE_LENGTH])[0]] = 0


def _speaks_where_masked(code: Ints) -> None:
    code[np.flatnonzero(code[:CODE_LENGTH] == 0)[0]] = 1


def _counts_twice(code: Ints) -> None:
    code[np.flatnonzero(code[:CODE_LENGTH])[0]] = 2


def _masks_with_two(code: Ints) -> None:
    code[CODE_LENGTH + 3] = 2


def _masks_with_minus_one(code: Ints) -> None:
    code[3], code[CODE_LENGTH + 3] = 0, -1


def _wraps_the_mask(code: Ints) -> None:
    code[3], code[CODE_LENGTH + 3] = 1 << 31, -1


def _wraps_the_code(code: Ints) -> None:
    code[3], code[CODE_LENGTH + 3] = 1 << 16, 1


def _speaks_against_the_mask(code: Ints) -> None:
    code[np.flatnonzero(code[:CODE_LENGTH] == 0)[0]] = -1


def _weighs_more(code: Ints) -> None:
    # 2^2 = 4: the sums agree, and so does the bound by the mask
    code[3], code[CODE_LENGTH + 3] = 2, 4


CODE_FLAWS = [
    _speaks_against_the_mask,
    _weighs_more,
    _hides_a_bit,
    _speaks_where_masked,
    _counts_twice,
    _masks_with_two,
    _masks_with_minus_one,
    _wraps_the_mask,
    _wraps_the_code,
]


@pytest.mark.parametrize("spoil", CODE_FLAWS)
def test_a_code_with_one_flaw_does_not_pass(spoil: Callable[[Ints], None]) -> None:
    code = a_code(9_000)
    assert passed(Form.CODE, code[np.newaxis]) == [True]
    spoil(code)
    assert passed(Form.CODE, code[np.newaxis]) == [False]


def test_a_code_needs_enough_valid_bits() -> None:
    counts = [MIN_VALID_BITS - 1, MIN_VALID_BITS, CODE_LENGTH]
    vectors = np.stack([a_code(count) for count in counts])
    assert passed(Form.CODE, vectors) == [False, True, True]
