"""Workers answer what one process answers, whoever of them dies meanwhile."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pytest

from ipse.crypto.ring import Words
from ipse.ground.names import Form, OperatorId
from ipse.ground.params import LENGTH, SCALE
from ipse.operator import crew
from ipse.operator.holdings import Slots
from ipse.operator.stripe import Stripe
from ipse_lab.crews import ThreadCluster
from ipse_lab.searchers import Searchers, three_searchers

Ints = npt.NDArray[np.int64]
T = 6_000
ROWS = 200
WORKERS = 3
LAST = WORKERS - 1


def vectors(count: int, seed: int) -> Ints:
    drawn = np.random.default_rng(seed).standard_normal((count, LENGTH[Form.FACE]))
    drawn *= SCALE[Form.FACE] / np.linalg.norm(drawn, axis=1, keepdims=True)
    return np.rint(drawn).astype(np.int64)


REFERENCES = vectors(ROWS, 1)
STRANGERS = vectors(2, 2)
PROBES = np.concatenate([REFERENCES[[0, 70, 199]], STRANGERS])
FOUND = [True, True, True, False, False]


@pytest.fixture
def searchers() -> Iterator[Searchers]:
    """Three operators with crews that have met."""
    with three_searchers((WORKERS,) * 3) as three:
        yield begun(three)


def begun(searchers: Searchers) -> Searchers:
    searchers.enrol(range(ROWS), REFERENCES)
    searchers.begin()
    return searchers


@dataclass
class Accident:
    """Workers that die as they begin to scan, some times."""

    cluster: ThreadCluster | None = None
    left: dict[int, int] = field(default_factory=dict)  # times, by worker

    def __call__(self, number: int) -> None:
        """See whether it happens."""
        if self.cluster is not None and self.left.get(number, 0):
            self.left[number] -= 1
            self.cluster.kill(number)


def scans(searchers: Searchers) -> list[int]:
    return [one.search._workers._scans for one in searchers.each]  # type: ignore[attr-defined]  # a SpreadSearch


@pytest.mark.parametrize("sizes", [(0, 0, 0), (1, 1, 1), (3, 3, 3)])
def test_whoever_searches_the_answer_is_the_same(sizes: tuple[int, int, int]) -> None:
    with three_searchers(sizes) as searchers:
        begun(searchers)
        for _ in range(2):
            assert searchers.ask(PROBES, T).tolist() == FOUND
        if sizes[0]:
            assert scans(searchers) == [3, 3, 3], "a trial and two searches by workers"


@pytest.mark.parametrize("sizes", [(0, 0, 0), (3, 3, 3)])
def test_whoever_searched_who_was_found_is_the_same(
    sizes: tuple[int, int, int],
) -> None:
    with three_searchers(sizes) as searchers:
        begun(searchers)
        searchers.enrol([ROWS, ROWS + 1], REFERENCES[[70, 199]])
        searchers.erase([199])
        assert searchers.find(PROBES, T) == [[0], [70, ROWS], [ROWS + 1], [], []]


@pytest.mark.parametrize("sizes", [(2, 3, 2), (0, 2, 2)])
def test_crews_of_different_sizes_search_apart(sizes: tuple[int, int, int]) -> None:
    with three_searchers(sizes) as searchers:
        begun(searchers)
        assert searchers.ask(PROBES, T).tolist() == FOUND


@pytest.mark.parametrize(
    "deaths",
    [{1: [0]}, {3: [LAST]}, {1: [1], 2: [1]}, {1: [0], 3: [2]}, {2: [0, 1, 2]}],
)
def test_who_dies_in_a_scan_is_replaced_and_the_answer_is_right(
    deaths: dict[int, list[int]],
) -> None:
    accidents = {OperatorId(operator): Accident() for operator in deaths}
    with three_searchers((WORKERS,) * 3, accidents) as searchers:
        begun(searchers)
        for operator, numbers in deaths.items():
            accident = accidents[OperatorId(operator)]
            accident.cluster = searchers.each[operator - 1].cluster
            accident.left = dict.fromkeys(numbers, 1)
        for _ in range(2):
            assert searchers.ask(PROBES, T).tolist() == FOUND
        assert scans(searchers) == [4, 4, 4], "one of two searches was done again"
        for operator, numbers in deaths.items():
            placed = searchers.each[operator - 1].cluster.placed
            assert placed == WORKERS + len(numbers)


def test_who_comes_and_goes_is_found_and_is_not(searchers: Searchers) -> None:
    assert searchers.ask(PROBES, T).tolist() == FOUND
    searchers.enrol([ROWS], STRANGERS[:1])
    assert searchers.ask(PROBES, T).tolist() == [True, True, True, True, False]
    searchers.erase([70, ROWS])
    assert searchers.ask(PROBES, T).tolist() == [True, False, True, False, False]
    searchers.enrol([70], REFERENCES[[70]])
    assert searchers.ask(PROBES, T).tolist() == FOUND


def test_an_erased_row_is_nowhere_before_anybody_searches_again(
    searchers: Searchers,
) -> None:
    searchers.ask(PROBES, T)
    searchers.erase([70])
    for one in searchers.each:
        (field,) = (
            held["face"][70 - stripe.start]
            for hand in one.cluster.hands.values()
            for stripe, held in hand.stripe._rows.values()
            if 70 in stripe
        )
        assert not field.any()


def test_borders_move_and_the_answers_stay(searchers: Searchers) -> None:
    for count in (210, 260, 400):
        already = len(searchers.each[0].records.roll)
        searchers.enrol(range(already, count), vectors(count - already, count))
        assert searchers.ask(PROBES, T).tolist() == FOUND


def test_crews_that_live_meet_again_when_the_operators_do(
    searchers: Searchers,
) -> None:
    searchers.ask(PROBES, T)
    searchers.meet_again()
    assert searchers.ask(PROBES, T).tolist() == FOUND
    assert [one.cluster.placed for one in searchers.each] == [WORKERS] * 3


def test_who_dies_in_every_scan_is_done_without() -> None:
    accident = Accident()
    with three_searchers((WORKERS,) * 3, {OperatorId(2): accident}) as searchers:
        begun(searchers)
        accident.cluster, accident.left = searchers.each[1].cluster, {1: 100}
        assert searchers.ask(PROBES, T).tolist() == FOUND
        accident.left = {}
        assert searchers.ask(PROBES, T).tolist() == FOUND
        assert len(set(scans(searchers))) == 1, "workers searched again"


def test_without_room_for_a_worker_all_search_by_themselves_for_a_while(
    searchers: Searchers,
) -> None:
    two = searchers.each[1]
    two.cluster.has_room = False
    two.cluster.kill(0)
    assert searchers.ask(PROBES, T).tolist() == FOUND
    assert two.search._workers.size == 0, "it tries no more for a while"  # type: ignore[attr-defined]  # a SpreadSearch
    before = scans(searchers)
    assert searchers.ask(PROBES, T).tolist() == FOUND
    assert scans(searchers) == before, "no worker searched"
    two.cluster.has_room = True
    two.search._workers._rests_until = 0.0  # type: ignore[attr-defined]  # a SpreadSearch
    assert searchers.ask(PROBES, T).tolist() == FOUND
    assert scans(searchers) == [number + 1 for number in before]


def test_a_worker_that_stands_still_is_replaced(
    searchers: Searchers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "ANSWER_S", 0.3)
    monkeypatch.setattr(crew, "LEAST_SCAN_S", 0.3)
    hand = searchers.each[2].cluster.hands[1]
    moved = threading.Event()
    hand._pool.submit(moved.wait)
    assert searchers.ask(PROBES, T).tolist() == FOUND
    moved.set()
    assert searchers.each[2].cluster.placed == WORKERS + 1


def test_an_operator_that_stops_waits_for_no_worker(searchers: Searchers) -> None:
    workers = searchers.each[0].search._workers  # type: ignore[attr-defined]  # a SpreadSearch
    moved = threading.Event()
    for hand in searchers.each[0].cluster.hands.values():
        hand._pool.submit(moved.wait)
    began = time.monotonic()
    threading.Timer(0.1, workers.interrupt).start()
    assert workers.wait(range(WORKERS)) == ()
    assert time.monotonic() - began < crew.ANSWER_S, "it did not wait"
    assert workers.size == 0
    assert searchers.each[0].cluster.placed == WORKERS, "nor place another"
    moved.set()


def test_rows_that_do_not_arrive_as_they_left_are_never_searched(
    searchers: Searchers, monkeypatch: pytest.MonkeyPatch
) -> None:
    searchers.ask(PROBES, T)
    damages = [True]
    take = Stripe.take

    def damaged(
        self: Stripe, form: Form, slots: Slots, rows: dict[str, Words]
    ) -> bytes:
        if damages.pop() if damages else False:
            rows = {name: field ^ field.dtype.type(1) for name, field in rows.items()}
        return take(self, form, slots, rows)

    monkeypatch.setattr(Stripe, "take", damaged)
    searchers.enrol([ROWS], STRANGERS[:1])
    assert searchers.ask(PROBES, T).tolist() == [True, True, True, True, False]
    assert sum(one.cluster.placed for one in searchers.each) == 3 * WORKERS + 1
