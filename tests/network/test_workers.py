"""Real workers of real operators: whoever is killed, answers are right.

Ray's own processes are many and slow to start, so all plays share one network. Every
play leaves it whole.
"""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest

from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose
from ipse.operator import local
from ipse_lab.prey import caught, workers_of
from ipse_lab.processes import Network, new_body, new_owner, started

WORKERS = 2
SEEDED = 40
DRAWS = 20 if os.environ.get("IPSE_MANY_WORKERS") else 1
LONGEST_SEARCH_S = 0.1


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Three operators with two workers each, and some records."""
    folder = tmp_path_factory.mktemp("workers")
    with started(folder, laboratory=True, workers=WORKERS) as running:
        bodies = [new_body(seed) for seed in range(SEEDED)]
        owner = new_owner(running)
        assert running.outcome(owner, Purpose.SEED, *bodies) is Outcome.SEEDED
        yield running


def pid_of(network: Network, operator: int) -> int:
    pid = local.status(network.home)[operator - 1].pid
    assert pid is not None
    return pid


def search(network: Network, seed: int) -> Outcome | str:
    return network.outcome(new_owner(network), Purpose.ENROL, new_body(seed))


def log_of(network: Network, operator: int) -> str:
    return (network.home / "run" / f"operator-{operator}.log").read_text()


@contextmanager
def searching(network: Network, seed: int, frozen: int) -> Iterator[Future[object]]:
    """A search that can't go on, because one operator's workers stand still."""
    still = workers_of(pid_of(network, frozen))
    assert len(still) == WORKERS
    for number in still:
        os.kill(number, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        try:
            yield pool.submit(search, network, seed)
        finally:
            for number in still:
                os.kill(number, signal.SIGCONT)


def test_workers_search(network: Network) -> None:
    with searching(network, 3, frozen=3) as answer:
        for operator in (1, 2):
            assert caught(pid_of(network, operator))
    assert answer.result() is Outcome.ALREADY_ENROLLED


@pytest.mark.parametrize("killed", [[1], [1, 2]])
def test_a_worker_killed_in_a_scan_is_replaced_and_the_answer_is_right(
    network: Network, killed: list[int]
) -> None:
    before = {n: set(workers_of(pid_of(network, n))) for n in OPERATORS}
    with searching(network, SEEDED - 1, frozen=3) as answer:
        for operator in killed:
            os.kill(caught(pid_of(network, operator)), signal.SIGKILL)
    assert answer.result() is Outcome.ALREADY_ENROLLED
    for operator in OPERATORS:
        now = set(workers_of(pid_of(network, operator)))
        assert len(now) == WORKERS
        assert len(now - before[operator]) == (operator in killed)
    assert search(network, 5) is Outcome.ALREADY_ENROLLED
    assert search(network, SEEDED + killed[-1]) is Outcome.ENROLLED
    assert "searches by itself" not in log_of(network, killed[0])


def test_an_operator_that_comes_back_meets_the_crews_that_live(
    network: Network,
) -> None:
    living = set(workers_of(pid_of(network, 1)))
    network.kill(OperatorId(2))
    network.revive()
    with searching(network, 7, frozen=3) as answer:
        assert caught(pid_of(network, 2))
    assert answer.result() is Outcome.ALREADY_ENROLLED
    assert set(workers_of(pid_of(network, 1))) == living


@pytest.mark.parametrize("draw", range(DRAWS))
def test_any_workers_may_be_killed_at_any_time(network: Network, draw: int) -> None:
    dice = np.random.default_rng([draw, 1])
    seed = int(dice.integers(0, SEEDED))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(search, network, seed)
        time.sleep(dice.uniform(0, LONGEST_SEARCH_S))
        for operator in dice.choice(OPERATORS, dice.integers(1, 4), replace=False):
            prey = list(workers_of(pid_of(network, operator)))
            for number in dice.choice(prey, dice.integers(1, 3), replace=False):
                os.kill(number, signal.SIGKILL)
    assert answer.result() is Outcome.ALREADY_ENROLLED
    assert search(network, seed) is Outcome.ALREADY_ENROLLED
