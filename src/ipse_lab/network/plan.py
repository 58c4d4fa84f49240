"""Plans: which faults a run has, all drawn from its seed before it begins.

A fault strikes at a moment, or at the n-th write, step, post or message of somebody. So
a plan is a list, and a shorter list is a plan as well: what fails is shrunk by leaving
faults out (`ipse_lab.drill.shrink`).

A seed is of one class, in turn, and each class has its own kinds of faults
(docs/faults.md).
"""

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator.desk import Step
from ipse_lab.network.script import MOST_WISHES, thought_s
from ipse_lab.network.street import PAIRS


class Kind(StrEnum):
    """What strikes."""

    CUT = "wire cut"  # between two frames
    TORN = "wire cut within a frame"
    BLOCKED = "path blocked"
    STALLED = "messages late"
    KILLED = "process killed"
    KILLED_BEFORE = "process killed before a write"
    KILLED_AFTER = "process killed after a write"
    KILLED_AT_STEP = "process killed at a step"
    POWER_BEFORE = "power lost before a write"
    POWER_AFTER = "power lost after a write"
    FULL = "disk full"
    CLOCK = "clock jumps"
    POST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    POST_LATE = "request late"
    POST_AGAIN = "request repeated"
    DEVICE_BEFORE = "wallet killed before a write"
    DEVICE_AFTER = "wallet killed after a write"
    LIE = "lie in a message"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault."""

    kind: Kind
    who: int  # an operator, a pair or a person: what the kind is about
    at: float  # seconds, or the number of a write, step, post or message
    size: float = 0.0  # seconds, or milliseconds of a clock, or a choice

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        return asdict(self)

    def __str__(self) -> str:
        """Say it for people."""
        return f"{self.kind} (who {self.who}, at {self.at:g}, size {self.size:g})"


Draw = Callable[["Drawing"], Fault]


class Drawing(random.Random):
    """The dice of one plan, and how long its run takes if nothing strikes."""

    def __init__(self, seed: int) -> None:
        """Draw for a seed."""
        super().__init__(f"plan {seed}")
        self.span_s = (MOST_WISHES + 1) * thought_s(seed)

    def moment(self) -> float:
        """Draw a moment at which somebody wants something."""
        return round(self.uniform(0.0, self.span_s), 3)


OUTAGE_S: Final = (0.1, 12.0)
"""Seconds until whoever died is back: within a request's patience, and beyond it."""

STALL_S: Final = (0.05, 40.0)
"""Seconds that messages are late: unnoticed, and beyond a session's patience."""

JUMPS_MS: Final = (-3_600_000, -30_000, -3_000, 3_000, 30_000, 3_600_000)
"""Milliseconds that a clock jumps: an hour is a wrong time zone, seconds are drift."""

WRITES: Final = 90
MESSAGES: Final = 45
POSTS: Final = 60
SAVES: Final = 5
TIMES: Final = 8
"""So often an operator writes, says something and passes a step in a run without
faults, wallets post and each is written, give or take: what is drawn beyond that
strikes nobody."""


def _operator(dice: Drawing) -> OperatorId:
    return dice.choice(OPERATORS)


def _timed(kind: Kind, who: int, sizes: tuple[float, float]) -> Draw:
    """Draw a fault that strikes one of `who` at a moment, for a while."""

    def draw(dice: Drawing) -> Fault:
        return Fault(
            kind, dice.randrange(who), dice.moment(), round(dice.uniform(*sizes), 3)
        )

    return draw


def _counted(kind: Kind, most: int, sizes: tuple[float, float] = (0.0, 1.0)) -> Draw:
    """Draw a fault that strikes at the n-th chance of an operator."""

    def draw(dice: Drawing) -> Fault:
        return Fault(
            kind, _operator(dice), dice.randrange(most), round(dice.uniform(*sizes), 3)
        )

    return draw


def _killed(dice: Drawing) -> Fault:
    outage = round(dice.uniform(*OUTAGE_S), 3)
    return Fault(Kind.KILLED, _operator(dice), dice.moment(), outage)


def _killed_at_step(dice: Drawing) -> Fault:
    choice = dice.randrange(len(Step))
    return Fault(Kind.KILLED_AT_STEP, _operator(dice), dice.randrange(1, TIMES), choice)


def _full(dice: Drawing) -> Fault:
    return Fault(
        Kind.FULL, _operator(dice), dice.moment(), round(dice.uniform(1.0, 15.0), 3)
    )


def _clock(dice: Drawing) -> Fault:
    return Fault(Kind.CLOCK, _operator(dice), dice.moment(), dice.choice(JUMPS_MS))


def _device(kind: Kind) -> Draw:
    return lambda dice: Fault(kind, dice.randrange(2), dice.randrange(SAVES))


LINKS: Final = (
    _timed(Kind.CUT, len(PAIRS), (0.0, 0.0)),
    _timed(Kind.TORN, len(PAIRS), (0.0, 0.0)),
    _timed(Kind.BLOCKED, len(PAIRS), OUTAGE_S),
    _timed(Kind.STALLED, 2 * len(PAIRS), STALL_S),
)
KILLS: Final = (
    _killed,
    _counted(Kind.KILLED_BEFORE, WRITES, OUTAGE_S),
    _counted(Kind.KILLED_AFTER, WRITES, OUTAGE_S),
    _killed_at_step,
)
POWER: Final = (
    _counted(Kind.POWER_BEFORE, WRITES, OUTAGE_S),
    _counted(Kind.POWER_AFTER, WRITES, OUTAGE_S),
)
HTTPS: Final = (
    _counted(Kind.POST_LOST, POSTS),
    _counted(Kind.ANSWER_LOST, POSTS),
    _counted(Kind.POST_LATE, POSTS, (0.1, 20.0)),
    _counted(Kind.POST_AGAIN, POSTS, (0.1, 90.0)),
)
DEVICES: Final = (_device(Kind.DEVICE_BEFORE), _device(Kind.DEVICE_AFTER))
LIES: Final = (_counted(Kind.LIE, MESSAGES, (0.0, 1e9)),)

CLASSES: Final[dict[str, tuple[Draw, ...]]] = {
    "calm": (),
    "links": LINKS,
    "kills": KILLS,
    "power": POWER,
    "full": (_full, *KILLS[:1]),
    "clocks": (_clock,),
    "https": HTTPS,
    "devices": DEVICES,
    "lies": LIES,
    "storm": (*LINKS, *KILLS, *POWER, _full, _clock, *HTTPS, *DEVICES),
}
"""Classes of seeds, and the faults that each may have."""

MOST: Final = 8
"""Faults of a plan."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has to go through."""

    seed: int
    kind: str  # its class
    faults: tuple[Fault, ...]

    def without(self, fault: Fault) -> "Plan":
        """Leave one fault out."""
        left = list(self.faults)
        left.remove(fault)
        return Plan(self.seed, self.kind, tuple(left))


def class_of(seed: int) -> str:
    """Say which class a seed is of."""
    return [*CLASSES][seed % len(CLASSES)]


def drawn(seed: int) -> Plan:
    """Draw a seed's plan."""
    kind = class_of(seed)
    dice = Drawing(seed)
    draws = CLASSES[kind]
    if not draws:
        return Plan(seed, kind, ())
    most = 1 if kind == "lies" else MOST
    faults = {dice.choice(draws)(dice) for _ in range(dice.randint(1, most))}
    return Plan(seed, kind, tuple(sorted(faults)))
