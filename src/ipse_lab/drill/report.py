"""The probe drill as a whole: all kinds, on all cores, summed up.

A kind is held off if it is accepted no more often than strangers are by chance: its
count must not exceed what the threshold's false match rate makes likely. Strangers
themselves are drilled beside the hostile kinds, as the measure.
"""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from ipse.ground.names import Form
from ipse.ground.params import THRESHOLDS, VERIFY_FALSE_MATCH_RATE
from ipse_lab.drill.counts import most_by_chance
from ipse_lab.drill.hostile import KINDS
from ipse_lab.drill.probe import Score, chunks, play


@dataclass(frozen=True, slots=True)
class Report:
    """What the drill found."""

    kinds: dict[str, dict[str, int]]
    tries: int
    seed: int
    threshold: int
    false_match_rate: float
    most_accepted: int  # of `tries`, for a stranger's rate

    @property
    def is_held(self) -> bool:
        """No kind got in more often than strangers, and unchecked some did."""
        counts = self.kinds.values()
        return (
            all(
                kind[role] <= self.most_accepted
                for kind in counts
                for role in ("accepted_as_probe", "accepted_as_reference")
            )
            and self.would_get_in
        )

    @property
    def would_get_in(self) -> bool:
        """Without the check the drill does get in."""
        return any(
            kind["unchecked_as_probe"] > self.most_accepted
            for kind in self.kinds.values()
        )

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        return {
            "kinds": len(self.kinds),
            "tries": self.tries,
            "seed": self.seed,
            "threshold": self.threshold,
            "stranger_false_match_rate": self.false_match_rate,
            "most_accepted_by_chance": self.most_accepted,
            "accepted": {
                name: max(kind["accepted_as_probe"], kind["accepted_as_reference"])
                for name, kind in self.kinds.items()
            },
            "held": self.is_held,
            "gets_in_without_the_check": self.would_get_in,
            "by_kind": self.kinds,
        }


def run(
    tries: int, seed: int, advance: Callable[[int, int], None] = lambda _done, _of: None
) -> Report:
    """Drill every kind with `tries` vectors in each of two roles.

    Args:
        tries: vectors of each kind.
        seed: of all randomness.
        advance: told how many vectors were judged, of how many.
    """
    policy = THRESHOLDS[(Form.FACE,)]
    plan = list(chunks(tries, seed, policy.verify))
    totals = [Score(0) for _ in KINDS]
    done = 0
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        waiting = {pool.submit(play, chunk): chunk for chunk in plan}
        for future in as_completed(waiting):
            chunk = waiting[future]
            totals[chunk.kind] += future.result()
            done += chunk.count
            advance(done, tries * len(KINDS))
    rate = VERIFY_FALSE_MATCH_RATE
    return Report(
        {kind.name: _named(score) for kind, score in zip(KINDS, totals, strict=True)},
        tries,
        seed,
        policy.verify,
        rate,
        most_by_chance(tries * rate),
    )


def _named(score: Score) -> dict[str, int]:
    return {
        "tried": score.tried,
        "well_formed": score.passed,
        "verified": score.verified,
        "accepted_as_probe": score.accepted_as_probe,
        "accepted_as_reference": score.accepted_as_reference,
        "unchecked_tried": score.unchecked_tried,
        "unchecked_as_probe": score.unchecked_as_probe,
        "unchecked_as_reference": score.unchecked_as_reference,
    }
