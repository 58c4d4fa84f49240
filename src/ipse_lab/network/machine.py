"""A machine: one operator's computer, on which its process lives and dies.

    start    open the store, sit down at the table: the real room (`ipse.operator.room`)
    die      of a kill, or with the machine's power; some time later it starts again

What is on its disk outlives it, and its clock goes on, right or wrong.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ipse.ground.errors import IpseError
from ipse.ground.names import Instant, OperatorId
from ipse.net.drive import until_stopped
from ipse.operator.beside import at_once
from ipse.operator.complaints import Complaints
from ipse.operator.desk import Desk, Step
from ipse.operator.lobby import Lobby
from ipse.operator.records import Records
from ipse.operator.room import Room
from ipse.operator.search import OwnSearch
from ipse.operator.uses import Uses
from ipse.ports import Keys
from ipse.store.archive import file_url
from ipse.store.complaints import ComplaintFolder
from ipse.store.home import LEDGER, SEGMENTS
from ipse.store.segments import Segments
from ipse.wire.charter import TrustedCharter
from ipse_lab.failing import FailingDisk, Struck
from ipse_lab.identities import BORN
from ipse_lab.network.perils import (
    Life,
    PerilousDisk,
    PerilousLedger,
    Perils,
    lose_keeper,
)
from ipse_lab.network.stage import Actor, Killed, Stage
from ipse_lab.network.street import Doorstep, Street

RESTART_S: Final = 3.0
"""Seconds after which a process that can't start is started again."""


class SkewedClock:
    """A clock that goes as fast as the stage's, and is wrong by its skew."""

    def __init__(self, stage: Stage) -> None:
        """Be right."""
        self.skew_ms = 0
        self._stage = stage

    def now(self) -> Instant:
        """See Clock."""
        return Instant(BORN + int(1_000 * self._stage.now_s) + self.skew_ms)


@dataclass(slots=True)
class Store:
    """What a process has open."""

    ledger: PerilousLedger
    segments: Segments
    records: Records


@dataclass(slots=True)
class Plate:
    """What is known of an operator from outside, and never changes."""

    operator: OperatorId
    charter: TrustedCharter
    keys: Keys
    home: Path


@dataclass(slots=True)
class Machine:
    """One operator's computer."""

    plate: Plate
    stage: Stage
    street: Street
    clock: SkewedClock
    perils: Perils = field(default_factory=Perils)
    at_step: Callable[[Step, int], None] = lambda _step, _times: None
    at_computed: Callable[[], None] = lambda: None  # somebody knows a bit
    at_death: Callable[[], None] = lambda: None
    room: Room | None = None
    store: Store | None = None
    lives: int = 0
    _actor: Actor | None = None
    _life: Life | None = None
    _disk: FailingDisk | None = None
    _open: ExitStack = field(default_factory=ExitStack)
    _steps: Counter[Step] = field(default_factory=Counter)

    @property
    def operator(self) -> OperatorId:
        """Whose it is."""
        return self.plate.operator

    @property
    def is_up(self) -> bool:
        """A process runs here, and its door is open."""
        return self.room is not None

    # --- life and death ---------------------------------------------------------------

    def start(self) -> None:
        """Start a process, unless one runs."""
        if self._actor is None:
            self.lives += 1
            self._actor = self.stage.enter(f"operator {self.operator}", self._live)

    def die(self, *, with_power: bool, for_s: float) -> bool:
        """End the process, and start another some time later.

        Returns: whether there was one.
        """
        actor, self._actor = self._actor, None
        if actor is None:
            return False
        kind = "loses its power" if with_power else "is killed"
        self.stage.note(f"operator {self.operator} {kind}")
        if self._life is not None:
            self._life.is_over = True
        if actor is not self.stage.acting:
            actor.kill()
        self._clear_away(with_power=with_power)
        self.stage.after(for_s, self.start)
        return True

    def close(self) -> None:
        """Close what is open, at the end of the play: all actors are over."""
        self._open.close()
        if self._disk is not None:
            self._disk.keep()

    def doom(self, *, with_power: bool, for_s: float) -> None:
        """Let the process get no further than this: it dies once it stands still."""
        if self._life is not None:
            self._life.is_over = True

        def die() -> None:
            self.die(with_power=with_power, for_s=for_s)

        self.stage.after(0.0, die)

    def _live(self) -> None:
        until_stopped(self._serve, self._stop)

    def _serve(self) -> None:
        try:
            room = self._opened()
            self.stage.note(f"operator {self.operator} is up")
            room.sit(lambda: False)
        except Struck:
            raise Killed from None  # not one of the faults that a process survives
        except IpseError as fault:
            self.stage.note(f"operator {self.operator} does not start: {fault}")

    def _stop(self) -> None:
        """End by itself, and be started again, as whoever runs an operator does."""
        if self._actor is None or (self._life is not None and self._life.is_over):
            return  # it was struck: whoever did clears away
        self._actor = None
        self._clear_away(with_power=False)
        self.stage.after(RESTART_S, self.start)

    def _clear_away(self, *, with_power: bool) -> None:
        """Leave what a dead process leaves: its disk, and hung-up wires."""
        self.room = self.store = None
        self.street.fall_silent(self.operator)
        self.at_death()
        with suppress(IpseError):
            self._open.close()
        self._open = ExitStack()
        disk, self._disk = self._disk, None
        if disk is None or self._life is None:
            return
        if not with_power:
            disk.keep()
            return
        disk.lose_power()
        flushed, self.perils.flushed = self.perils.flushed, None
        is_lost = self._life.dice.random() < 1 / 2
        lose_keeper(self._ledger_file, flushed if is_lost else None)

    # --- the process ------------------------------------------------------------------

    @property
    def _ledger_file(self) -> Path:
        return self.plate.home / LEDGER

    def _opened(self) -> Room:
        plate, rules = self.plate, self.plate.charter.charter
        self._life = Life(self.perils, seed=self.lives)
        self._disk = PerilousDisk(self._life)
        ledger = self._open.enter_context(
            closing(
                PerilousLedger(
                    file_url(self._ledger_file),
                    f"operator {plate.operator}",
                    self.clock,
                    self._life,
                )
            )
        )
        segments = self._open.enter_context(
            closing(
                Segments(
                    plate.home / SEGMENTS,
                    rules.forms,
                    charter=plate.charter.digest,
                    epoch=rules.epoch,
                    operator=plate.operator,
                    disk=self._disk,
                )
            )
        )
        records = Records(ledger, segments, rules.epoch, self.clock)
        desk = Desk(
            plate.operator,
            plate.charter,
            plate.keys,
            self.clock,
            Lobby(),
            records,
            Uses(plate.operator, ledger.uses, plate.charter, plate.keys),
            Complaints(
                plate.operator,
                plate.charter,
                plate.keys,
                ComplaintFolder(plate.home / "complaints", self._disk),
            ),
            OwnSearch(plate.operator, records),
            at_once,
            self._pass,
        )
        doorstep = Doorstep(plate.operator, self.street, self.stage)
        self.store = Store(ledger, segments, records)
        self.room = Room(desk, ledger, doorstep, rest=self._rest)
        return self.room

    def _rest(self, seconds: float) -> None:
        actor = self.stage.acting
        if actor is None:
            raise Killed
        actor.sleep(self.stage.now_s + seconds)

    def _pass(self, step: Step) -> None:
        """Pass a step, or not. Raises: Struck."""
        self._steps[step] += 1
        if step is Step.COMPUTED:
            self.at_computed()
        self.at_step(step, self._steps[step])
        if self._life is not None and self._life.is_over:
            raise Struck
