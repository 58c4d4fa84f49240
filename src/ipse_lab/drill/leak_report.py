"""The oracle drill as a whole: all pieces, on all cores, and what they show together.

Without the cap the attack must succeed, or the drill shows nothing: strangers get in
sooner or later, and from there, as from a look-alike or a picture, the template is
rebuilt. With it a stranger must get in no more often than the false match rate times
the tries that a term allows. How far those come who begin near is told beside it.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np

from ipse.ground.names import Form
from ipse.ground.params import (
    METER_FAILURES,
    METER_TERM_MS,
    METER_TRIES,
    THRESHOLDS,
    VERIFY_FALSE_MATCH_RATE,
)
from ipse_lab.drill.counts import Told, most_by_chance, share, spread
from ipse_lab.drill.crowd import false_match_rates
from ipse_lab.drill.leak import Piece, Played, pieces, pieces_of, play
from ipse_lab.drill.oracle import NEAR, Course
from ipse_lab.drill.victims import Start, photographed, portrayed
from ipse_lab.drill.year import years

SUCCEEDS: Final = 0.5
"""Share of victims from which on the attack without the cap counts as a success."""

YEARS: Final = 30
"""Years of honest people, at each false non-match rate."""

Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What the drill found."""

    seed: int
    threshold: int
    without_cap: Told  # by start
    under_cap: Told  # by start
    portraits: Told  # of two real people, from another capture
    faces: Told  # of real people in a folder, if one was given
    honest: Told  # by false non-match rate
    strangers_accepted: int  # under the cap
    most_accepted: int  # for a stranger's rate
    share_rebuilt: float  # without the cap, the least of all starts

    @property
    def is_held(self) -> bool:
        """Under the cap strangers get in as often as chance has it, and no more."""
        return self.strangers_accepted <= self.most_accepted

    @property
    def would_succeed(self) -> bool:
        """Without the cap the template is rebuilt."""
        return self.share_rebuilt >= SUCCEEDS

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        return {
            "seed": self.seed,
            "threshold": self.threshold,
            "stranger_false_match_rate": VERIFY_FALSE_MATCH_RATE,
            "cap": {
                "failures": METER_FAILURES,
                "tries": METER_TRIES,
                "days": METER_TERM_MS // 86_400_000,
            },
            "without_cap": self.without_cap,
            "under_cap": self.under_cap,
            "portraits": self.portraits,
            "faces": self.faces,
            "honest": self.honest,
            "held": self.is_held,
            "succeeds_without_cap": self.would_succeed,
        }


def run(
    victims: int,
    blind: int,
    seed: int,
    folder: Path | None = None,
    advance: Advance = lambda _done, _of: None,
) -> Report:
    """Attack invented people, those of the portraits, and those in a folder.

    Args:
        victims: whose templates are rebuilt, from each start.
        blind: victims to whom strangers are shown under the cap.
        seed: of all randomness.
        folder: of faces, as `ipse evaluate` reads it.
        advance: told how many victims were attacked, of how many.

    Raises:
        Unavailable: a model, or a portrait, is not installed.
        Refused: the folder holds no pictures.
    """
    threshold = THRESHOLDS[(Form.FACE,)].verify
    plan = list(pieces(victims, blind, seed, threshold))
    portraits = pieces_of(portrayed(), Start.PICTURE, seed, threshold)
    done = played([*plan, *portraits], advance)
    of_portraits = done[len(plan) :]
    free, metered = (
        {
            start: joined(
                each
                for piece, each in zip(plan, done, strict=False)
                if (piece.start, piece.is_metered) == (start, is_metered)
            )
            for start in Start
        }
        for is_metered in (False, True)
    )
    found = metered[Start.STRANGER].found
    return Report(
        seed,
        threshold,
        {start: _freely(each) for start, each in free.items()},
        {start: _metered(each) for start, each in metered.items()},
        _both(portraits, of_portraits),
        {} if folder is None else _faces(folder, victims, seed, threshold, advance),
        years(YEARS, seed),
        int((found > 0).sum()),
        most_by_chance(len(found) * METER_FAILURES * VERIFY_FALSE_MATCH_RATE),
        min(_share_rebuilt(each.course) for each in free.values()),
    )


def _faces(
    folder: Path, most: int, seed: int, threshold: int, advance: Advance
) -> Told:
    """Attack the people in a folder."""
    had, crowd = photographed(folder, most)
    told: Told = {"blind": false_match_rates(crowd, threshold, seed)}
    for start, victims in had.items():
        plan = pieces_of(victims, start, seed, threshold)
        told[start] = _both(plan, played(plan, advance))
    return told


def _both(plan: Sequence[Piece], done: Sequence[Played]) -> Told:
    """What was reached without the cap and under it."""
    free, metered = (
        joined(
            each
            for piece, each in zip(plan, done, strict=True)
            if piece.is_metered == is_metered
        )
        for is_metered in (False, True)
    )
    return {"without_cap": _freely(free), "under_cap": _metered(metered)}


def played(plan: Sequence[Piece], advance: Advance) -> list[Played]:
    """Play all pieces, in their order."""
    results: dict[int, Played] = {}
    total, done = sum(piece.size for piece in plan), 0
    # one thread in each process: two that both take every core wait for each other
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        waiting = {pool.submit(play, piece): at for at, piece in enumerate(plan)}
        for future in as_completed(waiting):
            at = waiting[future]
            results[at] = future.result()
            done += plan[at].size
            advance(done, total)
    return [results[at] for at in range(len(plan))]


def joined(pieces_played: Iterable[Played]) -> Played:
    """Put the victims of several pieces side by side."""
    results = list(pieces_played)
    courses = [each.course for each in results if each.course is not None]
    return Played(
        np.concatenate([each.first for each in results]),
        np.concatenate([each.found for each in results]),
        _side_by_side(courses) if courses else None,
    )


def _side_by_side(courses: Sequence[Course]) -> Course:
    def column(name: str) -> Any:  # noqa: ANN401 (an array, or one for each of NEAR)
        values = [getattr(course, name) for course in courses]
        if isinstance(values[0], tuple):
            return tuple(np.concatenate(each) for each in zip(*values, strict=True))
        return np.concatenate(values)

    return Course(**{field.name: column(field.name) for field in fields(Course)})


def _freely(result: Played) -> Told:
    """What was reached with nobody counting."""
    told = _reached(result.course)
    if len(result.first):  # strangers: a course begins at the first that was accepted
        met = result.first > 0
        told["accepted"] = share(int(met.sum()), len(met))
        told["tries_to_acceptance"] = spread(result.first[met])
    return told


def _metered(result: Played) -> Told:
    """What was reached in one term, and in those after it."""
    course = result.course
    if course is None:
        count, by_rate = len(result.found), METER_FAILURES * VERIFY_FALSE_MATCH_RATE
        return {
            "victims": count,
            "accepted_in_a_term": share(int((result.found > 0).sum()), count),
            "false_match_rate_times_tries": by_rate,
            "most_accepted_by_chance": most_by_chance(count * by_rate),
        }
    first = int((course.accepted_in == 1).sum())
    told = _reached(course)
    told["accepted_in_a_term"] = share(first, len(course.accepted))
    for cosine, terms in zip(NEAR, course.terms, strict=True):
        told[f"terms_to_{cosine}"] = spread(terms[terms > 0])
    return told


def _reached(course: Course | None) -> Told:
    """What became of the victims of one course."""
    if course is None:
        return {}
    count = len(course.accepted)
    told: Told = {
        "victims": count,
        "accepted": share(int((course.accepted > 0).sum()), count),
        "tries_to_acceptance": spread(course.accepted[course.accepted > 0]),
        "cosine": spread(course.nearness),
    }
    for cosine, tries, failures in zip(
        NEAR, course.tries, course.failures, strict=True
    ):
        reached = tries > 0
        told[f"rebuilt_to_{cosine}"] = share(int(reached.sum()), count)
        told[f"tries_to_{cosine}"] = spread(tries[reached])
        told[f"failures_to_{cosine}"] = spread(failures[reached])
    return told


def _share_rebuilt(course: Course | None) -> float:
    return 0.0 if course is None else float((course.tries[-1] > 0).mean())
