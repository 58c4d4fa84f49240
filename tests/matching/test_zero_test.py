"""The zero test opens one bit: whether any bit is set, and nothing beside."""

from itertools import product

import numpy as np
import pytest

from ipse.crypto.stream import Stream
from ipse.matching import kernels
from ipse.matching.rounds import (
    Computation,
    Received,
    Round,
    side_by_side,
    together,
)
from ipse.matching.seat import Place
from ipse.matching.signs import Bits
from ipse.matching.zero_test import Sums, first_set, none_set, toss
from ipse_lab.network import run_together
from ipse_lab.table import Table


def shared(bits: np.ndarray, dice: np.random.Generator) -> list[Bits]:
    parts = [dice.integers(0, 2**64, bits.shape, dtype=np.uint64) for _ in range(2)]
    parts.append(bits ^ parts[0] ^ parts[1])
    return [Bits(parts[seat], parts[(seat + 1) % 3]) for seat in range(3)]


def judged(table: Table, bits: list[Bits]) -> list[bool]:
    def computation(place: Place) -> Computation[np.ndarray]:
        coin = yield from toss(place)
        return (yield from none_set(place, coin, bits[place.seat]))

    played = table.play(computation)
    assert all((each == played.results[0]).all() for each in played.results)
    return played.results[0].tolist()


@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 5, 2), (1, 2, 3)])
def test_a_single_bit_anywhere_is_found(shape: tuple[int, int, int]) -> None:
    dice = np.random.default_rng(1)
    table = Table(dice)
    probes = shape[1]
    for _ in range(40):
        bits = np.zeros(shape, np.uint64)
        where = tuple(dice.integers(0, n) for n in shape)
        bits[where] = np.uint64(1) << np.uint64(dice.integers(0, 64))
        expected = [probe != where[1] for probe in range(probes)]
        assert judged(table, shared(bits, dice)) == expected
    assert judged(table, shared(np.zeros(shape, np.uint64), dice)) == [True] * probes


def test_what_is_opened_hides_how_many_bits_are_set() -> None:
    """The opened value is uniform over runs, for one bit as for all of them."""
    dice = np.random.default_rng(2)
    table = Table(dice)
    for word in (1, 2**64 - 1):
        opened = []
        for _ in range(400):
            bits = shared(np.full((1, 1, 1), word, np.uint64), dice)

            def computation(place: Place, bits: list[Bits] = bits) -> Computation[int]:
                coin = yield from toss(place)
                inner = none_set(place, coin, bits[place.seat])
                sent = next(inner)
                received = yield sent
                assert isinstance(sent.to_next, np.ndarray)
                total = sent.to_next.copy()
                for came in (received.from_next, received.from_prev):
                    total ^= np.frombuffer(came, np.uint64).reshape(total.shape)
                return int(total[0, 0])

            opened.append(table.play(computation).results[0])
        ones = np.array([[value >> i & 1 for i in range(64)] for value in opened])
        # 64 fair coins thrown 400 times: five standard deviations
        assert (abs(ones.mean(axis=0) - 0.5) < 5 * 0.5 / 400**0.5).all()


def opened_words(table: Table, bits: list[Bits], key: bytes) -> list[list[int]]:
    """What each seat sends to open the test, under one known coin."""

    def computation(place: Place) -> Computation[int]:
        inner = none_set(place, Stream(key), bits[place.seat])
        sent = next(inner)
        yield sent
        assert isinstance(sent.to_next, np.ndarray)
        return int(sent.to_next[0, 0])

    return [list(table.play(computation).results) for _ in range(20)]


def test_what_a_seat_sends_is_masked() -> None:
    """Even a seat whose shares are all zero sends noise; only the sum has meaning."""
    table = Table(np.random.default_rng(4))
    nothing = np.zeros((1, 1, 1), np.uint64)
    for words in opened_words(table, [Bits(nothing, nothing)] * 3, bytes(32)):
        assert 0 not in words
        assert words[0] ^ words[1] ^ words[2] == 0


def opened_in_turn(table: Table, turns: list[list[Sums]]) -> tuple[list[int], int]:
    """What the seats open of questions asked in turn, and the first that was set."""

    def computation(place: Place) -> Computation[tuple[list[int], int]]:
        inner = first_set(place, [turn[place.seat] for turn in turns])
        sent = next(inner)
        received = yield sent
        assert isinstance(sent.to_next, np.ndarray)
        total = sent.to_next.copy()
        for came in (received.from_next, received.from_prev):
            total ^= np.frombuffer(came, np.uint64).reshape(total.shape)
        with pytest.raises(StopIteration) as ended:
            inner.send(received)
        return total[:, 0].tolist(), int(ended.value.value[0])

    results = table.play(computation).results
    assert results == (results[0],) * 3
    return results[0]


def sums_of(values: list[int], dice: np.random.Generator) -> list[list[Sums]]:
    """Replicated sums of these values, for one probe each."""
    turns = []
    for value in values:
        bits = shared(np.array([value], np.uint64), dice)
        turns.append([Sums(each.own, each.following) for each in bits])
    return turns


@pytest.mark.parametrize("set_turns", list(product([0, 1], repeat=4)), ids=str)
def test_the_first_that_is_set_is_told(set_turns: tuple[int, ...]) -> None:
    dice = np.random.default_rng(6)
    values = [
        int(dice.integers(1, 2**64, dtype=np.uint64)) if is_set else 0
        for is_set in set_turns
    ]
    _, first = opened_in_turn(Table(dice), sums_of(values, dice))
    assert first == (*set_turns, 1).index(1)


@pytest.mark.parametrize("later", [0, 1, 2**64 - 1])
def test_of_what_comes_after_the_first_nothing_is_opened(later: int) -> None:
    """A flawed probe's second opening is uniform, whether it matches or not."""
    dice = np.random.default_rng(7)
    table = Table(dice)
    opened = [
        opened_in_turn(table, sums_of([0, 5, later], dice))[0] for _ in range(400)
    ]
    assert all(first == 0 for first, _, _ in opened)
    ones = np.array(
        [[word >> i & 1 for word in words[1:] for i in range(64)] for words in opened]
    )
    # 128 fair coins thrown 400 times: five standard deviations
    assert (abs(ones.mean(axis=0) - 0.5) < 5 * 0.5 / 400**0.5).all()
    # and the two words are not one: no fixed combination of them is constant
    assert len({second ^ third for _, second, third in opened}) == len(opened)


def test_probes_are_judged_each_for_itself() -> None:
    dice = np.random.default_rng(8)
    values = np.array([[0, 0, 3, 3], [0, 9, 0, 9]], np.uint64)
    turns = [shared(row, dice) for row in values]

    def computation(place: Place) -> Computation[list[int]]:
        sums = [
            Sums(turn[place.seat].own, turn[place.seat].following) for turn in turns
        ]
        return (yield from first_set(place, sums)).tolist()

    assert Table(dice).play(computation).results == ([2, 1, 0, 0],) * 3


def test_who_knows_the_weights_still_learns_one_bit() -> None:
    """The opened value changes from run to run: it says nothing but "not zero"."""
    dice = np.random.default_rng(5)
    bits = shared(np.full((1, 1, 1), 0b1011, np.uint64), dice)
    runs = opened_words(Table(dice), bits, bytes(32))
    sums = {words[0] ^ words[1] ^ words[2] for words in runs}
    assert len(sums) == len(runs)


def test_the_field_has_no_zero_divisors_and_keeps_its_modulus() -> None:
    x63, x = np.array([1 << 63], np.uint64), np.array([2], np.uint64)
    out = np.empty(1, np.uint64)
    kernels.field_products(x63, x, out)
    assert out[0] == 0b11011  # x^64 = x^4 + x^3 + x + 1
    dice = np.random.default_rng(3)
    a, b, c = (dice.integers(1, 2**64, 500, dtype=np.uint64) for _ in range(3))
    ab, ac, a_bc = (np.empty(500, np.uint64) for _ in range(3))
    kernels.field_products(a, b, ab)
    kernels.field_products(a, c, ac)
    kernels.field_products(a, b ^ c, a_bc)
    assert (a_bc == ab ^ ac).all()
    assert (ab != 0).all()


def counting(rounds: int, tag: int) -> Computation[list[int]]:
    seen = []
    for number in range(rounds):
        message = bytes([tag, number])
        received: Received = yield Round(to_next=message, from_prev=2)
        seen.append(bytes(received.from_prev)[0])
    return seen


@pytest.mark.parametrize(("left", "right"), [(0, 3), (3, 0), (2, 5), (5, 2), (0, 0)])
def test_two_computations_share_their_rounds(left: int, right: int) -> None:
    played = run_together(
        *(together(counting(left, 1), counting(right, 2)) for _ in range(3))
    )
    assert played.rounds == max(left, right)
    for one, two in played.results:
        assert (one, two) == ([1] * left, [2] * right)


@pytest.mark.parametrize("lengths", [[], [4], [1, 3, 0, 2], [2, 2, 2]])
def test_any_number_of_computations_share_their_rounds(lengths: list[int]) -> None:
    played = run_together(
        *(
            side_by_side([counting(n, tag) for tag, n in enumerate(lengths)])
            for _ in range(3)
        )
    )
    assert played.rounds == max(lengths, default=0)
    for results in played.results:
        assert results == [[tag] * n for tag, n in enumerate(lengths)]
