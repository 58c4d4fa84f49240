"""The liar's drill: one seat lies in a verification, in every way that there is.

For each lie of `ipse_lab.drill.lies` a verification is played, of a mated or a
non-mated pair, by three seats in this process with the network's own code; one of them
says something else than it should, or computes with something else. Then each honest
seat has answered, or stopped and said whom it suspects. A wrong answer of an honest
seat is a wrong verdict: the liar would sign it as well.

The same lies are told where nobody proves anything: the bit is computed alike, and
opened by one message. That drill must go wrong, or this one shows nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ipse.matching.verify import Answer
from ipse_lab.drill.case import PAIRS, Crowd, Ending
from ipse_lab.drill.lies import KINDS_OF_LIES, Untruth, lies


@dataclass(slots=True)
class Tally:
    """What became of lies of one kind."""

    told: int = 0
    wrong: int = 0  # an honest seat gave a wrong answer
    stopped: int = 0  # at least one honest seat stopped
    named: int = 0  # an honest seat named the liar, and nobody else
    named_twice: int = 0  # both did: whoever trusts no seat knows it as well
    slandered: int = 0  # an honest seat named another honest seat alone
    harmless: int = 0  # both answered, rightly
    wrong_unproved: int = 0  # where nothing is proved


@dataclass(slots=True)
class Report:
    """What the drill found."""

    seed: int
    kinds: dict[str, Tally] = field(
        default_factory=lambda: {kind: Tally() for kind in KINDS_OF_LIES}
    )

    def total(self, name: str) -> int:
        """Add up one count over all kinds."""
        return sum(getattr(tally, name) for tally in self.kinds.values())

    @property
    def is_held(self) -> bool:
        """No lie changed an answer or an innocent's name; unproved, some did."""
        return not self.total("wrong") + self.total("slandered") and self.would_pass

    @property
    def would_pass(self) -> bool:
        """Where nothing is proved lies do change answers."""
        return self.total("wrong_unproved") > 0

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        return {
            "runs": self.total("told"),
            "seed": self.seed,
            "wrong_verdicts_accepted": self.total("wrong"),
            "stopped": self.total("stopped"),
            "named": self.total("named"),
            "named_by_both": self.total("named_twice"),
            "innocents_named": self.total("slandered"),
            "harmless": self.total("harmless"),
            "wrong_verdicts_without_proofs": self.total("wrong_unproved"),
            "held": self.is_held,
            "by_kind": {
                kind: {
                    "runs": tally.told,
                    "wrong_verdicts_accepted": tally.wrong,
                    "stopped": tally.stopped,
                    "named": tally.named,
                    "wrong_without_proofs": tally.wrong_unproved,
                }
                for kind, tally in self.kinds.items()
            },
        }


def run(
    runs: int, seed: int, advance: Callable[[int, int], None] = lambda _done, _of: None
) -> Report:
    """Tell so many lies, each in two verifications: proved, and not.

    Args:
        runs: lies; each field of each message comes up in turn.
        seed: of all randomness.
        advance: told how many were told, of how many.
    """
    dice = np.random.default_rng(seed)
    crowd = Crowd.drawn(dice)
    report = Report(seed)
    for index, lie in enumerate(lies(dice, runs)):
        tally = report.kinds[lie.kind]
        case = crowd.case(int(dice.integers(PAIRS)), is_mated=bool(dice.integers(2)))
        _count(tally, lie, case.expected, case.played(lie, dice))
        unproved = case.played_unproved(lie, dice)
        tally.wrong_unproved += any(
            each.answer not in (None, case.expected) for each in unproved.values()
        )
        advance(index + 1, runs)
    return report


def _count(
    tally: Tally, lie: Untruth, expected: Answer, endings: dict[int, Ending]
) -> None:
    """Count one lie."""
    answers = [each.answer for each in endings.values()]
    named = [each.suspects for each in endings.values()]
    tally.told += 1
    tally.wrong += any(answer not in (None, expected) for answer in answers)
    tally.stopped += None in answers
    tally.harmless += answers == [expected] * 2
    tally.named += (lie.seat,) in named
    tally.named_twice += named == [(lie.seat,)] * 2
    tally.slandered += any(suspects and lie.seat not in suspects for suspects in named)
