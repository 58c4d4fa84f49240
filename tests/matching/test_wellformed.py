"""What passes is what an honest wallet could have sent; whoever passes cannot wrap."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.ground.names import Form
from ipse.ground.params import (
    CODE_LENGTH,
    LENGTH,
    MIN_VALID_BITS,
    NORM_HIGH,
    NORM_LOW,
    SCALE,
)
from ipse.matching.wellformed import well_formed
from ipse.shares.spelling import (
    BODY,
    ENTRY_BITS,
    SPELLED,
    SURPLUS,
    Spelling,
    spell,
    surplus,
)
from ipse_lab.drill.hostile import forced
from ipse_lab.people import people
from ipse_lab.table import Table

Ints = npt.NDArray[np.int64]
EMBEDDINGS = [Form.FACE, Form.VOICE]


def passed(form: Form, spellings: Spelling, seed: int = 1) -> list[bool]:
    table = Table(np.random.default_rng(seed))
    uploads = table.raw_uploads(form, list(spellings))
    played = table.play(lambda place: well_formed(place, (uploads[place.seat],)))
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


def spelled(form: Form, count: int, seed: int = 2) -> Spelling:
    return np.stack([spell(form, vector) for vector in honest(form, count, seed)])


@pytest.mark.parametrize("form", Form)
def test_every_honest_template_passes(form: Form) -> None:
    count = 5 if form is Form.CODE else 200
    vectors = people(1, count, form).references
    assert all(passed(form, np.stack([spell(form, each) for each in vectors])))


@pytest.mark.parametrize(
    ("bound", "outside"), [(NORM_LOW, -1), (NORM_HIGH, 1)], ids=["short", "long"]
)
@pytest.mark.parametrize("form", EMBEDDINGS)
def test_the_norm_may_reach_its_bound_and_not_pass_it(
    form: Form, bound: Mapping[Form, int], outside: int
) -> None:
    vectors = np.concatenate(
        [with_norm(form, bound[form]), with_norm(form, bound[form] + outside)]
    )
    assert passed(form, in_bits(form, vectors)) == [True, False]
    # a surplus that says what the norm is, and is no bits
    vectors = np.concatenate([with_norm(form, bound[form] + outside)])
    assert passed(form, in_numbers(form, vectors)) == [False]


def in_bits(form: Form, vectors: Ints) -> Spelling:
    """Spell vectors whose entries are in range, the surplus as near as bits can say."""
    spellings = np.zeros((len(vectors), SPELLED[form]), np.uint32)
    entries = vectors[..., np.newaxis] >> np.arange(ENTRY_BITS) & 1
    spellings[:, : BODY[form]] = entries.reshape(len(vectors), -1)
    for spelling, vector in zip(spellings, vectors, strict=True):
        left = min(max(surplus(form, vector), 0), sum(SURPLUS[form]))
        for place in reversed(range(len(SURPLUS[form]))):
            if SURPLUS[form][place] <= left:
                spelling[BODY[form] + place] = 1
                left -= SURPLUS[form][place]
    return spellings


def in_numbers(form: Form, vectors: Ints) -> Spelling:
    """The same, but the lowest number of the surplus says all of it."""
    spellings = in_bits(form, vectors)
    spellings[:, BODY[form] :] = 0
    says = [surplus(form, vector) % (1 << 32) for vector in vectors]
    spellings[:, BODY[form]] = says
    return spellings


@pytest.mark.parametrize("form", Form)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_number_that_is_no_bit_does_not_pass(form: Form, data: st.DataObject) -> None:
    """Wherever it stands, also where the rest of the spelling makes up for it."""
    spelling = spelled(form, 1)[0] if form is not Form.CODE else a_code(9_000)
    place = data.draw(st.integers(0, SPELLED[form] - 1))
    number = data.draw(
        st.sampled_from([1 << 31, (1 << 31) + 1, 1 << 16, (1 << 32) - 1, 2])
        | st.integers(2, (1 << 32) - 1)
    )
    spelling[place] = number
    assert passed(form, spelling[np.newaxis]) == [False]


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
    assert passed(Form.FACE, forced(vector), seed) == [False]


def test_uniform_garbage_does_not_pass() -> None:
    dice = np.random.default_rng(3)
    garbage = dice.integers(0, 1 << 32, (500, SPELLED[Form.FACE]), dtype=np.uint32)
    assert not any(passed(Form.FACE, garbage))


def test_a_batch_is_judged_one_by_one() -> None:
    spellings = spelled(Form.FACE, 130)
    bad = [0, 63, 64, 129]
    spellings[bad, 5] += np.uint32(2)
    assert [i for i, ok in enumerate(passed(Form.FACE, spellings)) if not ok] == bad


def test_face_and_voice_must_both_pass() -> None:
    table = Table(np.random.default_rng(4))
    for spoilt in (None, *EMBEDDINGS):
        spellings = {form: spelled(form, 1) for form in EMBEDDINGS}
        if spoilt is not None:
            spellings[spoilt][0, 0] += np.uint32(2)
        uploads = [table.raw_uploads(form, list(s)) for form, s in spellings.items()]
        played = table.play(
            lambda place, uploads=uploads: well_formed(
                place, tuple(each[place.seat] for each in uploads)
            )
        )
        assert played.results[0].tolist() == [spoilt is None]


def a_code(valid: int, seed: int = 5, says: int | None = None) -> Spelling:
    """A code of so many valid bits; its surplus says so, or something else."""
    dice = np.random.default_rng(seed)
    bits = np.zeros(2 * CODE_LENGTH, np.uint32)
    places = dice.permutation(CODE_LENGTH)[:valid]
    bits[places + CODE_LENGTH * dice.integers(0, 2, valid)] = 1
    counted = np.zeros(len(SURPLUS[Form.CODE]), np.uint32)
    left = valid - MIN_VALID_BITS if says is None else says
    for place in reversed(range(len(counted))):
        if SURPLUS[Form.CODE][place] <= left:
            counted[place] = 1
            left -= SURPLUS[Form.CODE][place]
    return np.concatenate([bits, counted])


def test_a_code_has_no_place_that_is_both() -> None:
    code = a_code(9_000)
    taken = np.flatnonzero(code[:CODE_LENGTH])[:1]
    code[CODE_LENGTH + taken] = 1
    # one valid bit more, by the count
    assert passed(Form.CODE, np.stack([a_code(9_000), code])) == [True, False]
    code[CODE_LENGTH + np.flatnonzero(code[CODE_LENGTH : 2 * CODE_LENGTH])[5]] = 0
    assert passed(Form.CODE, code[np.newaxis]) == [False]


def test_a_code_needs_enough_valid_bits() -> None:
    codes = [a_code(MIN_VALID_BITS - 1, says=0), a_code(MIN_VALID_BITS)]
    codes.append(a_code(CODE_LENGTH))
    assert passed(Form.CODE, np.stack(codes)) == [False, True, True]
    short = a_code(MIN_VALID_BITS - 1, says=0)
    short[BODY[Form.CODE]] = (1 << 32) - 1  # a surplus below zero
    assert passed(Form.CODE, short[np.newaxis]) == [False]
