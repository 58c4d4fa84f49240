"""How a peer is asked: one folder with the task, one line for each run.

Run by: a peer's processes, in the peer's own environment: NumPy is all it needs.
Each is started as `python -m ipse_lab.bench.peers.PEER FOLDER RANK PORTS`, and then::

    asked        said
                 {"ready": ..., "version": ...}   loaded and prepared; not in the time
    3            [{"began_s": ...}]   three queries, one after the other; the answers
                                      of query Q lie in FOLDER/answers-RANK-Q.npy
    (the end)                         the process ends

Whatever a library prints goes to standard error, so that the lines stay readable.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Protocol, TextIO

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Rule:
    """When a comparison matches, and how large the job is."""

    form: str  # "embedding" or "code"
    length: int  # entries of an embedding, or of a code without its mask
    records: int
    probes: int  # for a code: rotations of one probe, joined by OR
    threshold: int  # an embedding matches if its score is not below
    agreement: int  # a code matches if agreement * dot > weight * valid
    weight: int

    @property
    def comparisons(self) -> int:
        """Probes times records, each rotation counted."""
        return self.probes * self.records

    @property
    def is_code(self) -> bool:
        """True if vectors are a code and its mask, one after the other."""
        return self.form == "code"


@dataclass(frozen=True, slots=True)
class Task:
    """The job, with its plain vectors."""

    rule: Rule
    probes: Bytes  # [probes, vector]; a code's come rotated
    references: Bytes  # [records, vector], mapped from the file
    folder: Path
    rank: int  # of this process among the peer's
    ports: tuple[int, ...]  # loopback ports for the peer's processes


class Peer(Protocol):
    """One process of a peer, prepared."""

    def meet(self) -> None:
        """Wait for the peer's other processes; not in the time."""

    def run(self) -> None:
        """Do one query, as far as this process has a part in it."""

    def answers(self) -> Bits:
        """What the last run found: bool[probes, records], a code's rotations joined."""

    def sent_bytes(self) -> int:
        """Bytes sent to the other processes since the start."""


class Plain:
    """What a peer of one process need not say."""

    def meet(self) -> None:
        """There is nobody to wait for."""

    def sent_bytes(self) -> int:
        """Nothing is sent."""
        return 0


@dataclass(frozen=True, slots=True)
class Said:
    """One process's word on one run. Times are on the machine's one clock."""

    began_s: float
    ended_s: float
    cpu_s: float
    sent_bytes: int


def write_task(folder: Path, rule: Rule, probes: Bytes, references: Bytes) -> None:
    """Lay a task down for every process of every peer."""
    (folder / "rule.json").write_text(json.dumps(asdict(rule)))
    np.save(folder / "probes.npy", probes)
    np.save(folder / "references.npy", references)


def read_task(folder: Path, rank: int, ports: tuple[int, ...]) -> Task:
    """Read what `write_task` wrote."""
    rule = Rule(**json.loads((folder / "rule.json").read_text()))
    return Task(
        rule,
        np.load(folder / "probes.npy"),
        np.load(folder / "references.npy", mmap_mode="r"),
        folder,
        rank,
        ports,
    )


def attend(prepare: Callable[[Task], Peer], arguments: list[str], package: str) -> None:
    """Prepare, then run a query for each line, until there are no more.

    Args:
        prepare: makes this process of the peer.
        arguments: folder, rank and ports.
        package: whose version is told.
    """
    lines = _lines_apart()
    ports = tuple(int(port) for port in arguments[2].split(",") if port)
    task = read_task(Path(arguments[0]), int(arguments[1]), ports)
    peer = prepare(task)
    ready = {"ready": os.getpid(), "version": metadata.version(package)}
    print(json.dumps(ready), file=lines, flush=True)
    for line in sys.stdin:
        said = []
        for query in range(int(line)):
            said.append(asdict(_timed(peer)))
            np.save(task.folder / f"answers-{task.rank}-{query}.npy", peer.answers())
        print(json.dumps(said), file=lines, flush=True)


def _timed(peer: Peer) -> Said:
    peer.meet()
    sent, cpu, began = peer.sent_bytes(), time.process_time(), time.monotonic()
    peer.run()
    ended = time.monotonic()
    cpu = time.process_time() - cpu
    return Said(began, ended, cpu, peer.sent_bytes() - sent)


def _lines_apart() -> TextIO:
    """Keep standard output for the lines, and send what libraries print elsewhere."""
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return lines
