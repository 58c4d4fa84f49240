"""A statement is laid out alike at all three seats, and no equation is lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.ground.errors import Malformed
from ipse.matching.statement import (
    MOST_ROWS,
    Group,
    HeardOfNext,
    HeardOfPrev,
    Laid,
    Said,
    Shape,
    layout_of,
)

SHAPES = st.lists(
    st.tuples(st.integers(0, 70), st.integers(0, 40)), max_size=5
) | st.lists(st.tuples(st.integers(1, 3), st.integers(1, 300)), max_size=2)


def numbers(*shape: int) -> np.ndarray:
    """Numbers that are all different, and not 0."""
    size = int(np.prod(shape))
    return np.arange(1, size + 1, dtype=np.uint32).reshape(shape)


def written(shapes: list[Shape], bits: int = 32) -> tuple[Laid, Laid, Laid]:
    said, following, before = Said(), HeardOfNext(), HeardOfPrev()
    for shape in shapes:
        u, v, c = numbers(*shape), numbers(*shape), numbers(shape[0])
        said.equations(bits, u, v, c)
        following.equations(bits, u, c)
        before.equations(bits, v, c)
    assert said.shapes == following.shapes == before.shapes == tuple(shapes)
    return said.laid(), following.laid(), before.laid()


def placed(group: Group, values: np.ndarray) -> list[list[int]]:
    """Each equation's factors, read where the docstring says that they are."""
    equations = []
    for equation in range(group.equations):
        place, sheet = divmod(equation, group.sheets)
        columns = values[:, sheet * group.sheet_columns :][:, : group.sheet_columns]
        run = columns.T.reshape(-1)[place * group.run :]
        equations.append(run[: group.products].tolist())
    return equations


@given(SHAPES)
@settings(deadline=None)
def test_every_factor_stands_in_the_column_of_its_equation(shapes: list[Shape]) -> None:
    own, _, _ = written(shapes)
    for group, values, constants in zip(
        own.layout.groups, own.u, own.constants, strict=True
    ):
        mine = [shape for shape in shapes if shape[1] == group.products]
        expected = [row for shape in mine for row in numbers(*shape).tolist()]
        assert values.shape == (own.layout.rows, group.columns)
        assert placed(group, values) == expected
        assert np.count_nonzero(values) == sum(map(len, expected))
        expected = [each for shape in mine for each in range(1, shape[0] + 1)]
        assert constants.shape == (group.places, group.sheets)
        assert constants.reshape(-1)[: len(expected)].tolist() == expected
        assert np.count_nonzero(constants) == len(expected)


@given(SHAPES, st.integers(1, 32))
@settings(deadline=None)
def test_the_three_lay_out_the_same(shapes: list[Shape], bits: int) -> None:
    own, following, before = written(shapes, bits)
    assert own.layout == following.layout == before.layout == layout_of(tuple(shapes))
    assert not following.v
    assert not before.u
    for pairs in (
        zip(own.u, following.u, strict=True),
        zip(own.v, before.v, strict=True),
        zip(own.constants, following.constants, strict=True),
    ):
        for one, other in pairs:
            assert (one == other).all()


@pytest.mark.parametrize("bits", [1, 7, 31, 32])
def test_what_holds_mod_a_power_of_two_holds_mod_2_to_the_32(bits: int) -> None:
    dice = np.random.default_rng(bits)
    u, v = dice.integers(0, 2**32, (2, 9, 3), np.uint32)
    high = dice.integers(0, 2**32, (9, 3), np.uint32) << np.uint32(bits % 32)
    c1 = dice.integers(0, 2**32, 9, np.uint32)
    c2 = -((u * v).sum(axis=1, dtype=np.uint32) + c1)
    said, before = Said(), HeardOfPrev()
    said.equations(bits, u, v, c1)
    # whoever knows v may spell it with other bits on top: they don't count
    before.equations(bits, v if bits == 32 else v + high, c2)
    own, heard = said.laid(), before.laid()
    assert (own.v[0] == heard.v[0]).all()
    (group,) = own.layout.groups
    halves = [np.array(placed(group, each), np.uint32) for each in (own.u[0], own.v[0])]
    products = (halves[0] * halves[1]).sum(axis=1, dtype=np.uint32)
    constants = (own.constants[0] + heard.constants[0]).reshape(-1)[:9]
    assert not (products + constants).any()
    # and what doesn't hold there, doesn't here
    said.equations(bits, u, v, c1 + np.uint32(1 << (bits - 1)))
    changed = said.laid().constants[0].reshape(-1)[:18]
    assert (changed[9:] - changed[:9] == np.uint32(1 << 31)).all()


def test_one_row_stands_for_all() -> None:
    said, heard = Said(), HeardOfPrev()
    factors, constants = numbers(1, 3), numbers(20)
    said.equations(32, numbers(20, 3), factors, constants)
    heard.equations(32, factors, constants)
    assert said.shapes == heard.shapes == ((20, 3),)
    assert (said.laid().v[0] == heard.laid().v[0]).all()


def test_columns_grow_with_the_statement_up_to_a_bound() -> None:
    rows = [layout_of(((count, 1),)).rows for count in (0, 100, 2_000, 10**4, 10**7)]
    assert rows == sorted(rows)
    assert rows[0] < rows[2] < rows[-1] == MOST_ROWS


def test_equations_without_products_take_no_column() -> None:
    assert layout_of(((1_000, 0),)).columns == 0
    assert layout_of(()).columns == 0


@pytest.mark.parametrize(
    ("u", "v", "c1", "bits"),
    [
        (numbers(3, 2), numbers(3, 1, 2), numbers(3), 32),
        (numbers(3), numbers(3), numbers(3), 32),
        (numbers(3, 2), numbers(4, 2), numbers(3), 32),
        (numbers(3, 2), numbers(3, 3), numbers(3), 32),
        (numbers(3, 2), numbers(3, 2), numbers(3, 1), 32),
        (numbers(3, 2), numbers(3, 2), numbers(4), 32),
        (numbers(3, 2), numbers(3, 2), numbers(3), 0),
        (numbers(3, 2), numbers(3, 2), numbers(3), 33),
    ],
)
def test_what_does_not_fit_is_refused(
    u: np.ndarray, v: np.ndarray, c1: np.ndarray, bits: int
) -> None:
    with pytest.raises(Malformed):
        Said().equations(bits, u, v, c1)


def test_what_was_said_does_not_show() -> None:
    said = Said()
    said.equations(32, numbers(1, 1), numbers(1, 1), numbers(1))
    assert repr(said) == "<Said: secret>"
    assert repr(said.laid()) == "<Laid: secret>"
