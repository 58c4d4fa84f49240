"""Runs one setting: ours, each peer, ours, each peer, on the same machine.

Machines are noisy, and differently from minute to minute. So whoever is compared takes
turns, and a ratio is taken within a turn before it is summed up.
"""

import statistics
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ipse_lab.bench import ours
from ipse_lab.bench.jobs import Job
from ipse_lab.bench.machine import Others
from ipse_lab.bench.match import embeddings
from ipse_lab.bench.peers import tasks
from ipse_lab.bench.peers.drive import Absent, Entrant, Run, Started, started
from ipse_lab.bench.peers.exchange import Bits
from ipse_lab.bench.peers.listed import PEERS
from ipse_lab.bench.settings import LATENCY_LENGTH, Setting
from ipse_lab.bench.sums import Told
from ipse_lab.bench.words import placeless

TURN_S: Final = 0.4  # a peer repeats its query for about as long
FEWEST, MOST = 3, 25  # queries in a turn
LATENCY_QUERIES: Final = 9

Tell = Callable[[str], None]
"""What to call with what goes on."""


def compared(setting: Setting, words: Collection[str], tell: Tell) -> Told:
    """Measure a setting in turns.

    Args:
        setting: the job, ours and theirs.
        words: which peers take part, by their word.
        tell: what to call with what goes on.

    Returns: our report of each round; each peer's runs of each round, or why not.
    Raises: Unmeasured: our own engine did not answer.
    """
    entrants = [
        peer for peer in PEERS if peer.word in setting.peers and peer.word in words
    ]
    reports: list[Told] = []
    with Others() as others, ExitStack() as ending:
        theirs = [
            _Turn(entrant, replace(setting.job, records=setting.peers[entrant.word]))
            for entrant in entrants
        ]
        laid: dict[int, tuple[Path, Bits]] = {}
        for turn in theirs:
            records = turn.job.records
            if records not in laid:
                folder = ending.enter_context(TemporaryDirectory(prefix="ipse-peers-"))
                laid[records] = Path(folder), tasks.lay_down(turn.job, Path(folder))
            tell(f"{setting.title}: {turn.entrant.name} gets ready")
            turn.start(ending, laid[records])
        for round_ in range(1, setting.rounds + 1):
            tell(f"{setting.title}: ours, round {round_} of {setting.rounds}")
            reports.append(ours.match(setting.job))
            for turn in theirs:
                tell(f"{setting.title}: {turn.entrant.name}, round {round_}")
                turn.take()
    job = setting.job
    return {
        "group": setting.group,
        "title": setting.title,
        "form": reports[0]["form"],
        "length": job.length,
        "records": job.records,
        "probes": job.probes,
        "ours": reports,
        "peers": [turn.told() for turn in theirs],
        "cores_taken_by_others": others.cores,
    }


def delayed(rtt_ms: float, words: Collection[str], tell: Tell) -> list[Told]:
    """Measure one comparison of each secret peer with a longer way between parties.

    Args:
        rtt_ms: how long a round trip takes at least.
        words: which peers take part, by their word.
        tell: what to call with what goes on.

    Returns: what `compared` tells of a peer, for each.
    """
    job = embeddings(LATENCY_LENGTH, 1, 1, 1, seed=1)
    told = []
    for entrant in PEERS:
        if entrant.word not in words or entrant.is_plain or entrant.environment == "":
            continue
        with ExitStack() as ending:
            tell(f"One comparison at {rtt_ms:g} ms: {entrant.name}")
            folder = Path(
                ending.enter_context(TemporaryDirectory(prefix="ipse-peers-"))
            )
            turn = _Turn(entrant, job, rtt_ms)
            turn.start(ending, (folder, tasks.lay_down(job, folder)))
            turn.take(LATENCY_QUERIES)
            told.append({"rtt_ms": rtt_ms, **turn.told()})
    return told


class _Turn:
    """One peer in one setting, from its start to what is told of it."""

    def __init__(self, entrant: Entrant, job: Job, rtt_ms: float = 0.0) -> None:
        self.entrant, self.job = entrant, job
        self._rtt_ms = rtt_ms
        self._started: Started | None = None
        self._absent = self._version = ""
        self._rounds: list[Told] = []

    def start(self, ending: ExitStack, laid: tuple[Path, Bits]) -> None:
        """Start the peer, in a folder of its own that sees the task's files."""
        folder, expected = laid
        own = Path(ending.enter_context(TemporaryDirectory(prefix="ipse-peer-")))
        for file in folder.iterdir():
            (own / file.name).symlink_to(file)
        try:
            running = started(self.entrant, own, expected, self._rtt_ms)
            self._started = ending.enter_context(running)
            self._version = self._started.version
        except Absent as reason:
            self._absent = placeless(str(reason))

    def take(self, queries: int | None = None) -> None:
        """Take a turn: one query that is not counted, then some that are."""
        if self._started is None:
            return
        try:
            first = self._started.run(1)[0]
            fitting = min(max(round(TURN_S / first.seconds), FEWEST), MOST)
            runs = self._started.run(queries or fitting)
            self._rounds.append(_summed(first, runs))
        except Absent as reason:
            self._started, self._absent = None, placeless(str(reason))

    def told(self) -> Told:
        """Return what is known of this peer now."""
        return {
            "word": self.entrant.word,
            "name": self.entrant.name,
            "version": self._version,
            "records": self.job.records,
            "probes": self.job.probes,
            "rounds": self._rounds,
            "absent": self._absent,
        }


def _summed(first: Run, runs: list[Run]) -> Told:
    """Sum up the queries of one turn: times are kept, the rest is averaged.

    The first one warms up, and only its bits count.
    """
    return {
        "seconds": [float(f"{run.seconds:.4g}") for run in runs],
        "cpu_s": statistics.mean(run.cpu_s for run in runs),
        "sent_bytes": statistics.mean(run.sent_bytes for run in runs),
        "bits_wrong": sum(run.bits_wrong for run in (first, *runs)),
    }
