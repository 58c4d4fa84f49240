"""A row's sum tells it from a damaged one, a moved one and a foreign one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.store.sums import RowSums, consecutive

LENGTH = 128
ROW_BYTES = 2 * LENGTH
SUMS = RowSums(b"header", ROW_BYTES)


def rows_of(seed: int, count: int = 1) -> np.ndarray:
    dice = np.random.default_rng(seed)
    return dice.integers(0, 1 << 16, (count, LENGTH), np.uint16)


@given(st.integers(0, 99), st.integers(0, LENGTH - 1), st.integers(1, 0xFFFF))
def test_any_change_of_one_entry_shows(seed: int, place: int, change: int) -> None:
    rows = rows_of(seed)
    damaged = rows.copy()
    damaged[0, place] ^= change
    slots = consecutive(0, 1)  # type: ignore[arg-type]  # a slot is a number
    assert SUMS.of(slots, rows) != SUMS.of(slots, damaged)


@given(st.integers(0, 99), st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_row_has_another_sum_in_another_slot(seed: int, one: int, two: int) -> None:
    rows = rows_of(seed)
    sums = [SUMS.of(np.array([slot], np.int64), rows)[0] for slot in (one, two)]
    assert (sums[0] == sums[1]) == (one == two)


def test_a_row_has_another_sum_under_another_header() -> None:
    slots, rows = np.arange(9), rows_of(1, 9)
    assert not np.any(
        SUMS.of(slots, rows) == RowSums(b"other", ROW_BYTES).of(slots, rows)
    )


def test_zeros_have_a_sum_that_a_hole_in_the_file_has_not() -> None:
    assert SUMS.of(np.arange(99), np.zeros((99, LENGTH), np.uint16)).all()


def test_the_sum_is_what_the_specification_says() -> None:
    """A vector, worked out with Python's own numbers."""
    import hashlib  # noqa: PLC0415

    rows, slot = rows_of(3), 41
    drawn = hashlib.shake_256(b"header").digest((ROW_BYTES // 4 + 1) * 8)
    weights = [
        int.from_bytes(drawn[at : at + 8], "little") | 1
        for at in range(0, len(drawn), 8)
    ]
    content = rows.tobytes()
    words = [
        int.from_bytes(content[at : at + 4], "little") for at in range(0, ROW_BYTES, 4)
    ]
    expected = (slot + 1) * weights[0] + sum(
        word * weight for word, weight in zip(words, weights[1:], strict=True)
    )
    assert SUMS.of(np.array([slot]), rows)[0] == expected % 2**64


def test_a_row_of_odd_length_has_no_sum() -> None:
    with pytest.raises(ValueError, match="no whole number of words"):
        RowSums(b"header", 255)
