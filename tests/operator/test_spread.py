"""Three crews come together, or all three operators know that they do not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from ipse.ground.errors import Malformed, Misbehaved
from ipse.ground.names import OPERATORS, Form, OperatorId
from ipse.matching.rounds import Computation, Round
from ipse.matching.seat import Place
from ipse.matching.zero_test import Sums
from ipse.operator.spread import (
    MOST_TRIES,
    Question,
    Twins,
    gather,
    search,
    tell,
)
from ipse.shares.replicated import Part
from ipse.wire.workers import CREW, Crew, Worker
from ipse_lab.network import at_once, run_together
from ipse_lab.table import Table

NOTHING = np.zeros((1, 128), np.uint32)
QUESTION = Question(Part(Form.FACE, NOTHING, NOTHING), 100)


def sums_of(number: int, scan: int) -> Sums:
    """What a stripe's scan finds."""
    own = np.array([1 << (8 * number + scan)], np.uint64)
    return Sums(own, own << np.uint64(32))


@dataclass
class ToldWorkers:
    """A crew that does what the test says."""

    operator: OperatorId
    size: int = 2
    lost: frozenset[int] = frozenset()
    losing: list[frozenset[int]] = field(default_factory=list)  # scan after scan
    failing: list[frozenset[int]] = field(default_factory=list)  # meeting after meeting
    has_room: bool = True
    scanned: list[set[int]] = field(default_factory=list)
    introduced: list[Mapping[int, Twins]] = field(default_factory=list)

    def wait(self, numbers: Collection[int]) -> tuple[Worker, ...]:
        """Wait at an address that tells whose it is, and for which time."""
        self.lost |= set(numbers)
        if not self.has_room:
            self.size = 0
            return ()
        port = 1_000 * self.operator + len(self.introduced)
        return tuple(
            Worker(n, f"127.0.0.{n + 1}:{port}", b"certificate")
            for n in sorted(numbers)
        )

    def meet(self, twins: Mapping[int, Twins]) -> None:
        """Meet, unless the test says otherwise."""
        self.introduced.append(twins)
        failed = self.failing.pop(0) if self.failing else frozenset()
        self.lost = (self.lost - set(twins)) | failed

    def scan(self, _question: Question, numbers: Collection[int]) -> Mapping[int, Sums]:
        """Scan, unless the test says otherwise; every scan finds other sums."""
        self.scanned.append(set(numbers))
        self.lost |= self.losing.pop(0) if self.losing else frozenset()
        return {n: sums_of(n, len(self.scanned)) for n in set(numbers) - self.lost}


Crews = tuple[ToldWorkers, ToldWorkers, ToldWorkers]


def crews(**changed: object) -> Crews:
    one, two, three = (ToldWorkers(n) for n in OPERATORS)
    for name, value in changed.items():
        setattr(two, name, value)
    return one, two, three


def play(three: Crews, *, is_search: bool = False) -> list[object]:
    def seat(place: Place) -> Computation[object]:
        workers = three[place.seat]
        asked = (
            search(place, workers.operator, workers, QUESTION)
            if is_search
            else gather(place, workers.operator, workers)
        )
        return at_once(asked)

    return list(Table(np.random.default_rng(1)).play(seat).results)


def test_nobody_meets_who_has_met() -> None:
    three = crews()
    assert play(three) == [frozenset()] * 3
    assert not any(one.introduced for one in three)


@pytest.mark.parametrize(
    "lost", [[{0, 1}, {0, 1}, {0, 1}], [set(), {1}, set()], [{0}, {1}, set()]]
)
def test_whoever_is_lost_anywhere_is_met_everywhere(lost: list[set[int]]) -> None:
    three = crews()
    for one, numbers in zip(three, lost, strict=True):
        one.lost = frozenset(numbers)
    everyone = frozenset().union(*lost)
    assert play(three) == [everyone] * 3
    for one in three:
        assert not one.lost
        (introduced,) = one.introduced
        assert set(introduced) == everyone


def test_each_pair_of_twins_is_given_one_seed_that_no_other_pair_has() -> None:
    three = crews()
    for one in three:
        one.lost = frozenset({0, 1})
    play(three)
    seeds = {}
    for one in three:
        for number, twins in one.introduced[0].items():
            for other, twin in twins.items():
                pair = number, frozenset((one.operator, other))
                assert seeds.setdefault(pair, twin.seed) == twin.seed
                assert twin.address == f"127.0.0.{number + 1}:{other}000"
    assert len(set(seeds.values())) == len(seeds) == 6


def test_a_meeting_that_fails_at_one_is_held_again() -> None:
    three = crews(lost=frozenset({0}), failing=[frozenset({0})])
    assert play(three) == [frozenset({0})] * 3
    assert [len(one.introduced) for one in three] == [2, 2, 2]
    first, second = (introduced[0] for introduced in three[0].introduced)
    assert first[OperatorId(2)].seed != second[OperatorId(2)].seed


@pytest.mark.parametrize("changed", [{"size": 3}, {"size": 0}])
def test_crews_that_differ_are_apart(changed: dict[str, object]) -> None:
    assert play(crews(**changed)) == [None] * 3


def test_a_crew_that_can_not_be_had_is_apart() -> None:
    three = crews(has_room=False, lost=frozenset({1}))
    assert play(three) == [None] * 3


def test_crews_that_never_come_together_are_apart() -> None:
    three = crews(lost=frozenset({0}), failing=[frozenset({0})] * 100)
    assert play(three) == [None] * 3


def expect_found(three: Crews, scans: list[int]) -> None:
    """Expect that all three have the sums of these scans, stripe by stripe."""
    for found in play(three, is_search=True):
        assert isinstance(found, dict)
        assert sorted(found) == list(range(len(scans)))
        for number, scan in enumerate(scans):
            expected = sums_of(number, scan)
            assert found[number].own.tolist() == expected.own.tolist()
            assert found[number].following.tolist() == expected.following.tolist()


def test_a_search_is_done_once_if_nobody_is_lost() -> None:
    three = crews()
    expect_found(three, [1, 1])
    assert [one.scanned for one in three] == [[{0, 1}]] * 3


def test_a_stripe_whose_worker_is_lost_anywhere_is_searched_anew_by_all() -> None:
    three = crews(losing=[frozenset({1})])
    expect_found(three, [1, 2])
    assert [one.scanned for one in three] == [[{0, 1}, {1}]] * 3


def test_what_was_found_by_who_is_lost_meanwhile_does_not_count() -> None:
    three = crews(losing=[frozenset({0})], failing=[frozenset({1})])
    expect_found(three, [2, 2])
    assert [one.scanned for one in three] == [[{0, 1}, {0, 1}]] * 3


def test_who_is_lost_again_and_again_is_done_without() -> None:
    three = crews(losing=[frozenset({1})] * MOST_TRIES)
    assert play(three, is_search=True) == [None] * 3
    assert [len(one.scanned) for one in three] == [MOST_TRIES] * 3


def saying(lengths: bytes, said: bytes) -> Computation[None]:
    """An operator that says anything at all."""
    came = yield Round(lengths, lengths, 4, 4)
    expected = [int.from_bytes(one, "big") for one in (came.from_next, came.from_prev)]
    yield Round(said, said, *expected)


@pytest.mark.parametrize(
    ("lengths", "said", "fault"),
    [
        (bytes(4), b"", Misbehaved),
        (b"\x7f\xff\xff\xff", b"", Misbehaved),
        (b"\0\0\0\3", b"abc", Malformed),
        (
            len(CREW.encode(Crew(OPERATORS[0], 2, ()))).to_bytes(4, "big"),
            CREW.encode(Crew(OPERATORS[0], 2, ())),
            Misbehaved,
        ),
    ],
)
def test_what_is_no_crew_of_the_teller_s_is_refused(
    lengths: bytes, said: bytes, fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        run_together(
            tell(Crew(OPERATORS[0], 2, ())),  # type: ignore[arg-type]  # results differ
            saying(lengths, said),
            tell(Crew(OPERATORS[2], 2, ())),  # type: ignore[arg-type]  # results differ
        )
