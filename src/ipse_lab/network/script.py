"""The script: who is there in a run, and what each wants, drawn from the seed."""

import random
from dataclasses import dataclass
from typing import Final

from ipse.ground.names import Purpose
from ipse_lab.network.owners import Wish

THOUGHTS_S: Final = (0.3, 1.5, 4.0)
"""Seconds that people think at most before the next wish, in one run or another: in a
hurry they share jobs, and come while the last one is not over."""

MOST_WISHES: Final = 6
"""Wishes after the first, which is to enrol."""

_NEXT: Final = {
    Purpose.VERIFY: 10,
    Purpose.STATUS: 2,
    Purpose.ERASE: 3,
    Purpose.ENROL: 4,
    Purpose.WITHDRAW: 2,
    Purpose.LEDGER: 2,
}
"""How often each is wanted. A wallet refuses by itself what makes no sense."""


@dataclass(frozen=True, slots=True)
class Part:
    """One person's part: a body, by its number, and wishes."""

    body: int
    wishes: tuple[Wish, ...]


def thought_s(seed: int) -> float:
    """Say how long people think at most, in the run of a seed."""
    return random.Random(f"pace {seed}").choice(THOUGHTS_S)  # noqa: S311 (to be drawn again)


def drawn_script(seed: int) -> tuple[Part, ...]:
    """Draw two to four people; the last may have the first one's body."""
    dice = random.Random(f"script {seed}")  # noqa: S311 (to be drawn again)
    people = dice.randint(2, 4)
    bodies = [*range(people)]
    if dice.random() < 1 / 3:
        bodies[-1] = bodies[0]
    most_s = thought_s(seed)
    return tuple(Part(body, _wishes(body, people, most_s, dice)) for body in bodies)


def _wishes(
    body: int, people: int, most_s: float, dice: random.Random
) -> tuple[Wish, ...]:
    purposes = [Purpose.ENROL]
    purposes += dice.choices(
        [*_NEXT], [*_NEXT.values()], k=dice.randint(3, MOST_WISHES)
    )
    return tuple(
        Wish(
            purpose,
            _presented(purpose, body, people, dice),
            round(dice.uniform(0.0, most_s), 3),
            is_granted=purpose is Purpose.WITHDRAW
            or (purpose is Purpose.VERIFY and dice.random() < 1 / 2),
        )
        for purpose in purposes
    )


def _presented(
    purpose: Purpose, body: int, people: int, dice: random.Random
) -> int | None:
    match purpose:
        case Purpose.ENROL:
            return body
        case Purpose.VERIFY:
            return dice.randrange(people) if dice.random() < 1 / 4 else body
        case _:
            return None
