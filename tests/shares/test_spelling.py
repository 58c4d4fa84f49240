"""A spelling stands for its vector; and of honest templates every number is a bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.ground.params import (
    CODE_LENGTH,
    LENGTH,
    MIN_VALID_BITS,
    NORM_HIGH,
    NORM_LOW,
)
from ipse.shares.spelling import (
    BODY,
    SPELLED,
    SURPLUS,
    read,
    read_surplus,
    spell,
    surplus,
)
from ipse_lab.people import people


@pytest.mark.parametrize("form", Form)
def test_a_spelling_is_bits_that_read_as_the_vector(form: Form) -> None:
    for vector in people(1, 5, form).references:
        spelling = spell(form, vector)
        assert spelling.shape == (SPELLED[form],)
        assert spelling.max() <= 1
        assert (read(form, spelling).astype(np.int32) == vector).all()
        wide = vector.astype(np.int64)
        assert int(read_surplus(form, spelling)) == surplus(form, wide)


@pytest.mark.parametrize("form", Form)
def test_components_read_as_components(form: Form) -> None:
    """Reading is linear mod 2^32, so each seat reads what it holds by itself."""
    dice = np.random.default_rng(1)
    one, other = dice.integers(0, 1 << 32, (2, 3, SPELLED[form]), dtype=np.uint32)
    assert (read(form, one + other) == read(form, one) + read(form, other)).all()
    sums = read_surplus(form, one) + read_surplus(form, other)
    assert (read_surplus(form, one + other) == sums).all()


@pytest.mark.parametrize("form", Form)
def test_the_surplus_counts_every_number_that_is_allowed_and_no_other(
    form: Form,
) -> None:
    reached = {0}
    for weight in SURPLUS[form]:
        reached |= {one + weight for one in reached}
    largest = (
        CODE_LENGTH - MIN_VALID_BITS
        if form is Form.CODE
        else NORM_HIGH[form] - NORM_LOW[form]
    )
    assert reached == set(range(largest + 1))


@given(st.integers(-128, 127), st.integers(0, 127))
def test_an_entry_is_spelled_in_twos_complement(entry: int, place: int) -> None:
    bits = np.zeros(SPELLED[Form.FACE], np.uint32)
    for bit in range(8):
        bits[8 * place + bit] = entry >> bit & 1
    vector = read(Form.FACE, bits).astype(np.int32)
    assert vector[place] == entry
    assert np.count_nonzero(vector) == (entry != 0)


@pytest.mark.parametrize("entry", [128, -129, 1 << 16])
def test_an_entry_out_of_range_is_not_spelled(entry: int) -> None:
    vector = people(1, 1, Form.FACE).references[0].astype(np.int64)
    vector[3] = entry
    with pytest.raises(Malformed):
        spell(Form.FACE, vector)


@pytest.mark.parametrize("form", Form)
def test_a_norm_or_a_mask_that_is_not_allowed_is_not_spelled(form: Form) -> None:
    with pytest.raises(Malformed, match="no norm or mask"):
        spell(form, np.zeros(LENGTH[form], np.int64))


def test_a_code_that_is_longer_than_its_mask_is_not_spelled() -> None:
    code = people(1, 1, Form.CODE).references[0].astype(np.int64)
    code[np.flatnonzero(code[:CODE_LENGTH] == 1)[0]] = 3
    with pytest.raises(Malformed, match="can't be spelled"):
        spell(Form.CODE, code)


@pytest.mark.parametrize("shape", [(0,), (127,), (129,), (128, 1)])
def test_a_vector_of_the_wrong_shape_is_not_spelled(shape: tuple[int, ...]) -> None:
    with pytest.raises(Malformed, match="has 128 entries"):
        spell(Form.FACE, np.zeros(shape, np.int64))


def test_every_place_of_a_spelling_says_something() -> None:
    for form in Form:
        assert BODY[form] + len(SURPLUS[form]) == SPELLED[form]
