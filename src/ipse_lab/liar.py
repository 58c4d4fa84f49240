"""An operator that lies: one message of each job is another than it should be.

    python -m ipse_lab.liar --lie "round 6 to next" --home HOME --operator N

It is the real operator with one thing changed. In one round of each job it flips the
lowest bit of the last byte of what it sends to one neighbour; so the message has its
length, and is sealed as any other. It answers the questions of a trial truthfully, or
it would never be called. All lies and all rounds: `ipse_lab.drill.lies`.
"""

import argparse
import sys
from enum import StrEnum
from typing import Final

from ipse.matching.rounds import Round
from ipse.net import doorway
from ipse.net.links import Links
from ipse.operator import trial
from ipse.operator.__main__ import main
from ipse_lab.lying import Flipped

LAST: Final = 1 - 1e-9
"""The place of a message's last byte (`ipse_lab.lying.Flipped`)."""


class Lie(StrEnum):
    """Messages of a verification that may be false; rounds are counted from 1."""

    CARRIES = "round 3 to previous"
    PROOF = "round 6 to next"
    OPENING = "round 8 to next"

    @property
    def round(self) -> int:
        """In which round of a job."""
        return int(self.split()[1])

    @property
    def flipped(self) -> Flipped:
        """The lie itself: the lowest bit of the message's last byte."""
        return Flipped(self.round - 1, self.endswith("next"), LAST)


class LyingLinks(Links):
    """Links over which one round of each job is lied in."""

    lie = Lie.CARRIES
    """Which; set before anybody meets."""

    _job = 0
    _posted = 0  # rounds of this job so far

    def post(self, round_: Round) -> None:
        """Send a round's messages, or something else."""
        if self.last_job != self._job:
            self._job, self._posted = self.last_job, 0
        if self._job > trial.JOB:
            round_ = self.lie.flipped(self._posted, round_)
        self._posted += 1
        super().post(round_)


def main_lying(arguments: list[str] | None = None) -> int:
    """Run an operator that lies, until SIGTERM."""
    parser = argparse.ArgumentParser(prog="ipse_lab.liar", description=__doc__)
    parser.add_argument("--lie", type=Lie, choices=list(Lie), required=True)
    chosen, others = parser.parse_known_args(arguments)
    LyingLinks.lie = chosen.lie
    # in this process alone: whoever meets at the doorway speaks through these
    vars(doorway)["Links"] = LyingLinks
    return main(others)


if __name__ == "__main__":
    sys.exit(main_lying())
