"""A play: three operators and some owners through a plan's faults, on virtual time.

    (1) the machines start, the owners follow their script, the faults strike
    (2) the faults cease; a while later everybody asks once more, and a newcomer comes
    (3) what is stored is looked into, at all three

What is broken on the way is noted as a breach (`ipse_lab.network.truth`). The operators
are `ipse.operator.room`, the wallets `ipse.owner.wallet`, unchanged.
"""

import gc
import logging
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ipse.ground.errors import IpseError, Misbehaved, OutOfTurn, Refused
from ipse.ground.names import OPERATORS, Outcome, Purpose
from ipse.owner.grant import CLOCK_SLACK_MS
from ipse_lab.network.audit import audit
from ipse_lab.network.owners import Person, Wish
from ipse_lab.network.plan import Kind, Plan
from ipse_lab.network.script import drawn_script
from ipse_lab.network.stage import Endless
from ipse_lab.network.strikes import Strikes
from ipse_lab.network.truth import Breach, Promise
from ipse_lab.network.world import World

LONGEST_S: Final = 3_000.0
"""Seconds in which every script ends, however often its owner has to ask."""

QUIET_S: Final = 30.0
"""Seconds after which nothing new strikes (`ipse_lab.network.plan`)."""

HEAL_S: Final = 30.0
"""Seconds after which nothing is left of faults that ceased: the longest outage, a
restart, and a session's longest pause."""

SLACK_S: Final = CLOCK_SLACK_MS / 1_000 + 1.0
"""Seconds by which a wallet's window begins before it asks."""

PLANTED_AT: Final = OPERATORS[1]

MEMORY: Final = Path("/dev/shm")  # noqa: S108 (Linux's own folder in memory)
"""Where disks are played if it is there: an fsync costs nothing, and means as much."""


@dataclass(frozen=True, slots=True)
class Played:
    """How a play went."""

    plan: Plan
    breaches: tuple[Breach, ...]
    injected: Counter[Kind]
    answered: int  # wishes
    refused: int  # or failed, while faults struck
    is_split_by_lie: bool  # a liar set the operators at odds, and they say so
    seconds: float  # of virtual time
    digest: str  # of all that was noted
    notes: tuple[str, ...]

    @property
    def is_kept(self) -> bool:
        """Every promise was kept."""
        return not self.breaches


def play(plan: Plan, *, is_noting: bool = False, is_planted: bool = False) -> Played:
    """Play a plan.

    Args:
        plan: the faults.
        is_noting: keep what happened, line by line.
        is_planted: operator 2 does not sync the rows that it writes.
    """
    folder = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="ipse-play-", dir=folder) as home:
        performance = _Performance(plan, Path(home), is_planted=is_planted)
        performance.world.stage.is_noting = is_noting
        with performance.overheard(), uncollected():
            return performance.run()


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector away, so that what is left behind is left for ever.

    An operator may not count on it: who holds something lets go of it by itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Performance:
    """One play on its way."""

    def __init__(self, plan: Plan, folder: Path, *, is_planted: bool) -> None:
        self._plan = plan
        self._strikes = Strikes(plan)
        self._parts = drawn_script(plan.seed)
        self.world = World(
            plan.seed, folder, self._parts, self._strikes.speech_of, self._hear
        )
        self._answered = self._refused = 0
        self._is_finale = False
        self._failed: list[str] = []  # in the finale
        if is_planted:
            self._plant()

    def run(self) -> Played:
        world, stage = self.world, self.world.stage
        is_split = False
        try:
            self._act()
            self._finish()
            for unexpected in stage.faults:
                what = f"{type(unexpected).__name__}: {unexpected}"
                world.truth.breach(Promise.FORESEEN, what)
            is_split = audit(world)
        except Endless as fault:
            world.truth.breach(Promise.ALIVE, str(fault))
        finally:
            stage.close()
            for machine in world.machines.values():
                machine.close()
        if self._failed and not is_split:
            world.truth.breach(Promise.ALIVE, self._failed[0])
        return Played(
            self._plan,
            tuple(world.truth.breaches),
            self._strikes.injected,
            self._answered,
            self._refused,
            is_split,
            stage.now_s,
            stage.digest,
            tuple(stage.notes),
        )

    def _act(self) -> None:
        world, stage = self.world, self.world.stage
        self._strikes.begin(world)
        for machine in world.machines.values():
            machine.start()
        for person, part in zip(world.people, self._parts, strict=True):
            person.follow(part.wishes)
        self._await_rest()
        stage.run(lambda: False, QUIET_S)  # what strikes late strikes all the same

    def _finish(self) -> None:
        """Let all be well again, and see that it is."""
        world, stage = self.world, self.world.stage
        self._strikes.cease(world)
        stage.note("faults cease")
        stage.run(lambda: False, stage.now_s + HEAL_S)
        stage.run(lambda: False, self._clocks_right_s())
        self._is_finale = True
        for person in world.people:
            wishes = (
                Wish(Purpose.STATUS, None, 0.0),
                Wish(Purpose.VERIFY, person.body, 0.0),
                Wish(Purpose.LEDGER, None, 0.0),
            )
            person.follow(wishes, tries=1)
        newcomer = world.person("newcomer", 1 + max(one.body for one in world.people))
        world.people.append(newcomer)
        newcomer.follow(
            [
                Wish(Purpose.ENROL, newcomer.body, 0.1),
                Wish(Purpose.VERIFY, newcomer.body, 0.1),
                Wish(Purpose.ERASE, None, 0.1),
                Wish(Purpose.LEDGER, None, 0.1),
            ],
            tries=1,
        )
        self._await_rest()
        stage.run(lambda: False, stage.now_s + 1.0)  # acknowledgements arrive

    def _await_rest(self) -> None:
        world, stage = self.world, self.world.stage

        def is_over() -> bool:
            return all(person.is_at_rest for person in world.people)

        if not stage.run(is_over, stage.now_s + LONGEST_S):
            world.truth.breach(Promise.ALIVE, "somebody waits for ever")

    def _clocks_right_s(self) -> float:
        """Return when no operator's clock is behind what its ledger has seen.

        Whoever lost its power while its clock was ahead serves nobody before its clock
        has caught up (`ipse.store.marks`).
        """
        stores = [machine.store for machine in self.world.machines.values()]
        clock = next(iter(self.world.machines.values())).clock
        behind_ms = max(
            (one.ledger.remembers_since - clock.now() for one in stores if one),
            default=0,
        )
        return self.world.stage.now_s + max(0.0, behind_ms / 1_000 + SLACK_S)

    def _hear(self, person: Person, wish: Wish, said: Outcome | IpseError) -> None:
        if isinstance(said, Outcome):
            self._answered += 1
            return
        self._refused += 1
        if isinstance(said, OutOfTurn):
            self.world.truth.breach(Promise.FORESEEN, f"{person.name}: {said}")
        if self._is_finale and not isinstance(said, Refused):
            self._failed.append(f"{person.name} wants to {wish.purpose}: {said}")

    def _plant(self) -> None:
        """Let operator 2's disk say that it synced rows, and not do it."""
        self.world.machines[PLANTED_AT].perils.is_careless = True

    @contextmanager
    def overheard(self) -> Iterator[None]:
        """Note what operators log, and keep it from the terminal."""
        logger, ear = logging.getLogger("ipse"), _Ear(self.world)
        before = logger.propagate
        logger.addHandler(ear)
        logger.propagate = False
        try:
            yield
        finally:
            logger.propagate = before
            logger.removeHandler(ear)


class _Ear(logging.Handler):
    """Hears what operators log."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.WARNING)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        actor = self._world.stage.acting
        who = "somebody" if actor is None else actor.name
        self._world.stage.note(f"{who} logs: {record.getMessage()}")
        truth = self._world.truth
        if record.exc_info and record.exc_info[0]:  # a process stops (`until_stopped`)
            what = f"{who}: {record.exc_info[0].__name__}: {record.exc_info[1]}"
            truth.breach(Promise.FORESEEN, what)
        for fault in record.args or ():
            if isinstance(fault, Misbehaved | OutOfTurn) and not truth.is_lied_to:
                truth.breach(
                    Promise.FORESEEN, f"{who}: {type(fault).__name__}: {fault}"
                )
