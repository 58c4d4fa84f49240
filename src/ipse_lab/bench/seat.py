"""One seat of a measurement: its own process, its own keys, real links.

Run by `ipse_lab.bench.match`, three at a time, as
`python -m ipse_lab.bench.seat FOLDER OPERATOR`. It reads the job from the folder,
meets the two others over TLS, runs every repetition and leaves what it measured there.
"""

import json
import resource
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.serialization import load_der_private_key

from ipse.ground.errors import Unavailable
from ipse.ground.names import Form, OperatorId, Seat
from ipse.keys.operator import load_keyring
from ipse.keys.system import SystemEntropy
from ipse.matching.reveal import match_bits
from ipse.matching.rounds import Blocks, Computation, Round, Undertaking
from ipse.net.doorway import Doorway
from ipse.net.drive import run
from ipse.net.handshake import Identity
from ipse.net.links import Links
from ipse.operator.places import place_for
from ipse.wire.charter import SIGNED_CHARTER, trust
from ipse_lab.bench import jobs
from ipse_lab.bench.jobs import Job

ROUND_S = 300.0


@dataclass(slots=True)
class Measured:
    """What one seat saw of one repetition. Times are on the machine's one clock."""

    began_s: float
    ended_s: float
    cpu_s: float
    sent_bytes: int
    rounds: int
    digest: str  # SHA-256 of the opened bits


def measure(folder: Path, operator: OperatorId) -> None:
    """Run every repetition and write `measured-N.json`."""
    job = Job(**json.loads((folder / "job.json").read_text()))
    job = Job(**{**asdict(job), "form": Form(job.form)})
    seat = Seat(operator - 1)
    kept, part = jobs.rows(job, seat), jobs.asked(job, seat)
    answers = jobs.expected(job) if seat == 0 else None
    links = _meet(folder, operator)
    found: list[Measured] = []
    wrong = 0
    for repetition in range(job.repetitions + 1):  # the first one warms up
        run(_ready(), links, ROUND_S)
        place = place_for(links, seat, repetition + 1)
        sent = links.next.sent_bytes + links.prev.sent_bytes
        cpu, began = time.process_time(), time.monotonic()
        counted = _Counted(
            match_bits(
                place,
                {job.form: part},
                kept,
                np.ones(job.records, np.bool_),
                job.threshold,
                turns=job.probes,
            )
        )
        bits = run(counted.through(), links, ROUND_S)
        ended = time.monotonic()
        if answers is not None:
            wrong += int((bits != answers).sum())
        found.append(
            Measured(
                began,
                ended,
                time.process_time() - cpu,
                links.next.sent_bytes + links.prev.sent_bytes - sent,
                counted.rounds,
                sha256(np.packbits(bits).tobytes()).hexdigest(),
            )
        )
    with suppress(Unavailable):  # who is through first hangs up on the others
        run(_ready(), links, ROUND_S)
    report = {
        "repetitions": [asdict(each) for each in found[1:]],
        "wrong": wrong,
        "matches": int(answers.sum()) if answers is not None else 0,
        "rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    (folder / f"measured-{operator}.json").write_text(json.dumps(report))
    links.close()


def _meet(folder: Path, operator: OperatorId) -> Links:
    keyring = load_keyring(folder / f"keys-{operator}")
    charter = trust(SIGNED_CHARTER.decode((folder / "charter.cbor").read_bytes()))
    tls_key = load_der_private_key(keyring.tls_private, None)
    doorway = Doorway(Identity(operator, charter, keyring, tls_key, SystemEntropy()))
    links = doorway.wait()
    doorway.shut()
    if links is None:
        raise Unavailable("The links of a measurement did not come up.")
    return links


def _ready() -> Computation[None]:
    """Two rounds after which all three seats are there."""
    for _ in range(2):
        yield Round(b"ready", b"ready", 5, 5)


class _Counted:
    """A computation, and how many rounds follow each other in it.

    Of blocks that overlap, the longest counts.
    """

    def __init__(self, computation: Undertaking[npt.NDArray[np.bool_]]) -> None:
        self._computation = computation
        self.rounds = 0

    def through(self) -> Undertaking[npt.NDArray[np.bool_]]:
        answer = None
        try:
            while True:
                asked = self._computation.send(answer)
                if isinstance(asked, Blocks):
                    counted = yield Blocks(map(_counted, asked.computations))
                    answer = [result for result, _ in counted]
                    self.rounds += max(rounds for _, rounds in counted)
                else:
                    answer = yield asked
                    self.rounds += 1
        except StopIteration as ended:
            bits: npt.NDArray[np.bool_] = ended.value
            return bits


def _counted(block: Computation[object]) -> Computation[tuple[object, int]]:
    rounds = 0
    try:
        asked = next(block)
        while True:
            rounds += 1
            asked = block.send((yield asked))
    except StopIteration as ended:
        return ended.value, rounds


if __name__ == "__main__":
    measure(Path(sys.argv[1]), OperatorId(int(sys.argv[2])))
