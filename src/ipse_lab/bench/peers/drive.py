"""Starts a peer's processes, asks them for runs, and checks what they found.

A peer that is not installed, stops, or takes too long is no fault of the measurement:
`Absent` says why, and the run goes on without it.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ipse.ground.errors import Unavailable
from ipse_lab.bench.peers.exchange import Bits
from ipse_lab.bench.relay import relayed

ENVIRONMENTS: Final = Path("bench")  # where `make bench` puts the peers' packages
SOURCES: Final = Path(__file__).parents[3]
OWN: Final = ""
PREPARED_S: Final = 120.0
RUN_S: Final = 60.0
THREADS: Final = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
PINNED: Final = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Left out of a peer's environment: a library chooses the kernel for its processor."""


class Absent(Unavailable):
    """A peer can't take part; the message says why."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """One peer, and what there is to say of it in all fairness."""

    name: str  # as the table calls it
    word: str  # as `--peers` calls it
    module: str  # in ipse_lab.bench.peers
    environment: str  # name of its packages' environment; "" is our own
    processes: int
    threads: int  # of each process
    model: str  # what it protects, and how it talks
    arguments: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """True if it computes in the clear."""
        return self.processes == 1


@dataclass(frozen=True, slots=True)
class Run:
    """One query of a peer."""

    seconds: float  # from the first process's start to the last one's end
    cpu_s: float  # of all processes
    sent_bytes: int  # of all processes
    bits_wrong: int


class Started:
    """A peer whose processes are prepared."""

    def __init__(
        self,
        processes: list[subprocess.Popen[str]],
        folder: Path,
        expected: Bits,
        version: str,
    ) -> None:
        """Keep hold of them; `started` ends them."""
        self._processes, self._folder = processes, folder
        self._expected = expected
        self.version = version

    def run(self, queries: int) -> list[Run]:
        """Do some queries back to back, and hold every bit against the plain answers.

        Raises: Absent: a process stopped, or it took too long.
        """
        for process in self._processes:
            _ask(process, queries)
        said = [_heard(process, RUN_S, self._folder) for process in self._processes]
        return [
            self._checked(query, [of_one[query] for of_one in said])
            for query in range(queries)
        ]

    def _checked(self, query: int, said: list[dict[str, Any]]) -> Run:
        found = [
            np.load(self._folder / f"answers-{rank}-{query}.npy")
            for rank in range(len(self._processes))
        ]
        return Run(
            seconds=max(each["ended_s"] for each in said)
            - min(each["began_s"] for each in said),
            cpu_s=sum(each["cpu_s"] for each in said),
            sent_bytes=sum(each["sent_bytes"] for each in said),
            bits_wrong=sum(int((bits != self._expected).sum()) for bits in found),
        )


@contextmanager
def started(
    entrant: Entrant, folder: Path, expected: Bits, rtt_ms: float = 0.0
) -> Iterator[Started]:
    """Start a peer on the task in a folder, and end it afterwards.

    Args:
        entrant: the peer.
        folder: its own, with the task; its answers come to lie there.
        expected: the plain answers.
        rtt_ms: how long a round trip between two of its processes takes at least.

    Raises: Absent: it is not installed, or it did not get ready.
    """
    interpreter = interpreter_of(entrant)
    module = f"ipse_lab.bench.peers.{entrant.module}"
    with ExitStack() as ending:
        listening = _free_ports(2 * entrant.processes)
        doors, calls = listening[: entrant.processes], listening[entrant.processes :]
        if rtt_ms:
            pairs = list(zip(calls, doors, strict=True))
            ending.enter_context(relayed(rtt_ms / 2, pairs))
        processes = []
        for rank in range(entrant.processes):
            # where this process listens itself, and where it finds the others
            met = calls if rtt_ms else doors
            ports = [*met[:rank], doors[rank], *met[rank + 1 :]]
            said = ending.enter_context((folder / f"said-{rank}").open("w"))
            process = subprocess.Popen(  # noqa: S603 (an interpreter of ours)
                [
                    *(interpreter, "-m", module, str(folder), str(rank)),
                    ",".join(str(port) for port in ports),
                    *entrant.arguments,
                ],
                env=_environment(entrant),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                start_new_session=True,
            )
            ending.callback(_end, process)
            processes.append(process)
        ready = [_heard(process, PREPARED_S, folder) for process in processes]
        yield Started(processes, folder, expected, ready[0]["version"])


def interpreter_of(entrant: Entrant) -> str:
    """Return the Python that has this peer's packages.

    Raises: Absent: there is none; the installer's last words are told.
    """
    if entrant.environment == OWN:
        return sys.executable
    home = ENVIRONMENTS / f".venv-{entrant.environment}"
    if (home / "ready").exists():
        return str(home.absolute() / "bin" / "python")
    log = ENVIRONMENTS / f".venv-{entrant.environment}.log"
    words = log.read_text().strip().splitlines() if log.exists() else []
    raise Absent(f"not installed: {words[-1] if words else '`make bench` does it'}")


def _environment(entrant: Entrant) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in PINNED}
    threads = {f"{name}_NUM_THREADS": str(entrant.threads) for name in THREADS}
    # a thread that waits for work must not take a core from whoever runs next
    return {
        **kept,
        **threads,
        "OMP_WAIT_POLICY": "passive",
        "PYTHONPATH": str(SOURCES),
        "JAX_PLATFORMS": "cpu",
    }


def _ask(process: subprocess.Popen[str], queries: int) -> None:
    if process.stdin is None or process.poll() is not None:
        raise Absent(f"it stopped with exit code {process.returncode}")
    process.stdin.write(f"{queries}\n")
    process.stdin.flush()


def _heard(process: subprocess.Popen[str], patience_s: float, folder: Path) -> Any:  # noqa: ANN401 (JSON)
    if (
        process.stdout is None
        or not select.select([process.stdout], [], [], patience_s)[0]
    ):
        raise Absent(f"it said nothing for {patience_s:.0f} s")
    line = process.stdout.readline()
    if not line:
        raise Absent(f"it stopped with exit code {process.wait()}: {_last(folder)}")
    return json.loads(line)


def _last(folder: Path) -> str:
    """Tell the last words of whoever stopped first."""
    words = [
        said.read_text(errors="replace").strip().splitlines()
        for said in sorted(folder.glob("said-*"))
    ]
    return next((lines[-1] for lines in words if lines), "without a word")


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and whatever it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
