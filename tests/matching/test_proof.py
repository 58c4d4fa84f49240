"""What is true is proved, what is false is not, and no answer shows a secret."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.ground.names import Seat
from ipse.matching import proof
from ipse.matching.proof import NO_WORD, Proved, Seen, proved
from ipse.matching.rounds import Computation, Round
from ipse.matching.seat import SEATS, Place
from ipse.matching.sides import elements
from ipse.matching.statement import HeardOfNext, HeardOfPrev, Said, layout_of
from ipse_lab.lying import Flipped, lying
from ipse_lab.network import Played, run_together
from ipse_lab.table import Table

Numbers = np.ndarray
Block = tuple[int, int, int]  # bits, equations, products of each

BLOCKS: list[Block] = [(1, 40, 2), (32, 9, 1), (7, 2, 20), (12, 5, 0), (32, 3, 1)]


@dataclass
class Facts:
    """What the three know of one seat's statement; before anybody lies, it is true."""

    bits: int
    u: dict[str, Numbers]
    v: dict[str, Numbers]
    constants: dict[str, Numbers]


@dataclass
class Statements:
    """All three seats' statements, by prover."""

    dice: np.random.Generator
    blocks: list[Block]
    facts: list[list[Facts]] = field(init=False)

    def __post_init__(self) -> None:
        """Make true equations up."""
        self.facts = [[self._true(*block) for block in self.blocks] for _ in range(3)]

    def _true(self, bits: int, equations: int, products: int) -> Facts:
        u, v = self.dice.integers(0, 2**32, (2, equations, products), np.uint32)
        c1 = self.dice.integers(0, 2**32, equations, np.uint32)
        c2 = -((u * v).sum(axis=1, dtype=np.uint32) + c1)
        return Facts(
            bits,
            {"prover": u.copy(), "first": u.copy()},
            {"prover": v.copy(), "second": v.copy()},
            {"prover": c1.copy(), "first": c1.copy(), "second": c2},
        )

    def computation(self, place: Place) -> Computation[Proved]:
        """What a seat does."""
        said, following, before = Said(), HeardOfNext(), HeardOfPrev()
        for fact in self.facts[place.seat]:
            said.equations(
                fact.bits, fact.u["prover"], fact.v["prover"], fact.constants["prover"]
            )
        for fact in self.facts[(place.seat + 1) % SEATS]:
            following.equations(fact.bits, fact.u["first"], fact.constants["first"])
        for fact in self.facts[(place.seat + 2) % SEATS]:
            before.equations(fact.bits, fact.v["second"], fact.constants["second"])
        return proved(place, said, following, before)

    def play(
        self,
        liar: int | None = None,
        lie: Callable[[int, Round], Round] = lambda _number, told: told,
    ) -> Played[Proved]:
        """Prove everything; one seat may lie."""
        seats = [self.computation(place) for place in Table(self.dice).places()]
        if liar is not None:
            seats[liar] = lying(seats[liar], lie)
        return run_together(*seats)


def suspected(results: tuple[Proved, ...]) -> list[frozenset[Seat]]:
    """Whom each seat suspects, when all words were told."""
    return [
        mine.suspects(
            results[(seat + 1) % SEATS].word_to_prev,
            results[(seat + 2) % SEATS].word_to_next,
        )
        for seat, mine in enumerate(results)
    ]


def accepted(results: tuple[Proved, ...]) -> list[bool]:
    return [each.holds for each in results]


def no_honest_seat_is_named(results: tuple[Proved, ...], liar: int) -> bool:
    """Whoever suspects anybody suspects the liar, and two suspect only the liar."""
    found = [
        suspects
        for seat, suspects in enumerate(suspected(results))
        if seat != liar and suspects
    ]
    return all(liar in suspects for suspects in found) and (
        len(found) < 2 or frozenset.intersection(*found) == {liar}
    )


blocks = st.lists(
    st.tuples(st.integers(1, 32), st.integers(0, 60), st.integers(0, 20)), max_size=4
) | st.lists(
    st.tuples(st.integers(1, 32), st.integers(1, 3), st.integers(1, 200)), max_size=2
)


@given(blocks, st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_what_is_true_is_proved_to_both(blocks: list[Block], seed: int) -> None:
    played = Statements(np.random.default_rng(seed), blocks).play()
    assert accepted(played.results) == [True] * 3
    assert suspected(played.results) == [frozenset()] * 3
    assert played.rounds == 3


def test_statements_of_the_three_may_have_different_shapes() -> None:
    dice = np.random.default_rng(1)
    three = Statements(dice, [])
    for seat, shape in enumerate([[(1, 500, 2)], [(32, 1, 300)], []]):
        three.facts[seat] = Statements(dice, shape).facts[0]
    assert accepted(three.play().results) == [True] * 3


# who changes what: the name of the copy, and which seats then see a proof fail,
# counted from the prover
CHANGES = [
    ("prover", "u", {1, 2}),
    ("prover", "v", {1, 2}),
    ("first", "u", {1, 2}),
    ("first", "constants", {1, 2}),
    ("second", "v", {1, 2}),
    ("second", "constants", {1, 2}),
    ("prover", "constants", set()),  # it only says so, and its words are wrong
]
ROLE = {"prover": 0, "second": 1, "first": 2}


@pytest.mark.parametrize(("who", "what", "failing"), CHANGES)
@pytest.mark.parametrize("prover", range(SEATS))
def test_any_number_that_differs_is_found(
    who: str, what: str, failing: set[int], prover: int
) -> None:
    """Whoever lies about one bit of one number of its own, anywhere."""
    dice = np.random.default_rng([prover, len(who), len(what)])
    liar = (prover + ROLE[who]) % SEATS
    for _ in range(25):
        three = Statements(dice, BLOCKS)
        facts = three.facts[prover]
        fact = facts[dice.integers(len(facts))]
        numbers = getattr(fact, what)[who].reshape(-1)
        if not numbers.size:
            continue
        change = np.uint32(1) << np.uint32(dice.integers(fact.bits))
        numbers[dice.integers(numbers.size)] ^= change
        results = three.play().results
        expected = [(seat - prover) % SEATS not in failing for seat in range(SEATS)]
        assert accepted(results) == expected
        assert any(
            suspects for seat, suspects in enumerate(suspected(results)) if seat != liar
        )
        assert no_honest_seat_is_named(results, liar)


@pytest.mark.parametrize("step", [1, 40])
def test_errors_that_cancel_each_other_are_found(step: int) -> None:
    """Two equations are false by the same number, in one column or in two."""
    for run in range(20):
        three = Statements(np.random.default_rng(run), [(32, 400, 1)])
        constants = three.facts[0][0].constants["first"]
        constants[[run, run + step]] ^= np.uint32(1 << 31)  # 2^31 + 2^31 = 0
        assert accepted(three.play().results) == [True, False, False]


# a message by round and direction, the part of it, and which seats, counted from the
# liar, then don't open anything; the liar may be among them
LIES = [
    ("the next one's coin", 0, True, (0.0, 1.0), {1, 2}),
    ("the previous one's coin", 0, False, (0.0, 1.0), {1, 2}),
    ("the proof", 1, True, (0.0, 1.0), {1, 2}),
    ("an answer to the next", 2, True, (0.0, -8), {1}),
    ("an answer to the previous", 2, False, (0.0, -8), {2}),
    ("the next one's point", 2, True, (-8, 1.0), {1}),
    ("the previous one's point", 2, False, (-8, 1.0), {2}),
]


@pytest.mark.parametrize(
    ("number", "to_next", "part", "failing"),
    [lie[1:] for lie in LIES],
    ids=[lie[0] for lie in LIES],
)
@pytest.mark.parametrize("liar", range(SEATS))
def test_any_word_that_is_said_otherwise_is_found(
    number: int,
    to_next: bool,  # noqa: FBT001 (a column of the table)
    part: tuple[float, float],
    failing: set[int],
    liar: int,
) -> None:
    dice = np.random.default_rng([number, to_next, liar])
    for _ in range(40):
        three = Statements(dice, BLOCKS)

        def lie(at: int, told: Round) -> Round:
            if at != number:
                return told
            message = told.to_next if to_next else told.to_prev
            size = memoryview(message).nbytes  # type: ignore[arg-type]  # an array or bytes, whole
            low, high = (end / size + 1 if end < 0 else end for end in part)
            place = dice.uniform(low, high)
            return Flipped(number, to_next, place, int(dice.integers(1, 256)))(at, told)

        results = three.play(liar, lie).results
        expected = [(seat - liar) % SEATS not in failing for seat in range(SEATS)]
        honest = [seat for seat in range(SEATS) if seat != liar]
        assert [accepted(results)[seat] for seat in honest] == [
            expected[seat] for seat in honest
        ]
        assert any(suspected(results)[seat] for seat in honest)
        assert no_honest_seat_is_named(results, liar)


def heard(three: Statements, seat: int) -> list[np.ndarray]:
    """All that a seat hears from each other seat, byte by byte, but its coin and r."""
    kept: list[bytes] = []

    def listening(place: Place) -> Computation[Proved]:
        inner = three.computation(place)
        asked = next(inner)
        while True:
            came = yield asked
            if place.seat == seat:
                kept.extend((bytes(came.from_next), bytes(came.from_prev)))
            try:
                asked = inner.send(came)
            except StopIteration as end:
                return end.value

    Table(three.dice).play(listening)
    _, _, _, told, from_next, from_prev = kept
    return [np.frombuffer(each, np.uint8) for each in (told, from_next, from_prev)]


@pytest.mark.parametrize("value", [0, 2**32 - 1])
def test_what_a_seat_hears_is_noise_whatever_the_numbers(value: int) -> None:
    """Each bit is a fair coin over many runs, for the tamest numbers there are."""
    runs = 200
    three = Statements(np.random.default_rng(2), [(32, 3, 1)])
    for facts in three.facts:
        for numbers in (facts[0].u, facts[0].v, facts[0].constants):
            for each in numbers.values():
                each[:] = value
        products = facts[0].u["first"][:, 0] * facts[0].v["second"][:, 0]
        facts[0].constants["second"] = -(products + facts[0].constants["first"])
    seen = [heard(three, seat=1) for _ in range(runs)]
    for message in range(3):
        ones = np.unpackbits(np.array([run[message] for run in seen]), axis=1)
        assert (abs(ones.mean(axis=0) - 0.5) < 6 * 0.5 / runs**0.5).all()


def told_by(three: Statements, lie: Flipped | None) -> tuple[Played[Proved], list]:
    """Play at seats of known keys; what seat 1 tells in the second round as well."""
    told = []

    def keeping(number: int, said: Round) -> Round:
        if number == 1:
            told.append(said.to_next)
        return said

    seats = [
        three.computation(place) for place in Table(np.random.default_rng(9)).places()
    ]
    if lie is not None:
        seats[0] = lying(seats[0], lie)
    seats[1] = lying(seats[1], keeping)
    return run_together(*seats), told


def test_a_prover_told_two_coins_tells_noise() -> None:
    """Else what one verifier tells the other would depend on what only that one knows.

    The noise has an addend of each verifier's stream that nobody draws again.
    """
    three = Statements(np.random.default_rng(3), [(32, 8, 1)])
    honest, proof_told = told_by(three, None)
    played, told = told_by(three, Flipped(0, to_next=True, place=0.5))
    assert accepted(honest.results) == [True] * 3
    mine = played.results[1]
    assert not mine.agrees
    assert mine.word_to_next == mine.word_to_prev == NO_WORD
    layout = layout_of(((8, 1),))
    streams = proof._Streams.of(Table(np.random.default_rng(9)).places()[1])
    for stream, masks in (
        (streams.with_first, layout.columns + 2 * layout.rows),
        (streams.with_second, layout.columns),
    ):
        elements(stream, masks)  # what a proof that is told is masked by
    noise = [
        elements(stream, 2 * layout.rows)
        for stream in (streams.with_first, streams.with_second)
    ]
    assert (told[0] == noise[0] + noise[1]).all()
    assert not (told[0] == proof_told[0]).any()


def test_a_pair_draws_alike_before_and_after() -> None:
    three = Statements(np.random.default_rng(4), BLOCKS)

    def computation(place: Place) -> Computation[tuple[bytes, bytes]]:
        yield from three.computation(place)
        return place.next.draw(16).tobytes(), place.prev.draw(16).tobytes()

    results = Table(three.dice).play(computation).results
    for seat in range(SEATS):
        assert results[seat][0] == results[(seat + 1) % SEATS][1]


def test_no_point_is_zero() -> None:
    class Zeros:
        def draw(self, size: int) -> np.ndarray:
            return np.zeros(size, np.uint8)

    assert proof._point(Zeros()) == 1


ONE, TWO = Seat(1), Seat(2)


@pytest.mark.parametrize(
    ("holds", "word", "suspects"),
    [
        (True, b"alike" * 6, set()),
        (False, b"alike" * 6, {ONE}),
        (True, b"other" * 6, {ONE, TWO}),
        (False, b"other" * 6, {ONE, TWO}),
        (True, NO_WORD, {ONE, TWO}),
        (False, NO_WORD, {ONE, TWO}),
    ],
)
def test_a_word_decides_whom_a_verifier_suspects(
    holds: bool,  # noqa: FBT001 (a column of the table)
    word: bytes,
    suspects: set[Seat],
) -> None:
    assert Seen(ONE, TWO, holds, b"alike" * 6).suspects(word) == suspects


@pytest.mark.parametrize("agrees", [True, False])
def test_a_seat_suspects_who_is_in_all_suspicions(agrees: bool) -> None:  # noqa: FBT001 (a column of the table)
    bad = Seen(ONE, TWO, holds=False, answered=b"alike" * 6)
    good = Seen(TWO, ONE, holds=True, answered=b"alike" * 6)
    seen = Proved(bad, good, agrees, NO_WORD, NO_WORD)
    assert seen.suspects(b"alike" * 6, b"alike" * 6) == {ONE}
    assert seen.suspects(b"other" * 6, b"alike" * 6) == {ONE, TWO}
    # more than one lied: both are named, not nobody
    worse = Proved(
        bad,
        Seen(TWO, ONE, holds=False, answered=b"alike" * 6),
        agrees,
        NO_WORD,
        NO_WORD,
    )
    assert worse.suspects(b"alike" * 6, b"alike" * 6) == {ONE, TWO}
