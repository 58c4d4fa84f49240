"""Strikes: what a plan's faults do to a world, each when its time or its turn comes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ipse.ground.names import OperatorId
from ipse.operator.desk import Step
from ipse_lab.failing import Struck
from ipse_lab.network.door import NONE
from ipse_lab.network.lies import Liar
from ipse_lab.network.perils import Blow
from ipse_lab.network.plan import Fault, Kind, Plan
from ipse_lab.network.street import PAIRS
from ipse_lab.network.wire import Speech
from ipse_lab.network.world import World

WAYS: Final = (*PAIRS, *((other, one) for one, other in PAIRS))
STEPS: Final = tuple(Step)


class Strikes:
    """A plan on its way."""

    def __init__(self, plan: Plan) -> None:
        """Strike nobody yet."""
        self.injected: Counter[Kind] = Counter()
        self.is_over = False
        self._plan = plan
        self._liars: dict[OperatorId, Liar] = {}
        self._told_lie: Callable[[str], None] = lambda _what: None

    def speech_of(self, operator: OperatorId, _peer: OperatorId) -> Speech:
        """Say how an operator speaks: as itself, or as a liar."""
        if operator not in self._liars:
            lies = {
                int(fault.at): fault.size
                for fault in self._of(Kind.LIE)
                if fault.who == operator
            }
            self._liars[operator] = Liar(lies, self._at_lie)
        return self._liars[operator].speak

    def _at_lie(self, what: str) -> None:
        self._told_lie(what)

    def begin(self, world: World) -> None:
        """Prepare all strikes."""
        for fault in self._plan.faults:
            self._prepare(fault, world)
        for operator, machine in world.machines.items():
            machine.at_step = self._stepping(operator, world)
            machine.perils.at_full = lambda: self._count(Kind.FULL)
        for number, person in enumerate(world.people):
            person.vault.at_save = self._saving(number)
        world.doors.at_mishap = lambda mishap: self._count(*map(Kind, mishap.kinds))

        def told(what: str) -> None:
            self._count(Kind.LIE)
            world.truth.is_lied_to = True
            world.stage.note(f"a lie: {what}")

        self._told_lie = told

    def cease(self, world: World) -> None:
        """Strike no more, and mend what is broken."""
        self.is_over = True
        world.street.open_up()
        world.doors.mishaps.clear()
        for liar in self._liars.values():
            liar.stop()
        for machine in world.machines.values():
            machine.perils.is_full = False
            machine.perils.blows.clear()
            machine.clock.skew_ms = 0

    # --- each kind --------------------------------------------------------------------

    def _prepare(self, fault: Fault, world: World) -> None:
        match fault.kind:
            case Kind.KILLED_BEFORE | Kind.POWER_BEFORE:
                self._blow(fault, world, is_before=True)
            case Kind.KILLED_AFTER | Kind.POWER_AFTER:
                self._blow(fault, world, is_before=False)
            case Kind.POST_LOST:
                self._mishap(fault, world, is_lost=True)
            case Kind.ANSWER_LOST:
                self._mishap(fault, world, is_answer_lost=True)
            case Kind.POST_LATE:
                self._mishap(fault, world, late_s=fault.size)
            case Kind.POST_AGAIN:
                self._mishap(fault, world, again_s=fault.size)
            case (
                Kind.KILLED_AT_STEP | Kind.DEVICE_BEFORE | Kind.DEVICE_AFTER | Kind.LIE
            ):
                pass  # looked up when it is their turn
            case _:
                world.stage.after(fault.at, lambda: self._strike(fault, world))

    def _strike(self, fault: Fault, world: World) -> None:
        """Strike at a moment."""
        if self.is_over:
            return
        world.stage.note(str(fault))
        street = world.street
        match fault.kind:
            case Kind.CUT | Kind.TORN:
                is_torn = fault.kind is Kind.TORN
                if street.cut(PAIRS[fault.who], is_torn=is_torn):
                    self._count(fault.kind)
            case Kind.BLOCKED:
                street.block(PAIRS[fault.who], fault.size)
                self._count(fault.kind)
            case Kind.STALLED:
                street.stall(WAYS[fault.who], fault.size)
                self._count(fault.kind)
            case Kind.KILLED:
                machine = world.machines[OperatorId(fault.who)]
                if machine.die(with_power=False, for_s=fault.size):
                    self._count(fault.kind)
            case Kind.FULL:
                self._fill(fault, world)
            case _:
                clock = world.machines[OperatorId(fault.who)].clock
                clock.skew_ms += int(fault.size)
                self._count(Kind.CLOCK)

    def _fill(self, fault: Fault, world: World) -> None:
        perils = world.machines[OperatorId(fault.who)].perils
        perils.is_full = True

        def empty() -> None:
            perils.is_full = False

        world.stage.after(fault.size, empty)

    def _blow(self, fault: Fault, world: World, *, is_before: bool) -> None:
        machine = world.machines[OperatorId(fault.who)]
        with_power = fault.kind in (Kind.POWER_BEFORE, Kind.POWER_AFTER)
        machine.perils.may_lose_power |= with_power

        def strike() -> None:
            self._count(fault.kind)
            world.stage.note(str(fault))
            machine.doom(with_power=with_power, for_s=fault.size)

        machine.perils.blows[int(fault.at)] = Blow(is_before, strike)

    def _mishap(self, fault: Fault, world: World, **what: object) -> None:
        mishaps, number = world.doors.mishaps, int(fault.at)
        before = mishaps.get(number, NONE)
        kinds = (*before.kinds, fault.kind.value)
        mishaps[number] = replace(before, kinds=kinds, **what)  # type: ignore[arg-type]  # fields of a Mishap

    def _stepping(
        self, operator: OperatorId, world: World
    ) -> Callable[[Step, int], None]:
        due = {
            (STEPS[int(fault.size)], int(fault.at))
            for fault in self._of(Kind.KILLED_AT_STEP)
            if fault.who == operator
        }

        def pass_(step: Step, times: int) -> None:
            if (step, times) in due and not self.is_over:
                self._count(Kind.KILLED_AT_STEP)
                world.stage.note(f"operator {operator} dies when {step}")
                world.machines[operator].doom(with_power=False, for_s=OUTAGE_S)

        return pass_

    def _saving(self, number: int) -> Callable[[int, bool], None]:
        due = {
            (int(fault.at), fault.kind is Kind.DEVICE_BEFORE): fault.kind
            for kind in (Kind.DEVICE_BEFORE, Kind.DEVICE_AFTER)
            for fault in self._of(kind)
            if fault.who == number
        }

        def save(times: int, is_before: bool) -> None:  # noqa: FBT001 (as it is called)
            kind = due.get((times, is_before))
            if kind is not None and not self.is_over:
                self._count(kind)
                raise Struck

        return save

    def _of(self, kind: Kind) -> list[Fault]:
        return [fault for fault in self._plan.faults if fault.kind is kind]

    def _count(self, *kinds: Kind) -> None:
        self.injected.update(kinds)


OUTAGE_S: Final = 3.0
"""Seconds until a process is back that died at a step."""
