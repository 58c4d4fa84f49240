"""A looked-up sign is the sign of the sum, and nobody sees more than noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.matching import lookup
from ipse.matching.kernels import unpack
from ipse.matching.rounds import Computation
from ipse.matching.seat import SEATS, Place
from ipse.matching.signs import Bits
from ipse_lab.table import Table


def held(place: Place, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """What a seat holds: P the first addends of its group, Q and R the second."""
    addends = second.copy()
    addends[place.group_as_p] = first[place.group_as_p]
    return addends


def looked_up(
    first: np.ndarray, second: np.ndarray, bits: int, levels: int, seed: int = 1
) -> tuple[tuple[Bits, Bits, Bits], int]:
    table = Table(np.random.default_rng(seed))
    played = table.play(
        lambda place: lookup.negative(place, held(place, first, second), bits, levels)
    )
    return played.results, played.rounds


def opened(three: tuple[Bits, Bits, Bits], lane_bits: int) -> np.ndarray:
    for seat, bits in enumerate(three):
        assert (bits.following == three[(seat + 1) % SEATS].own).all()
    return unpack(three[0].own ^ three[1].own ^ three[2].own, lane_bits)


RINGS = [(np.uint16, 16), (np.uint16, 9), (np.uint32, 32), (np.uint32, 23)]


@pytest.mark.parametrize(
    ("dtype", "bits", "levels"),
    [
        (dtype, bits, levels)
        for dtype, bits in [*RINGS, (np.uint32, 2)]
        for levels in range(5)
        if (bits - 1) >> levels <= 8  # a table of 2^8 entries is large enough
    ],
)
def test_the_sign_is_that_of_the_sum(dtype: type, bits: int, levels: int) -> None:
    if (bits - 1) >> levels > 8:
        pytest.skip(
            "a table of more than 2^8 entries is nothing to look anything up in"
        )
    dice = np.random.default_rng([bits, levels])
    first, second = (
        dice.integers(0, 1 << 8 * dtype().itemsize, (SEATS, 3, 128), dtype=dtype)
        for _ in range(2)
    )
    second[:, 0, :] = -first[:, 0, :]  # zero
    second[:, 1, :64] = -first[:, 1, :64] - dtype(1)  # minus one: carries run through
    three, rounds = looked_up(first, second, bits, levels)
    expected = (first + second) >> dtype(bits - 1) & dtype(1)
    assert (opened(three, 8 * dtype().itemsize) == expected).all()
    assert rounds == 1 + levels


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**23 - 1), st.integers(0, 2**23 - 1), st.integers(0, 191))
def test_any_two_addends_in_any_lane(first: int, second: int, lane: int) -> None:
    one, other = np.zeros((2, SEATS, 1, 64), np.uint32)
    one.reshape(-1)[lane], other.reshape(-1)[lane] = first, second
    three, _ = looked_up(one, other, 23, 2, seed=lane)
    found = opened(three, 32).reshape(-1)
    assert found[lane] == ((first + second) >> 22 & 1)
    assert found.sum() == found[lane]


def received(first: int, second: int, runs: int) -> list[np.ndarray]:
    """For each seat, the lowest lane of each word that it receives: [runs, words]."""
    table = Table(np.random.default_rng([first, second]))
    addends = [np.full((SEATS, 1, 64), value, np.uint16) for value in (first, second)]

    def computation(place: Place) -> Computation[np.ndarray]:
        inner = lookup.negative(place, held(place, addends[0], addends[1]), 4, 0)
        came = yield next(inner)
        both = bytes(came.from_next) + bytes(came.from_prev)
        return np.frombuffer(both, np.uint64) & np.uint64(1)

    seen = [table.play(computation).results for _ in range(runs)]
    return [np.array([run[seat] for run in seen]) for seat in range(SEATS)]


@pytest.mark.parametrize(("first", "second"), [(0, 0), (7, 7), (5, 2)])
def test_what_a_seat_receives_is_noise_whatever_the_addends(
    first: int, second: int
) -> None:
    """Each bit is a fair coin, and no two of them know of each other."""
    runs = 400
    for bits in received(first, second, runs):
        coins = 2.0 * bits - 1
        together = coins.T @ coins / runs
        np.fill_diagonal(together, coins.mean(axis=0))
        # hundreds of pairs: six standard deviations
        assert (abs(together) < 6 / runs**0.5).all()


@pytest.mark.parametrize(("first", "second"), [(0, 0), (7, 7), (5, 2)])
def test_what_a_seat_reads_of_a_table_is_masked(first: int, second: int) -> None:
    """Each seat's shares of the sign are fair coins, whatever the sign is."""
    runs = 300
    one, other = (np.full((SEATS, 1, 64), v, np.uint16) for v in (first, second))
    shares = []
    for run in range(runs):
        three, _ = looked_up(one, other, 4, 0, seed=run)
        shares.append([[bits.own.copy(), bits.following.copy()] for bits in three])
    ones = np.unpackbits(np.array(shares).view(np.uint8).reshape(runs, -1), axis=1)
    # of a group's three components one is an addend, which its two holders know
    means = ones.mean(axis=0)
    fair = abs(means - 0.5) < 6 * 0.5 / runs**0.5
    known = (means == 0) | (means == 1)
    assert (fair | known).all()
    assert fair.mean() >= 2 / 3
