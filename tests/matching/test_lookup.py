"""A looked-up sign is the sign of the number, and nobody sees more than noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.matching import lookup
from ipse.matching.claims import Claims
from ipse.matching.gate import Shared
from ipse.matching.rounds import Computation
from ipse.matching.seat import SEATS, Place
from ipse_lab.table import Table

RINGS = [5, 9, 16, 20, 23, 32]
LOOKED_UP = 3  # rounds: the tables, and two halvings


def cut(dice: np.random.Generator, numbers: np.ndarray, bits: int) -> list[np.ndarray]:
    """Components of numbers mod 2^bits."""
    first, second = dice.integers(0, 1 << bits, (2, len(numbers)), dtype=np.uint64)
    third = (numbers - first - second) % np.uint64(1 << bits)
    return [part.astype(np.uint32) for part in (first, second, third)]


def shared(components: list[np.ndarray], place: Place) -> Shared:
    return Shared(components[place.seat], components[place.next_seat])


def signs(
    numbers: np.ndarray, bits: int, seed: int = 1
) -> tuple[np.ndarray, int, tuple[Shared, Shared, Shared]]:
    table = Table(np.random.default_rng(seed))
    components = cut(table.dice, numbers.astype(np.uint64), bits)

    def computation(place: Place) -> Computation[Shared]:
        claims = Claims()
        found = yield from lookup.negative(
            place, claims, shared(components, place), bits
        )
        assert (yield from claims.proved(place)).holds
        return found

    played = table.play(computation)
    three = played.results
    for seat, one in enumerate(three):
        assert (one.following == three[(seat + 1) % SEATS].own).all()
    return three[0].own ^ three[1].own ^ three[2].own, played.rounds, three


@pytest.mark.parametrize("bits", RINGS)
def test_the_sign_is_the_highest_place(bits: int) -> None:
    dice = np.random.default_rng(bits)
    top = 1 << bits
    numbers = np.concatenate(
        [
            dice.integers(0, top, 500, dtype=np.uint64),
            np.array([0, 1, top - 1, top // 2, top // 2 - 1], np.uint64),
        ]
    )
    found, _, _ = signs(numbers, bits)
    assert (found == numbers >> np.uint64(bits - 1)).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1))
def test_any_three_components(first: int, second: int, third: int) -> None:
    """Carries run through all places of both sums, or stop at any of them."""
    components = [np.array([part], np.uint32) for part in (first, second, third)]
    table = Table(np.random.default_rng(first))

    def computation(place: Place) -> Computation[Shared]:
        claims = Claims()
        return (
            yield from lookup.negative(place, claims, shared(components, place), 16)
        )

    played = table.play(computation)
    assert played.rounds == LOOKED_UP
    one, two, three = (result.own for result in played.results)
    assert (one ^ two ^ three) == ((first + second + third) >> 15 & 1)


def received(number: int, runs: int) -> list[np.ndarray]:
    """For each seat, the bits that it receives in the first round: [runs, bits]."""
    seen = []
    for run in range(runs):
        table = Table(np.random.default_rng([number, run]))
        # what a seat holds is the same in every run: only what it is sent varies
        held = np.random.default_rng(number)
        components = cut(held, np.array([number], np.uint64), 5)

        def computation(
            place: Place, components: list[np.ndarray] = components
        ) -> Computation[np.ndarray]:
            inner = lookup.negative(place, Claims(), shared(components, place), 5)
            came = yield next(inner)
            both = bytes(came.from_next) + bytes(came.from_prev)
            return np.unpackbits(np.frombuffer(both, np.uint8), bitorder="little")

        seen.append(table.play(computation).results)
    return [np.array([run[seat] for run in seen]) for seat in range(SEATS)]


@pytest.mark.parametrize("number", [0, 15, 16, 31])
def test_what_a_seat_receives_is_noise_whatever_the_number(number: int) -> None:
    """Each bit is a fair coin, and no two of them know of each other."""
    runs = 400
    for bits in received(number, runs):
        varied = bits[:, bits.any(axis=0)]  # the rest fills up a byte
        coins = 2.0 * varied - 1
        together = coins.T @ coins / runs
        np.fill_diagonal(together, coins.mean(axis=0))
        # hundreds of pairs: six standard deviations
        assert (abs(together) < 6 / runs**0.5).all()


@pytest.mark.parametrize("number", [0, 15, 16, 31])
def test_shares_of_a_sign_are_fair_coins_whatever_the_sign(number: int) -> None:
    runs = 300
    shares = []
    for run in range(runs):
        _, _, three = signs(np.array([number]), 5, seed=run)
        shares.append([[int(one.own[0]), int(one.following[0])] for one in three])
    means = np.array(shares).mean(axis=0)
    assert (abs(means - 0.5) < 6 * 0.5 / runs**0.5).all()
