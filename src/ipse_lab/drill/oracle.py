"""Yes and no as an oracle: what an attacker with the owner's key does with answers.

    blind      show one stranger after another until one is accepted
    rebuild    ask, believe, ask again (`guess`), until the template is known
    metered    the same, but as often as the meter lets, term after term

The oracle is the plain one: the integers that the network compares, and its rule. It
refuses what the operators would refuse as malformed, so no vector cheats. Everything is
counted victim by victim.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import Form, Instant
from ipse.ground.params import (
    ENTRY_BOUND,
    METER_FAILURES,
    METER_TERM_MS,
    METER_TRIES,
    NORM_HIGH,
    NORM_LOW,
    SCALE,
)
from ipse.receipt.meter import UNTRIED, allowed_from, tried
from ipse_lab.drill.guess import Belief, heard, nearness, questions, resembling
from ipse_lab.drill.victims import Floats

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Ask = Callable[[Floats, Floats], Bools]
"""Questions and references, one of each a victim: is it a match?"""

FRESH_BITS: Final = 0.5
"""Chance of a yes that an attacker without a meter aims at: each answer is a bit."""

CAREFUL: Final = 1 - METER_FAILURES / METER_TRIES
"""The same under the meter: so that failures and tries are spent at one time."""

NEAR: Final = (0.9, 0.99)
"""Cosines at which a template counts as rebuilt, roughly and well. Two captures of one
body are at 0.64."""

MOST_TRIES: Final = 1_200
"""Tries after which a rebuilding without a meter is given up."""

MOST_TERMS: Final = 6
"""Terms of the meter that are played: half a year."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What became of each victim; -1 where it never came to that. All [victims]."""

    accepted: Ints  # tries until the first yes
    accepted_in: Ints  # the term of the meter, 1 for the first
    tries: tuple[Ints, ...]  # until each of NEAR
    failures: tuple[Ints, ...]
    terms: tuple[Ints, ...]  # of the meter; 1 for the first
    nearness: Floats  # cosine at the end of the first term, or at the end


def plain(threshold: int) -> Ask:
    """Answer as the network does, in the open."""

    def ask(asked: Floats, references: Floats) -> Bools:
        norms = (asked**2).sum(axis=1)
        low, high = NORM_LOW[Form.FACE], NORM_HIGH[Form.FACE]
        is_formed = (
            (norms >= low) & (norms <= high) & (np.abs(asked) <= ENTRY_BOUND).all(1)
        )
        if not is_formed.all():
            raise OutOfTurn("A question of the drill is malformed: mend `guess`.")
        return np.asarray((asked * references).sum(axis=1) >= threshold)

    return ask


def rebuild(
    references: Floats,
    pictures: Floats,
    alike: float,
    threshold: int,
    dice: np.random.Generator,
    ask: Ask,
) -> Course:
    """Rebuild templates with nobody counting."""
    everyone = np.arange(len(references))
    watch = _Watch.over(references)
    belief = resembling(pictures, alike, SCALE[Form.FACE])
    for _ in range(MOST_TRIES):
        asked = questions(belief, FRESH_BITS, threshold, dice)
        is_yes = ask(asked, references)
        belief = heard(belief, asked, is_yes, threshold)
        watch.see(everyone, belief, is_yes, np.ones(len(everyone), np.int64))
        if watch.is_over.all():
            break
    return watch.course()


def rebuild_metered(
    references: Floats,
    pictures: Floats,
    alike: float,
    threshold: int,
    dice: np.random.Generator,
    ask: Ask,
) -> Course:
    """Rebuild templates as fast as the meter lets, for MOST_TERMS terms."""
    watch = _Watch.over(references)
    belief = resembling(pictures, alike, SCALE[Form.FACE])
    meters = [UNTRIED] * len(references)
    times = [Instant(0)] * len(references)
    playing = np.arange(len(references))
    while len(playing):
        for victim in playing:
            times[victim] = allowed_from(meters[victim], times[victim])
        terms = np.array([times[victim] // METER_TERM_MS + 1 for victim in playing])
        goes_on = (terms <= MOST_TERMS) & ~watch.is_over[playing]
        playing, terms = playing[goes_on], terms[goes_on]
        belief = Belief(belief.mean[goes_on], belief.spread[goes_on])
        if not len(playing):
            break
        asked = questions(belief, CAREFUL, threshold, dice)
        is_yes = ask(asked, references[playing])
        belief = heard(belief, asked, is_yes, threshold)
        for victim, is_match in zip(playing, is_yes, strict=True):
            meters[victim] = tried(
                meters[victim], times[victim], is_match=bool(is_match)
            )
        watch.see(playing, belief, is_yes, terms)
    return watch.course()


@dataclass(slots=True, eq=False)
class _Watch:
    """Writes down when what was reached."""

    references: Floats
    tries: Ints
    failures: Ints
    accepted: Ints
    accepted_in: Ints
    reached: Ints  # [NEAR, tries and failures and terms, victims]
    nearness: Floats

    @classmethod
    def over(cls, references: Floats) -> "_Watch":
        count = len(references)
        nothing, never = np.zeros(count, np.int64), np.full(count, -1)
        return cls(
            references,
            nothing,
            nothing.copy(),
            never,
            never.copy(),
            np.full((len(NEAR), 3, count), -1),
            np.zeros(count),
        )

    @property
    def is_over(self) -> Bools:
        return np.asarray(self.reached[-1, 0] >= 0)

    def see(self, whom: Ints, belief: Belief, is_yes: Bools, terms: Ints) -> None:
        self.tries[whom] += 1
        self.failures[whom] += ~is_yes
        first = whom[is_yes & (self.accepted[whom] < 0)]
        self.accepted[first] = self.tries[first]
        self.accepted_in[first] = terms[is_yes & (self.accepted_in[whom] < 0)]
        near = nearness(belief, self.references[whom])
        self.nearness[whom[terms == 1]] = near[terms == 1]
        for place, cosine in enumerate(NEAR):
            is_new = (near >= cosine) & (self.reached[place, 0, whom] < 0)
            new = whom[is_new]
            self.reached[place, :, new] = np.stack(
                [self.tries[new], self.failures[new], terms[is_new]], axis=1
            )

    def course(self) -> Course:
        tries, failures, terms = (tuple(self.reached[:, i]) for i in range(3))
        return Course(
            self.accepted, self.accepted_in, tries, failures, terms, self.nearness
        )


def first_strangers(references: Floats, strangers: Floats, threshold: int) -> Ints:
    """Strangers until one is accepted, for each victim; -1 if none is: [victims]."""
    is_yes = references.astype(np.float32) @ strangers.astype(np.float32).T >= threshold
    return np.where(is_yes.any(axis=1), is_yes.argmax(axis=1) + 1, -1)


def strangers_within(
    references: Floats, strangers: Floats, tries: int, threshold: int
) -> Ints:
    """How many of `tries` strangers each victim's record accepts: int64[victims].

    Each victim meets others: as many strangers as victims stand in a ring.
    """
    found = np.zeros(len(references), np.int64)
    for turn in range(tries):
        met = np.roll(strangers, turn, axis=0)
        found += (met * references).sum(axis=1) >= threshold
    return found
