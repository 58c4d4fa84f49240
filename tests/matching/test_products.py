"""Inner products in tiles are inner products, whatever the shapes."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.crypto.ring import Words
from ipse.ground.params import CODE_BITS, CODE_SHIFT, CODE_WEIGHT
from ipse.matching import products, tiles
from ipse.matching.kernels import COMPILE
from ipse.matching.lanes import LANES, MOST_BLOCKS
from ipse.matching.lanes import Words as Kind
from ipse.matching.products import ROWS, WINDOW, code_panels, code_scores, panel

Ints = npt.NDArray[np.int64]
FULL = MOST_BLOCKS * LANES  # probes in a stripe


def drawn(shape: tuple[int, ...], dice: np.random.Generator) -> Words:
    return dice.integers(0, 1 << 16, shape, dtype=np.uint16)


def check(probes: int, rows: int, length: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    asked, stored = drawn((probes, length), dice), drawn((rows, length), dice)
    out = np.full((probes, rows + 3), 7, np.uint16)
    products.inner_products(panel(asked), stored, out)
    expected = asked.astype(np.uint64) @ stored.T.astype(np.uint64)
    assert (out[:, :rows] == expected.astype(np.uint16)).all()
    assert (out[:, rows:] == 7).all(), "what lies beyond the rows is left alone"


@pytest.mark.parametrize("probes", [1, 2, LANES, LANES + 1, 31, FULL, FULL + 1, 200])
@pytest.mark.parametrize("rows", [1, 11, 12, LANES, ROWS - 1, ROWS + 1])
def test_tiles_and_their_rests_join_without_a_seam(probes: int, rows: int) -> None:
    check(probes, rows, 64, seed=1)


@pytest.mark.parametrize("probes", [1, 33])
@pytest.mark.parametrize("length", [2, 30, 2 * LANES + 2, 2 * WINDOW, 2 * WINDOW + 2])
def test_any_even_length_is_multiplied_to_its_end(probes: int, length: int) -> None:
    check(probes, 40, length, seed=2)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 140), st.integers(1, 120), st.integers(1, 80), st.integers(0, 99))
def test_products_are_those_of_plain_arithmetic(
    probes: int, rows: int, half: int, seed: int
) -> None:
    check(probes, rows, 2 * half, seed)


def test_rows_are_multiplied_where_a_file_is_mapped() -> None:
    """Read-only, and beginning anywhere in it."""
    dice = np.random.default_rng(3)
    asked, stored = drawn((5, 32), dice), drawn((50, 32), dice)
    stored.flags.writeable = False
    out = np.zeros((5, 20), np.uint16)
    products.inner_products(panel(asked), stored[30:], out)
    expected = asked.astype(np.uint64) @ stored[30:].T.astype(np.uint64)
    assert (out == expected.astype(np.uint16)).all()


def digits(values: Ints) -> tuple[Words, Words]:
    """A number mod 2^20 as a signed digit of 16 bits and a nibble."""
    return values.astype(np.uint16), ((values + 0x8000 >> 16) & 15).astype(np.uint8)


@pytest.mark.parametrize("turns", [1, 31, FULL + 3])
@pytest.mark.parametrize("rows", [1, 13, ROWS + 5])
@pytest.mark.parametrize("length", [64, 4 * WINDOW + 64])
def test_codes_are_weighed_mod_two_to_the_twentieth(
    turns: int, rows: int, length: int
) -> None:
    dice = np.random.default_rng([turns, rows])
    modulus = 1 << CODE_BITS
    code, kept_code = drawn((turns, length), dice), drawn((rows, length), dice)
    mask = dice.integers(0, modulus, (turns, length))
    kept_mask = dice.integers(0, modulus, (rows, length))
    low, top = digits(kept_mask)
    stored = {"code": kept_code, "mask": low, "mask_top": top}
    out = np.zeros((turns, rows), np.uint32)
    code_scores(code_panels(code, *digits(mask)), stored, out)
    agreed = code.astype(np.int64) @ kept_code.T.astype(np.int64)
    expected = (agreed << CODE_SHIFT) - CODE_WEIGHT * (mask @ kept_mask.T)
    assert (out % modulus == expected % modulus).all()


quads_apart = tiles.sweep(Kind.QUADS_APART)


@products.numba.njit(**{**COMPILE, "cache": False})
def apart(stripe: Words, stored: Words, sums: Words) -> None:
    blocks = sums.shape[1] // LANES
    quads_apart(stripe, 0, blocks, stored, 0, len(stored), 0, stored.shape[1], sums)


@pytest.mark.parametrize("blocks", range(1, MOST_BLOCKS + 1))
def test_a_processor_without_products_of_bytes_comes_to_the_same(blocks: int) -> None:
    dice = np.random.default_rng(blocks)
    asked = dice.integers(0, 128, (blocks * LANES, 80), dtype=np.uint8)
    stored = dice.integers(0, 128, (19, 80), dtype=np.uint8)
    sums = np.ones((19, blocks * LANES), np.int32)
    apart(panel(asked).words, stored.view(np.int32), sums)
    assert (sums == 1 + stored.astype(np.int32) @ asked.T.astype(np.int32)).all()


def test_probes_are_never_shown() -> None:
    asked = panel(np.full((1, 4), 77, np.uint16))
    assert repr(asked) == "<Panel: secret>"
