"""Workers answer what one process answers, whoever of them dies meanwhile."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pytest

from ipse.ground.names import Form, OperatorId
from ipse.ground.params import LENGTH, SCALE
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
