"""The same attack on three operator processes, over HTTPS, with the owner's key.

Once on a laboratory network, which counts tries and refuses none, and once on an
ordinary one. The victim is Eileen Collins, by the encoder; the attacker holds a bad
picture of her. Every answer is held against the plain oracle: the network says exactly
what the drill's other pieces assumed.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ipse.ground.errors import OutOfTurn, Refused, Unavailable
from ipse.ground.names import Form, Outcome, Purpose
from ipse.ground.params import SCALE, THRESHOLDS
from ipse.owner.courier import HttpsCourier
from ipse.owner.encoder import default_thresholds
from ipse.owner.request import Body
from ipse.owner.verdict import Silence
from ipse_lab.drill.counts import Told
from ipse_lab.drill.guess import heard, nearness, questions, resembling
from ipse_lab.drill.oracle import FRESH_BITS, NEAR, plain
from ipse_lab.drill.victims import ALIKE, Floats, Start, Victims
from ipse_lab.processes import Network, new_owner, outcome_of, started

DEADLINE_S: Final = 30.0
"""Seconds in which three operators answer one question, on a busy machine."""

ANSWERS: Final = {Outcome.MATCHED: True, Outcome.NOT_MATCHED: False}

Advance = Callable[[int, int], None]


@dataclass(slots=True)
class Course:
    """How far the attack came on one network."""

    tries: int = 0
    failures: int = 0
    cosine: float = 0.0  # reached
    refusal: str = ""  # what the operators said at last, if they said no
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Attacked:
    """How far the attack came without the cap, and under it."""

    without_cap: Course
    under_cap: Course

    @property
    def is_held(self) -> bool:
        """The template was rebuilt without the cap; under it the operators refused."""
        return self.without_cap.cosine >= NEAR[0] and bool(self.under_cap.refusal)

    def as_json(self) -> Told:
        """Say it for machines."""
        return {name: asdict(course) for name, course in self._named()}

    def _named(self) -> tuple[tuple[str, Course], ...]:
        return (("without_cap", self.without_cap), ("under_cap", self.under_cap))


def attack_networks(
    victim: Victims,
    most: int,
    seed: int,
    advance: Advance = lambda _done, _of: None,
) -> Attacked:
    """Attack one victim on both networks, with `most` tries at the most.

    Raises:
        Unavailable: a network does not start, or does not answer.
        OutOfTurn: the network answered otherwise than the plain oracle.
    """
    courses = []
    for is_laboratory in (True, False):
        with (
            tempfile.TemporaryDirectory(prefix="ipse-drill-") as folder,
            started(
                Path(folder),
                laboratory=is_laboratory,
                thresholds=default_thresholds(),
            ) as network,
        ):
            start = time.monotonic()
            course = _attack(network, victim, most, seed, advance)
            course.seconds = round(time.monotonic() - start, 1)
            courses.append(course)
    return Attacked(*courses)


def _attack(
    network: Network, victim: Victims, most: int, seed: int, advance: Advance
) -> Course:
    threshold = THRESHOLDS[(Form.FACE,)].verify
    dice, ask = np.random.default_rng(seed), plain(threshold)
    owner, course = new_owner(network), Course()
    with HttpsCourier(network.charter.charter, deadline_s=DEADLINE_S) as courier:

        def outcome(purpose: Purpose, vector: Floats) -> Outcome | str:
            body: Body = {Form.FACE: vector[0].astype(np.int16)}
            dispatch = network.compose(owner, purpose, body)
            replies = courier.deliver(dispatch.submissions)
            for reply in replies.values():
                if isinstance(reply, Silence) and isinstance(reply.error, Refused):
                    return str(reply.error)
            return outcome_of(replies)

        enrolled = outcome(Purpose.ENROL, victim.references)
        if enrolled is not Outcome.ENROLLED:
            raise Unavailable(f"The victim could not be enrolled: {enrolled}")
        belief = resembling(victim.pictures, ALIKE[Start.PICTURE], SCALE[Form.FACE])
        while course.tries < most and course.cosine < NEAR[0]:
            asked = questions(belief, FRESH_BITS, threshold, dice)
            said = outcome(Purpose.VERIFY, asked)
            if said not in ANSWERS:
                course.refusal = str(said)
                break
            is_yes = np.array([ANSWERS[Outcome(said)]])
            if is_yes[0] != ask(asked, victim.references)[0]:
                raise OutOfTurn("The network does not answer as the plain oracle does.")
            belief = heard(belief, asked, is_yes, threshold)
            course.tries += 1
            course.failures += int(~is_yes[0])
            course.cosine = round(float(nearness(belief, victim.references)[0]), 4)
            advance(course.tries, most)
    return course
