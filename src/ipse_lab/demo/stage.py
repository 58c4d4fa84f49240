"""The stage: three operator processes in a home of their own, gone when the play ends.

However the play ends (its end, an error, Ctrl-C), the processes are stopped, and
those that do not stop are killed: nothing is left running, nothing on the disk.
"""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ipse.ground.errors import Unavailable
from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator.home import log_file
from ipse.operator.local import Ports, create_network, is_running, spawn, start
from ipse.owner.encoder import ENCODER, default_thresholds
from ipse.wire.charter import TrustedCharter
from ipse_lab.processes import free_ports

NETWORK: Final = "demonstration"
OPERATOR: Final = ("-m", "ipse.operator")
STOP_S: Final = 10.0
START_S: Final = 60.0
PAUSE_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Stage:
    """A laboratory network that runs."""

    home: Path
    charter: TrustedCharter
    pids: tuple[int, ...]  # of operators 1, 2, 3


def no_options(_operator: OperatorId) -> Sequence[str]:
    """Start an operator as `ipse up` does."""
    return ()


@contextmanager
def laboratory_network(
    ports: Sequence[Ports] | None = None,
    program: Sequence[str] = OPERATOR,
    options: Callable[[OperatorId], Sequence[str]] = no_options,
) -> Iterator[Stage]:
    """Start a fresh laboratory network; stop and remove it at the end.

    Args:
        ports: what the charter says; any free ones by default.
        program: what runs as an operator.
        options: each operator's own.

    Raises: Unavailable: an operator does not start; its last words say why.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ipse-demo-"))
        home = Path(folder)
        charter = create_network(
            home,
            NETWORK,
            thresholds=default_thresholds(),
            laboratory=True,
            ports=ports or free_ports(),
            encoder=ENCODER,
        )
        processes: list[subprocess.Popen[bytes]] = []
        stack.callback(_stop, processes)
        for operator in OPERATORS:
            processes.append(spawn(home, operator, program, options(operator)))  # noqa: PERF401 (stopped if cut off)
        _await_locks(home, processes)
        start(home)
        yield Stage(home, charter, tuple(process.pid for process in processes))


def _await_locks(home: Path, processes: list[subprocess.Popen[bytes]]) -> None:
    """Wait until each process holds its home, so that none is started twice."""
    deadline = time.monotonic() + START_S
    for operator, process in zip(OPERATORS, processes, strict=True):
        while not is_running(home, operator):
            if process.poll() is not None or time.monotonic() > deadline:
                said = log_file(home, operator).read_text(errors="replace").strip()
                last = said.splitlines()[-1] if said else "it said nothing."
                raise Unavailable(f"Operator {operator} does not start: {last}")
            time.sleep(PAUSE_S)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
