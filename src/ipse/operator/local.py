"""A local network: three operator processes on this machine, under one home.

    create_network   draws three keyrings, writes a charter that all three signed
    start            starts the operators that do not run, waits until they are ready
    stop             asks them to stop, and waits until they have
    status           says how each is

For trying, testing and the laboratory: three operators on one machine keep no secret
from whoever has the machine. Whether a process runs is asked of the kernel, by its
home's lock, not of a file that a crash may leave behind.
"""

import fcntl
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Final

from ipse.ground.errors import Refused, Unavailable
from ipse.ground.names import OPERATORS, Epoch, Form, OperatorId
from ipse.keys.durable import sync_directory, write_new
from ipse.keys.operator import draw_keyring, save_keyring
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.net.doorway import split_address
from ipse.operator.home import (
    CHARTER,
    keys_folder,
    log_file,
    operator_folder,
    pid_file,
    read_charter,
)
from ipse.store.home import LOCK
from ipse.wire.charter import (
    SIGNED_CHARTER,
    Charter,
    OperatorEntry,
    SignedCharter,
    Thresholds,
    TrustedCharter,
    sign_charter,
    trust,
)

HOST: Final = "127.0.0.1"
FIRST_PORT: Final = 7_700
"""Ports 7701 to 7703 for wallets, 7711 to 7713 among operators."""

READY_S: Final = 120.0
"""Seconds to start: about three, and a minute where the kernels are compiled first."""

STOP_S: Final = 15.0
PROBE_S: Final = 2.0
PAUSE_S: Final = 0.05

NO_VARIABLES: Final[Mapping[str, str]] = {}

_children: Final[list[subprocess.Popen[bytes]]] = []
"""Operators that this very process started: to be waited for when they end."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where one operator listens."""

    owners: int
    peers: int


@dataclass(frozen=True, slots=True)
class OperatorState:
    """How one operator's process is."""

    operator: OperatorId
    pid: int | None  # none if it does not run
    is_ready: bool  # it serves: all three are here, nothing is in doubt
    records: int | None  # none if it does not answer
    present: tuple[int, ...]  # other operators that it sees
    owner_address: str


def default_ports() -> tuple[Ports, ...]:
    """Return the ports of a home that asks for none."""
    return tuple(Ports(FIRST_PORT + n, FIRST_PORT + 10 + n) for n in OPERATORS)


def create_network(
    home: Path,
    network: str,
    *,
    thresholds: Sequence[Thresholds],
    laboratory: bool = False,
    ports: Sequence[Ports] | None = None,
    encoder: str = "none",
    proved_search: int = 0,
) -> TrustedCharter:
    """Draw the keys of three operators and write the charter that they signed.

    Raises:
        Refused: there is a network in this home.
        Unavailable: the disk will not.
    """
    if (home / CHARTER).exists():
        raise Refused(
            f"There is a network in {home.name} already: use it, or choose another "
            "home."
        )
    clock, entropy = SystemClock(), SystemEntropy()
    rings = []
    for operator in OPERATORS:
        folder = operator_folder(home, operator)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ring = draw_keyring(network, operator, entropy, clock.now())
        save_keyring(ring, keys_folder(home, operator), entropy)
        rings.append(ring)
    entries: list[OperatorEntry] = [
        ring.entry(
            f"Operator {ring.operator}",
            f"{HOST}:{at.peers}",
            f"https://{HOST}:{at.owners}",
        )
        for ring, at in zip(rings, ports or default_ports(), strict=True)
    ]
    named = {form for one in thresholds for form in one.forms}
    charter = Charter(
        network=network,
        version=1,
        epoch=Epoch(0),
        laboratory=laboratory,
        forms=tuple(form for form in Form if form in named),
        thresholds=tuple(thresholds),
        encoder=encoder,
        proved_search=proved_search,
        operators=tuple(entries),
    )
    signatures = tuple(sign_charter(charter, ring.sign) for ring in rings)
    signed = SignedCharter(charter, signatures)
    write_new(home / CHARTER, SIGNED_CHARTER.encode(signed), entropy)
    sync_directory(home)
    return trust(signed)


def start(
    home: Path, *, wait_s: float = READY_S, workers: int = 0
) -> tuple[OperatorState, ...]:
    """Start the operators that do not run, and wait until all three are ready.

    Raises: Unavailable: one did not start; its log's last line says why.
    """
    charter = read_charter(home)
    processes = {
        operator: spawn(home, operator, options=["--workers", str(workers)])
        for operator in OPERATORS
        if not is_running(home, operator)
    }
    deadline = time.monotonic() + wait_s
    while True:
        for operator, process in processes.items():
            if process.poll() is not None:
                said = _last_line(log_file(home, operator))
                raise Unavailable(f"Operator {operator} stopped: {said}")
        states = _states(home, charter)
        if all(state.is_ready for state in states):
            return states
        if time.monotonic() > deadline:
            late = [state.operator for state in states if not state.is_ready]
            raise Unavailable(
                f"Operators {late} are not ready after {wait_s:g} s: see the logs in "
                f"{log_file(home, OPERATORS[0]).parent.name}."
            )
        time.sleep(PAUSE_S)


def spawn(
    home: Path,
    operator: OperatorId,
    program: Sequence[str] = ("-m", "ipse.operator"),
    options: Sequence[str] = (),
    variables: Mapping[str, str] = NO_VARIABLES,
) -> subprocess.Popen[bytes]:
    """Start one operator's process, detached, and do not wait for it."""
    log = log_file(home, operator)
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    chosen = ["--home", str(home.resolve()), "--operator", str(operator), *options]
    with log.open("ab") as written:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, *program, *chosen],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
            env={**os.environ, **variables},
        )
    _children[:] = [child for child in _children if child.poll() is None]
    _children.append(process)
    return process


def stop(home: Path, *, wait_s: float = STOP_S) -> None:
    """Stop all operators of this home, and wait until they have stopped.

    Raises: Unavailable: one does not stop.
    """
    told: set[int] = set()
    deadline = time.monotonic() + wait_s
    while running := [n for n in OPERATORS if is_running(home, n)]:
        for operator in running:
            pid = _pid(home, operator)
            if pid is not None and pid not in told:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
                told.add(pid)
        if time.monotonic() > deadline:
            raise Unavailable(
                f"Operators {running} do not stop: end their processes by hand."
            )
        time.sleep(PAUSE_S)
    _children[:] = [child for child in _children if child.poll() is None]


def status(home: Path) -> tuple[OperatorState, ...]:
    """Say how the three operators are. Raises: Unavailable: there is no network."""
    return _states(home, read_charter(home))


def is_running(home: Path, operator: OperatorId) -> bool:
    """Say whether a process holds the operator's home."""
    try:
        number = os.open(
            operator_folder(home, operator) / LOCK, os.O_RDWR | os.O_CLOEXEC
        )
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(number)
    return False


def _states(home: Path, charter: TrustedCharter) -> tuple[OperatorState, ...]:
    return tuple(_state(home, entry) for entry in charter.charter.operators)


def _state(home: Path, entry: OperatorEntry) -> OperatorState:
    pid = _pid(home, entry.operator)
    health = {} if pid is None else _health(entry)
    return OperatorState(
        entry.operator,
        pid,
        bool(health.get("is_ready")),
        health.get("records"),
        tuple(health.get("present", ())),
        entry.owner_address,
    )


def _pid(home: Path, operator: OperatorId) -> int | None:
    """Return the process that holds the home; a stale file names none."""
    if not is_running(home, operator):
        return None
    try:
        return int(pid_file(home, operator).read_text())
    except (FileNotFoundError, ValueError):
        return None  # it has just started


def _health(entry: OperatorEntry) -> dict[str, Any]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=entry.certificate)
    host, port = split_address(entry.owner_address.removeprefix("https://"))
    connection = HTTPSConnection(host, port, timeout=PROBE_S, context=context)
    try:
        connection.request("GET", "/v1/health")
        found = json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return found if isinstance(found, dict) else {}


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return lines[-1] if lines else "it said nothing."
