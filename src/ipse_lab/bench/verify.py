"""How long one person waits: whole verifications, from the template to the answer.

    wallet      cuts the probe, seals it to each operator, signs, asks over HTTPS
    operators   admit, agree on the request, prove the probe well-formed and compare
                it in secret, open one bit, sign it
    wallet      checks the signatures, and that a quorum says the same

Three operator processes of a laboratory network in a temporary home, with some hundred
invented people; one of them is the wallet's. The wallet asks one verification after
the other, in turn with another capture of its owner and with a stranger's.

Not in the time: camera and face encoder, which are the device's own; and opening the
wallet file, whose passphrase is slow on purpose, once for a session.

With a round trip of RTT ms every byte between any two parties, wallet and operators
alike, is held up for half of it, and a new connection for a whole one more
(`ipse_lab.bench.relay`).
"""

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator import local
from ipse.operator.desk import Step
from ipse_lab.bench import relay
from ipse_lab.bench.machine import Others, described
from ipse_lab.bench.visitor import Overheard, Timed, Visitor, invented
from ipse_lab.bench.watched import Computed, Note, Passed, read_notes
from ipse_lab.demo.engine import compile_engine, is_compiled
from ipse_lab.demo.stage import Stage, laboratory_network
from ipse_lab.processes import free_ports
from ipse_lab.unproved import costs

WATCHED: Final = ("-m", "ipse_lab.bench.watched")
WARM_UP: Final = 5
"""Verifications before those that count: kernels are loaded, operators met."""

MEASURED_S: Final = 10.0
GUESSED_S: Final = 0.02
"""Of one verification on loopback, where nobody says how many are wanted."""
GUESSED_TRIPS: Final = 10
FEWEST: Final = 40

Report = dict[str, Any]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured."""

    verifications: int
    fresh: int  # further ones, each on new connections
    records: int
    rtt_ms: float  # 0: loopback as it is
    seed: int


@dataclass(frozen=True, slots=True)
class Inside:
    """One verification, as the operators saw it."""

    engine_ms: float  # from the first operator's start to the last one's end
    rounds: int  # of the secret computation
    sent_bytes: float  # by one operator to its neighbours, on average
    until_ms: tuple[float, ...]  # of each of MILESTONES, since the wallet began


MILESTONES: Final = {
    Step.ADMITTED: "composed_sent_admitted_ms",
    Step.SEATED: "agreed_ms",
    Step.COMPUTED: "computed_ms",
    Step.ANSWERED: "signed_ms",
}
"""Steps that the last of three operators passes, and how the time before is called."""

RETURNED: Final = "returned_checked_ms"
"""How the time after the last milestone is called."""


def fitting(rtt_ms: float) -> int:
    """Return how many verifications take some ten seconds."""
    return max(FEWEST, round(MEASURED_S / (GUESSED_S + GUESSED_TRIPS * rtt_ms / 1_000)))


def measure(asked: Asked, tell: Tell = lambda _line: None) -> Report:
    """Measure verifications one after the other.

    Raises: IpseError: the operators don't start, or gave no answer.
    """
    if not is_compiled():
        tell("the engine is compiled, once on this machine")
        compile_engine()
    cast = invented(asked.seed, asked.records)
    with Others() as others, _network(asked.rtt_ms) as stage:
        with closing(Overheard(stage.charter)) as courier:
            tell(f"{asked.records} invented people are enrolled")
            visitor = Visitor(stage.charter, courier, cast)
            for turn in range(WARM_UP):
                visitor.verify(turn)
            tell(f"{asked.verifications} verifications, one after the other")
            kept = [visitor.verify(turn) for turn in range(asked.verifications)]
            sizes = courier.sizes()
            tell(f"{asked.fresh} verifications, each on new connections")
            fresh = []
            for turn in range(asked.fresh):
                courier.renew()
                fresh.append(visitor.verify(turn))
        local.stop(stage.home)
        notes = [read_notes(stage.home, operator) for operator in OPERATORS]
    return {
        **_times(kept, ""),
        **_times(fresh, "fresh_"),
        **_inside(kept or fresh, notes),
        **_unproved(),
        **answers(kept + fresh),
        "bytes_up": sizes[0],
        "bytes_down": sizes[1],
        "connections": "kept" if kept else "fresh",
        "rtt_ms": asked.rtt_ms,
        "records": asked.records,
        "seed": asked.seed,
        "operators": len(OPERATORS),
        "transport": "HTTPS and TLS 1.3 among operators, X25519MLKEM768, loopback",
        "not_in_the_time": "camera, face encoder, opening the wallet file",
        "machine": described(),
        "cores_taken_by_others": others.cores,
    }


@contextmanager
def _network(rtt_ms: float) -> Iterator[Stage]:
    """Start three operators that are watched, behind relays if they are far apart."""
    if not rtt_ms:
        with laboratory_network(program=WATCHED) as stage:
            yield stage
        return
    ports = free_ports(2 * len(OPERATORS))
    met, doors = ports[: len(OPERATORS)], ports[len(OPERATORS) :]
    pairs = [
        pair
        for far, near in zip(met, doors, strict=True)
        for pair in ((far.owners, near.owners), (far.peers, near.peers))
    ]

    def behind(operator: OperatorId) -> Sequence[str]:
        near = doors[operator - 1]
        return (
            f"--owners-at={local.HOST}:{near.owners}",
            f"--peers-at={local.HOST}:{near.peers}",
        )

    with (
        relay.relayed(rtt_ms / 2, pairs),
        laboratory_network(met, WATCHED, behind) as stage,
    ):
        yield stage


def _times(timed: list[Timed], prefix: str) -> Report:
    """Sum up what the wallet saw; nothing of none."""
    if not timed:
        return {}
    took = [each.took_ms for each in timed]
    percents = {
        f"{prefix}p{percent}_ms": round(float(np.percentile(took, percent)), 2)
        for percent in (50, 90, 99)
    }
    return {
        **percents,
        f"{prefix}mean_ms": round(statistics.mean(took), 2),
        f"{prefix}min_ms": round(min(took), 2),
        f"{prefix}verifications": len(took),
    }


def answers(timed: list[Timed]) -> Report:
    """Count the outcomes, and those that plain arithmetic does not give."""
    return {
        "outcome": dict(Counter(str(each.outcome) for each in timed)),
        "answers_checked": len(timed),
        "answers_wrong": sum(each.outcome is not each.expected for each in timed),
    }


def _inside(timed: list[Timed], notes: list[list[Note]]) -> Report:
    """Sum up what the operators saw of the same verifications."""
    seen = [_one_inside(each, notes) for each in timed]
    until = np.array([each.until_ms for each in seen])
    ended = np.array([each.took_ms for each in timed])
    parts = np.diff(until, prepend=0.0, append=ended[:, np.newaxis])
    names = (*MILESTONES.values(), RETURNED)
    engine = [each.engine_ms for each in seen]
    return {
        "engine_ms": round(statistics.median(engine), 2),
        "engine_p99_ms": round(float(np.percentile(engine, 99)), 2),
        "rounds": max(each.rounds for each in seen),
        "operator_bytes": round(statistics.mean(each.sent_bytes for each in seen)),
        "parts_ms": {
            name: round(float(np.median(part)), 2)
            for name, part in zip(names, parts.T, strict=True)
        },
    }


def _unproved() -> Report:
    """Tell what the same verification would cost if nobody proved anything."""
    _, unproved = costs()
    return {
        "unproved_rounds": unproved.rounds,
        "unproved_operator_bytes": unproved.sent_bytes,
    }


def _one_inside(timed: Timed, notes: list[list[Note]]) -> Inside:
    meanwhile = [
        [note for note in own if timed.began_s <= note.at_s <= timed.ended_s]
        for own in notes
    ]
    passed = [
        {note.step: note.at_s for note in own if isinstance(note, Passed)}
        for own in meanwhile
    ]
    computed = [
        [note for note in own if isinstance(note, Computed)] for own in meanwhile
    ]
    engine_s = max(steps[Step.COMPUTED] for steps in passed) - min(
        steps[Step.SEATED] for steps in passed
    )
    return Inside(
        1_000 * engine_s,
        max(sum(each.rounds for each in own) for own in computed),
        statistics.mean(sum(each.sent_bytes for each in own) for own in computed),
        tuple(
            1_000 * (max(steps[step] for steps in passed) - timed.began_s)
            for step in MILESTONES
        ),
    )
