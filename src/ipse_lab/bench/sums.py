"""What the turns of a run sum up to: spreads, speeds and ratios.

A ratio is taken within a turn, ours over theirs, and only then is the middle of the
turns taken. A peer that did a smaller job is compared by the comparison.
"""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

Told = dict[str, Any]
"""A piece of results.json: plain values only."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some figures, and how far they lie apart."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Self:
        """Sum up. Raises: statistics.StatisticsError: there are none."""
        told = list(figures)
        return cls(statistics.median(told), min(told), max(told))


def our_speed(setting: Told) -> Spread:
    """Return our comparisons a second, over all queries of all turns."""
    return Spread(
        statistics.median(turn["comparisons_per_second"] for turn in setting["ours"]),
        min(turn["comparisons_per_second_worst"] for turn in setting["ours"]),
        max(turn["comparisons_per_second_best"] for turn in setting["ours"]),
    )


def their_speed(peer: Told) -> Spread:
    """Return a peer's comparisons a second, over all queries of all turns."""
    comparisons = peer["records"] * peer["probes"]
    speeds = [comparisons / s for turn in peer["rounds"] for s in turn["seconds"]]
    middles = [_turn_speed(peer, turn) for turn in peer["rounds"]]
    return Spread(statistics.median(middles), min(speeds), max(speeds))


def ratio(setting: Told, peer: Told) -> Spread:
    """Return our speed over theirs, taken within each turn."""
    return Spread.of(
        ours["comparisons_per_second"] / _turn_speed(peer, theirs)
        for ours, theirs in zip(setting["ours"], peer["rounds"], strict=False)
    )


def _turn_speed(peer: Told, turn: Told) -> float:
    comparisons: int = peer["records"] * peer["probes"]
    seconds: float = statistics.median(turn["seconds"])
    return comparisons / seconds


def our_bytes(setting: Told) -> float:
    """Return bytes that one operator sends for a comparison."""
    sent: float = statistics.median(
        turn["bytes_per_comparison_per_operator"] for turn in setting["ours"]
    )
    return sent


def their_bytes(peer: Told, processes: int) -> float:
    """Return bytes that one of a peer's processes sends for a comparison."""
    sent: float = statistics.median(turn["sent_bytes"] for turn in peer["rounds"])
    comparisons: int = peer["records"] * peer["probes"]
    return sent / (comparisons * processes)


def our_work(setting: Told) -> float:
    """Return nanoseconds of a processor for a comparison, of all three operators."""
    worked: float = statistics.median(
        turn["cpu_ns_per_comparison_per_operator"] * turn["operators"]
        for turn in setting["ours"]
    )
    return worked


def their_work(peer: Told) -> float:
    """Return nanoseconds of a processor for a comparison, of all processes."""
    worked: float = statistics.median(turn["cpu_s"] for turn in peer["rounds"])
    comparisons: int = peer["records"] * peer["probes"]
    return 1e9 * worked / comparisons


def waiting_ms(peer: Told) -> float:
    """Return the milliseconds of a peer's query, the middle of all."""
    waited: float = statistics.median(
        each for turn in peer["rounds"] for each in turn["seconds"]
    )
    return 1_000 * waited


def wrong_bits(told: Told) -> int:
    """Count the bits of a whole run that plain arithmetic does not give."""
    ours = sum(
        turn["bits_wrong"] + (not turn["opened_alike_by_all"])
        for setting in told["settings"]
        for turn in setting["ours"]
    )
    theirs = sum(
        turn["bits_wrong"]
        for setting in told["settings"]
        for peer in setting["peers"]
        for turn in peer["rounds"]
    )
    delayed = sum(
        turn["bits_wrong"] for each in told["latency"] for turn in each["rounds"]
    )
    reports = [*(each["report"] for each in told["verify"]), *told["own"].values()]
    answered = sum(report.get("answers_wrong", 0) for report in reports)
    return int(ours + theirs + delayed + answered)
