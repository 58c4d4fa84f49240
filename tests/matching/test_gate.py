"""A gate computes its rule on shared numbers, and what it says is a true claim."""

import numpy as np
import pytest

from ipse.matching.claims import Claims
from ipse.matching.gate import (
    ONE_BIT,
    Rule,
    Shared,
    both,
    gate,
    mask,
    packed,
    packed_size,
    unpacked,
)
from ipse.matching.rounds import Computation
from ipse.matching.seat import Place
from ipse_lab.table import Table

SQUARE_PLUS_SEVEN = Rule(
    local=lambda x, is_first: x * x + np.uint32(7 if is_first else 0),
    left=lambda x: x[..., np.newaxis],
    right=lambda x: 2 * x[..., np.newaxis],
)


def components(dice: np.random.Generator, values: np.ndarray, bits: int) -> list:
    first, second = dice.integers(0, 1 << 32, (2, *values.shape), dtype=np.uint32)
    third = values.astype(np.uint32) - first - second
    return [each & mask(bits) for each in (first, second, third)]


def held(parts: list, place: Place) -> Shared:
    return Shared(parts[place.seat], parts[place.next_seat])


@pytest.mark.parametrize("bits", [1, 5, 16, 20, 32])
def test_a_rule_is_computed_on_what_is_shared(bits: int) -> None:
    dice = np.random.default_rng(bits)
    values = dice.integers(0, 1 << bits, 50, dtype=np.uint64).astype(np.uint32)
    parts = components(dice, values, bits)

    def computation(place: Place) -> Computation[Shared]:
        claims = Claims()
        taken = held(parts, place)
        found = yield from gate(place, claims, bits, taken, SQUARE_PLUS_SEVEN)
        assert (yield from claims.proved(place)).holds
        return found

    three = Table(dice).play(computation).results
    total = three[0].own + three[1].own + three[2].own
    assert ((total ^ (values * values + np.uint32(7))) & mask(bits) == 0).all()
    for seat in range(3):
        assert (three[seat].following == three[(seat + 1) % 3].own).all()


def test_both_is_the_and_of_bits_and_shows_nothing() -> None:
    dice = np.random.default_rng(2)
    one, other = dice.integers(0, 2, (2, 4_000), dtype=np.uint32)
    bits = [_cut_bits(dice, each) for each in (one, other)]

    def computation(place: Place) -> Computation[tuple[Shared, np.ndarray]]:
        inner = both(place, Claims(), *(held(parts, place) for parts in bits))
        came = yield next(inner)
        seen = np.unpackbits(np.frombuffer(came.from_next, np.uint8))
        with pytest.raises(StopIteration) as end:
            inner.send(came)
        return end.value.value, seen

    three = Table(dice).play(computation).results
    found = three[0][0].own ^ three[1][0].own ^ three[2][0].own
    assert (found == (one & other)).all()
    for _, seen in three:
        assert abs(seen.mean() - 0.5) < 5 * 0.5 / len(seen) ** 0.5


def _cut_bits(dice: np.random.Generator, bits: np.ndarray) -> list:
    first, second = dice.integers(0, 2, (2, len(bits)), dtype=np.uint32)
    return [first, second, bits ^ first ^ second]


@pytest.mark.parametrize("bits", [ONE_BIT, 16, 20, 32])
@pytest.mark.parametrize("count", [1, 7, 8, 9])
def test_numbers_are_read_as_they_were_spelled(bits: int, count: int) -> None:
    numbers = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) & mask(bits)
    spelled = packed(numbers, bits)
    assert len(spelled) == packed_size(count, bits)
    assert (unpacked(spelled, bits, (count,)) == numbers).all()
