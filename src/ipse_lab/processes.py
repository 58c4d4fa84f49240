"""A network of three real processes for tests: free ports, one folder, any owner.

    with started(folder) as network:
        network.ask(owner, Purpose.ENROL, body)   ->  three replies
        network.kill(2); network.revive()

Requests are composed by the wallet's own code and sent by its own courier; what is
left out is the wallet's file, so that a test can ask the same thing many times.
"""

import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Final

import numpy as np

from ipse.crypto.signature import KEY_BYTES
from ipse.ground.names import (
    HANDLE_BYTES,
    OPERATORS,
    Form,
    Handle,
    OperatorId,
    Outcome,
    Purpose,
)
from ipse.ground.params import LENGTH, SCALE
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.keys.wallet import Wallet
from ipse.operator import local
from ipse.operator.home import LEDGER_VARIABLE
from ipse.operator.local import OperatorState, Ports
from ipse.owner.courier import HttpsCourier
from ipse.owner.request import Body, Dispatch, compose
from ipse.owner.verdict import Reply
from ipse.store.home import LEDGER, SEGMENTS
from ipse.wire.charter import Thresholds, TrustedCharter
from ipse.wire.verdict import Verdict

FACE = (Form.FACE,)
BOTH = (Form.FACE, Form.VOICE)
THRESHOLDS = (Thresholds(FACE, 5_000, 5_000), Thresholds(BOTH, 9_000, 9_000))
IN_THEIR_HOMES: Final[Mapping[OperatorId, str]] = {}
PATIENCE_S = 2.5
READY_S = 200.0
"""Seconds: a network with workers takes some twenty, and several times that where other
tests share the machine."""


@dataclass(frozen=True, slots=True)
class Network:
    """Three operators under one home, and how to ask them."""

    home: Path
    charter: TrustedCharter
    workers: int = 0  # of each operator
    ledgers: Mapping[OperatorId, str] = field(default_factory=dict)
    """URLs of the ledgers that are not in their operators' homes."""

    def compose(self, owner: Wallet, purpose: Purpose, *bodies: Body) -> Dispatch:
        """Make a request as the wallet does."""
        return compose(
            self.charter, owner, purpose, bodies, SystemClock(), SystemEntropy()
        )

    def deliver(self, dispatch: Dispatch) -> Mapping[OperatorId, Reply]:
        """Send a request to all three, and return what each replied."""
        with HttpsCourier(self.charter.charter, deadline_s=60.0) as courier:
            return courier.deliver(dispatch.submissions)

    def ask(
        self, owner: Wallet, purpose: Purpose, *bodies: Body
    ) -> Mapping[OperatorId, Reply]:
        """Ask all three operators."""
        return self.deliver(self.compose(owner, purpose, *bodies))

    def outcome(self, owner: Wallet, purpose: Purpose, *bodies: Body) -> Outcome | str:
        """Ask, and return the one outcome; or what was said instead of one."""
        return outcome_of(self.ask(owner, purpose, *bodies))

    def spawn(
        self,
        operator: OperatorId,
        *,
        dying_at: str | None = None,
        file_bytes: int | None = None,
        lie: str | None = None,
    ) -> Popen[bytes]:
        """Start one operator's process, if wanted with a fault (ipse_lab.faults).

        Or it lies in each job (ipse_lab.liar).
        """
        options = ["--patience", str(PATIENCE_S), "--workers", str(self.workers)]
        if dying_at is not None:
            options += ["--step", dying_at]
        if file_bytes is not None:
            options += ["--file-bytes", str(file_bytes)]
        module = "ipse.operator"
        if dying_at is not None or file_bytes is not None:
            module = "ipse_lab.faults"
        if lie is not None:
            module = "ipse_lab.liar"
            options += ["--lie", lie]
        ledger = self.ledgers.get(operator)
        variables = {} if ledger is None else {LEDGER_VARIABLE: ledger}
        return local.spawn(self.home, operator, ("-m", module), options, variables)

    def kill(self, operator: OperatorId) -> None:
        """Kill one operator's process, without a warning."""
        pid = local.status(self.home)[operator - 1].pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        while local.is_running(self.home, operator):
            time.sleep(0.01)

    def wait_until_ready(self) -> tuple[OperatorState, ...]:
        """Return once all three serve. Raises: TimeoutError."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            states = local.status(self.home)
            if all(state.is_ready for state in states):
                return states
            time.sleep(0.05)
        raise TimeoutError(f"the network is not ready: {local.status(self.home)}")

    def revive(self) -> tuple[OperatorState, ...]:
        """Start whoever is dead, and wait until all three serve."""
        for operator in OPERATORS:
            if not local.is_running(self.home, operator):
                self.spawn(operator)
        return self.wait_until_ready()

    def records(self, operator: OperatorId) -> int:
        """Return how many records an operator has."""
        return int(local.status(self.home)[operator - 1].records or 0)

    def ledger(self, operator: OperatorId) -> Path:
        """Return an operator's ledger file."""
        return self.home / "operators" / str(operator) / LEDGER

    def segments(self, operator: OperatorId) -> Path:
        """Return an operator's folder of shares, of the present epoch."""
        epoch = self.charter.charter.epoch
        return self.home / "operators" / str(operator) / SEGMENTS / str(epoch)


@contextmanager
def created(
    folder: Path,
    *,
    laboratory: bool = False,
    thresholds: tuple[Thresholds, ...] = THRESHOLDS,
    workers: int = 0,
    ledgers: Mapping[OperatorId, str] = IN_THEIR_HOMES,
) -> Iterator[Network]:
    """Make a network whose operators don't run yet; stop them at the end."""
    home = folder / "home"
    home.mkdir()
    charter = local.create_network(
        home,
        "test",
        thresholds=thresholds,
        laboratory=laboratory,
        ports=free_ports(),
    )
    try:
        yield Network(home, charter, workers, ledgers)
    finally:
        local.stop(home)


@contextmanager
def started(
    folder: Path,
    *,
    laboratory: bool = False,
    thresholds: tuple[Thresholds, ...] = THRESHOLDS,
    workers: int = 0,
    ledgers: Mapping[OperatorId, str] = IN_THEIR_HOMES,
) -> Iterator[Network]:
    """Make a network and start it; stop it at the end."""
    made = created(
        folder,
        laboratory=laboratory,
        thresholds=thresholds,
        workers=workers,
        ledgers=ledgers,
    )
    with made as network:
        network.revive()
        yield network


def outcome_of(replies: Mapping[OperatorId, Reply]) -> Outcome | str:
    """Return the outcome that all verdicts share, or what was said instead of one."""
    outcomes = {
        reply.finding.outcome
        for reply in replies.values()
        if isinstance(reply, Verdict)
    }
    if len(outcomes) == 1:
        return outcomes.pop()
    return " | ".join(str(reply) for reply in replies.values())


def new_owner(network: Network, forms: tuple[Form, ...] = FACE) -> Wallet:
    """Draw somebody's handle and key."""
    entropy = SystemEntropy()
    return Wallet(
        network.charter.charter.network,
        network.charter.digest,
        Handle(entropy.draw(HANDLE_BYTES)),
        entropy.draw(KEY_BYTES),
        forms,
        "pending",
    )


def new_body(seed: int, forms: tuple[Form, ...] = FACE) -> Body:
    """Draw templates that resemble no others."""
    dice = np.random.default_rng(seed)
    body = {}
    for form in forms:
        drawn = dice.normal(size=LENGTH[form])
        body[form] = np.rint(SCALE[form] * drawn / np.linalg.norm(drawn)).astype(
            np.int16
        )
    return body


def free_ports(operators: int = 3) -> tuple[Ports, ...]:
    """Return two ports for each operator that nobody listens at right now."""
    with ExitStack() as stack:
        ears = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            for _ in range(2 * operators)
        ]
        numbers = [int(ear.getsockname()[1]) for ear in ears]
    return tuple(map(Ports, numbers[::2], numbers[1::2]))
