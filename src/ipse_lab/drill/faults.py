"""The faults drill: many plays (`ipse_lab.network.play`), on all cores, summed up.

    every seed      is played once; its class follows from its number
    a failing one   is shrunk to the fewest faults with which it still fails
    a planted bug   must be found: a drill that finds nothing may be one that can't

`lost_records` and the other counts of broken promises are of runs, not of records: one
loss is one too many.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, Final

from ipse_lab.drill.shrink import shrink
from ipse_lab.network.plan import CLASSES, Plan, class_of, drawn
from ipse_lab.network.play import Played, play
from ipse_lab.network.truth import Promise

MOST_SHRUNK: Final = 3
"""Failures that are shrunk: each takes some dozen plays, and the first tell most."""

MOST_PLANTED: Final = 40
"""Plays within which the planted bug must be found. It shows when operator 2 loses its
power after somebody was enrolled: in one of some three runs."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A seed whose run broke a promise."""

    plan: Plan
    breaches: tuple[str, ...]
    shrunk: Plan | None  # the fewest faults; none if it was not tried

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        return {
            "seed": self.plan.seed,
            "class": self.plan.kind,
            "breaches": list(self.breaches),
            "faults": len(self.plan.faults),
            "shrunk": None
            if self.shrunk is None
            else [fault.as_json() for fault in self.shrunk.faults],
            "replay": replay(self.plan),
        }


@dataclass(slots=True)
class Report:
    """What the drill found."""

    first_seed: int
    runs: int = 0
    broken: Counter[str] = field(default_factory=Counter)  # runs, by promise
    injected: Counter[str] = field(default_factory=Counter)  # faults, by kind
    classes: Counter[str] = field(default_factory=Counter)  # runs
    answered: int = 0
    refused: int = 0
    stopped_by_lies: int = 0
    failures: list[Failure] = field(default_factory=list)
    planted: Failure | None = None

    @property
    def is_kept(self) -> bool:
        """No promise was broken, and the planted bug was found."""
        return not self.failures and self.planted is not None

    def add(self, played: Played) -> None:
        """Count a run."""
        self.runs += 1
        self.classes[played.plan.kind] += 1
        self.injected.update(
            {kind.value: times for kind, times in played.injected.items()}
        )
        self.answered += played.answered
        self.refused += played.refused
        self.stopped_by_lies += played.is_split_by_lie
        self.broken.update({breach.promise.value for breach in played.breaches})

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        return {
            "runs": self.runs,
            "first_seed": self.first_seed,
            **{promise.value: self.broken[promise.value] for promise in Promise},
            "faults_injected": sum(self.injected.values()),
            "faults_injected_by_kind": dict(sorted(self.injected.items())),
            "runs_by_class": {name: self.classes[name] for name in CLASSES},
            "wishes_answered": self.answered,
            "wishes_refused_or_failed": self.refused,
            "stopped_by_a_lie": self.stopped_by_lies,
            "failures": [failure.as_json() for failure in self.failures],
            "planted_bug_found": self.planted is not None,
            "planted": None if self.planted is None else self.planted.as_json(),
        }


def run(
    seeds: int,
    first_seed: int,
    advance: Callable[[int, int], None] = lambda _done, _of: None,
) -> Report:
    """Play so many seeds, and look for the planted bug."""
    report = Report(first_seed)
    failed: list[Played] = []
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        waiting = [
            pool.submit(play, drawn(seed))
            for seed in range(first_seed, first_seed + seeds)
        ]
        for done, future in enumerate(as_completed(waiting), 1):
            played = future.result()
            report.add(played)
            if not played.is_kept:
                failed.append(played)
            advance(done, seeds)
    failed.sort(key=lambda played: played.plan.seed)
    report.failures = [
        _failure(played, is_shrunk=number < MOST_SHRUNK)
        for number, played in enumerate(failed)
    ]
    report.planted = find_planted(first_seed)
    return report


def find_planted(first_seed: int) -> Failure | None:
    """Play with a bug in operator 2's store until it shows. Returns: how, if it did."""
    for seed in _with_deaths(first_seed):
        played = play(drawn(seed), is_planted=True)
        if not played.is_kept:
            return _failure(played, is_shrunk=True, is_planted=True)
    return None


def replay(plan: Plan) -> str:
    """Say how to see a seed's run again."""
    return f"ipse drill faults --story {plan.seed}"


def _with_deaths(first_seed: int) -> Iterable[int]:
    """Return some seeds whose plans let processes die."""
    seeds = range(first_seed, first_seed + MOST_PLANTED * len(CLASSES))
    deadly = [seed for seed in seeds if class_of(seed) in ("power", "storm")]
    return deadly[:MOST_PLANTED]


def _failure(played: Played, *, is_shrunk: bool, is_planted: bool = False) -> Failure:
    """Describe a failing run; shrunk, it still breaks one of the same promises."""
    broken = {breach.promise for breach in played.breaches}

    def fails(plan: Plan) -> bool:
        again = play(plan, is_planted=is_planted)
        return any(breach.promise in broken for breach in again.breaches)

    shrunk = shrink(played.plan, fails) if is_shrunk else None
    said = tuple(f"{breach.promise}: {breach.what}" for breach in played.breaches)
    return Failure(played.plan, said, shrunk)
