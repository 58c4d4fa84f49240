"""The world of a play: three machines, the street between them, doors and people.

Keys are drawn once for a process: nothing that is noted depends on them.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

from ipse.ground.names import OPERATORS, Form, OperatorId
from ipse.operator.local import Ports
from ipse.owner.verdict import Reply
from ipse.owner.wallet import Owner
from ipse.receipt.check import Proof
from ipse.wire.charter import Thresholds, TrustedCharter
from ipse.wire.request import Submission
from ipse_lab.fakes import CountedEntropy
from ipse_lab.identities import Rings, charter_of, drawn_rings
from ipse_lab.network.door import Doors, VirtualCourier
from ipse_lab.network.machine import Machine, Plate, SkewedClock
from ipse_lab.network.owners import MemoryVault, Person, Tell
from ipse_lab.network.script import Part
from ipse_lab.network.stage import Stage
from ipse_lab.network.street import Street
from ipse_lab.network.truth import Promise, Truth
from ipse_lab.network.uses import UsesSeen
from ipse_lab.network.wire import Speech
from ipse_lab.processes import new_body

THRESHOLDS: Final = (Thresholds((Form.FACE,), 5_000, 5_000),)

NOWHERE: Final = tuple(Ports(2 * number, 2 * number + 1) for number in OPERATORS)
"""Ports that nobody listens at: they stand in what operators say."""


@cache
def network() -> tuple[Rings, TrustedCharter]:
    """Return three operators' keys, and the charter that they signed."""
    rings = drawn_rings()
    return rings, charter_of(rings, thresholds=THRESHOLDS, ports=NOWHERE)


@dataclass(slots=True)
class Witness:
    """A courier that has the truth look over its shoulder."""

    courier: VirtualCourier
    truth: Truth
    stage: Stage
    presents: Callable[[], int | None]

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """See Courier."""
        request = submissions[OPERATORS[0]].request
        question = self.truth.ask(request, self.presents(), self.stage.now_s)
        replies = self.courier.deliver(submissions)
        self.truth.hear(question, replies, self.stage.now_s)
        return replies


class World:
    """Everything there is."""

    def __init__(
        self,
        seed: int,
        folder: Path,
        parts: Sequence[Part],
        speech_of: Callable[[OperatorId, OperatorId], Speech],
        tell: Tell,
    ) -> None:
        """Furnish it; nobody acts yet."""
        rings, charter = network()
        self.seed = seed
        self._tell = tell
        self.charter = charter
        self.stage = Stage()
        dice = random.Random(f"street {seed}")  # noqa: S311 (to be drawn again)
        self.street = Street(self.stage, dice, speech_of)
        self.machines = {
            operator: self._machine(operator, folder / str(operator), rings)
            for operator in OPERATORS
        }
        self.truth = Truth(charter, self.machines)
        self.doors = Doors(self.stage, charter, self.machines)
        self.uses = UsesSeen(self.truth)
        for operator, machine in self.machines.items():
            machine.at_computed = partial(
                self.uses.see_computed, self.machines, machine
            )
            machine.at_death = partial(self.doors.break_off_all, operator)
        self.people = [
            self.person(f"person {number}", part.body)
            for number, part in enumerate(parts)
        ]

    def person(self, name: str, body: int) -> Person:
        """Let somebody be there, with a wallet that is empty."""
        vault = MemoryVault(lambda _number, _is_before: None)
        witness = Witness(
            VirtualCourier(self.doors, self.uses.hear),
            self.truth,
            self.stage,
            lambda: person.presents,
        )
        owner = Owner(
            self.charter,
            vault,
            witness,
            SkewedClock(self.stage),
            CountedEntropy(f"{self.seed} {name}"),
        )
        person = Person(
            name,
            body,
            owner,
            vault,
            lambda number: new_body(1_000 * self.seed + number),
            self.stage,
            self._tell,
            self._prove,
        )
        return person

    def _prove(self, person: Person, proof: Proof) -> None:
        """Hear what a ledger proves that somebody asked for."""
        if self.truth.is_lied_to:
            return
        for fault in proof.faults:
            self.truth.breach(Promise.ONE_LEDGER, f"{person.name}: {fault.sentence}")

    def _machine(self, operator: OperatorId, home: Path, rings: Rings) -> Machine:
        home.mkdir()
        plate = Plate(operator, self.charter, rings[operator], home)
        return Machine(plate, self.stage, self.street, SkewedClock(self.stage))
