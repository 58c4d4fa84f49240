"""How fast the three operators match: three processes on this machine, TLS on.

Every repetition is one query: the probes against all records, and only match bits are
opened. Its time runs from the first seat's start to the last seat's end. All bits of
every repetition are held against the plain answers by one seat, and the digests of
what the three opened must be equal.

Not in the time: drawing and cutting the vectors, starting the processes, compiling
(the first repetition is not counted). In the time: everything from the shares to the
opened bits at all three.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ipse.ground.errors import Unavailable
from ipse.ground.names import OPERATORS, Epoch, Form
from ipse.ground.params import CODE_LENGTH
from ipse.keys.operator import draw_keyring, save_keyring
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.wire.charter import (
    SIGNED_CHARTER,
    Charter,
    SignedCharter,
    Thresholds,
    sign_charter,
)
from ipse_lab.bench import jobs
from ipse_lab.bench.jobs import SCALE, Job
from ipse_lab.bench.machine import processor

TIMEOUT_S: Final = 580
SIGMAS: Final = 5.5
"""Threshold of embeddings, in standard deviations of a stranger's score."""

Report = dict[str, Any]


def embeddings(
    length: int, records: int, probes: int, repetitions: int, seed: int
) -> Job:
    """A search of embeddings."""
    threshold = round(SIGMAS * SCALE**2 / length**0.5)
    return Job(Form.FACE, length, records, probes, repetitions, threshold, seed)


def codes(records: int, rotations: int, repetitions: int, seed: int) -> Job:
    """A search of masked codes, all rotations of one probe."""
    return Job(Form.CODE, CODE_LENGTH, records, rotations, repetitions, 0, seed)


def measure(job: Job, tell: Callable[[str], None] = lambda _line: None) -> Report:
    """Run a job among three processes and sum up.

    Raises: Unavailable: a process failed or did not end; its last words are told.
    """
    with TemporaryDirectory(prefix="ipse-bench-") as name:
        folder = Path(name)
        _prepare(folder)
        (folder / "job.json").write_text(json.dumps(asdict(job)))
        tell("three operators cut their shares and meet over TLS")
        _run(folder)
        seats = [
            json.loads((folder / f"measured-{operator}.json").read_text())
            for operator in OPERATORS
        ]
    return _summed(job, seats)


def _prepare(folder: Path) -> None:
    entropy, clock = SystemEntropy(), SystemClock()
    rings = [draw_keyring("bench", each, entropy, clock.now()) for each in OPERATORS]
    for ring in rings:
        save_keyring(ring, folder / f"keys-{ring.operator}", entropy)
    ports = _free_ports(len(rings))
    charter = Charter(
        network="bench",
        version=1,
        epoch=Epoch(0),
        laboratory=True,
        forms=(Form.FACE,),
        thresholds=(Thresholds((Form.FACE,), 0, 0),),
        encoder="none",
        proved_search=0,
        operators=tuple(
            ring.entry(
                f"seat {ring.operator - 1}", f"127.0.0.1:{port}", "https://[::1]:1"
            )
            for ring, port in zip(rings, ports, strict=True)
        ),
    )
    signed = SignedCharter(
        charter, tuple(sign_charter(charter, ring.sign) for ring in rings)
    )
    (folder / "charter.cbor").write_bytes(SIGNED_CHARTER.encode(signed))


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _run(folder: Path) -> None:
    # one thread each: three processes share the machine's cores, as stated
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-m", "ipse_lab.bench.seat", str(folder), str(operator)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for operator in OPERATORS
    ]
    try:
        words = [process.communicate(timeout=TIMEOUT_S)[1] for process in processes]
        if any(process.returncode for process in processes):
            last = [said.strip().splitlines()[-1] for said in words if said.strip()]
            raise Unavailable(f"The measurement failed: {'; '.join(last)}")
    except subprocess.TimeoutExpired:
        raise Unavailable(
            f"The measurement did not end in {TIMEOUT_S} s: ask for fewer records."
        ) from None
    finally:
        for process in processes:
            process.kill()


def _summed(job: Job, seats: list[Report]) -> Report:
    runs = list(zip(*(seat["repetitions"] for seat in seats), strict=True))
    seconds = [
        max(each["ended_s"] for each in run) - min(each["began_s"] for each in run)
        for run in runs
    ]
    comparisons = job.records * job.probes
    is_agreed = all(len({each["digest"] for each in run}) == 1 for run in runs)
    middle = statistics.median(seconds)
    sent = statistics.mean(each["sent_bytes"] for run in runs for each in run)
    cpu = statistics.mean(each["cpu_s"] for run in runs for each in run)
    return {
        "form": "code" if job.form is Form.CODE else "embedding",
        "length": job.length,
        "records": job.records,
        "probes" if job.form is not Form.CODE else "rotations": job.probes,
        "comparisons_per_second": round(comparisons / middle),
        "comparisons_per_second_best": round(comparisons / min(seconds)),
        "comparisons_per_second_worst": round(comparisons / max(seconds)),
        "seconds": middle,
        "repetitions": job.repetitions,
        "rounds": runs[0][0]["rounds"],
        "bytes_per_comparison_per_operator": round(sent / comparisons, 3),
        "cpu_ns_per_comparison_per_operator": round(1e9 * cpu / comparisons, 2),
        "rss_mb": [round(seat["rss_bytes"] / 1e6) for seat in seats],
        "segment_mb": round(jobs.segment_bytes(job) / 1e6, 1),
        "bits_checked": comparisons_checked(job),
        "bits_wrong": seats[0]["wrong"],
        "bits_matched": seats[0]["matches"],
        "opened_alike_by_all": is_agreed,
        "operators": 3,
        "transport": "TLS 1.3, X25519MLKEM768, mutual, loopback",
        "protocol": "semi-honest, one corrupted of three; match bits opened",
        "machine": _machine(),
    }


def comparisons_checked(job: Job) -> int:
    """Bits that were held against the plain answers, warm-up included."""
    probes = 1 if job.form is Form.CODE else job.probes
    return probes * job.records * (job.repetitions + 1)


def _machine() -> Report:
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_1min": round(os.getloadavg()[0], 2),
    }
