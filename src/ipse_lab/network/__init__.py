"""Three seats in one process: a secret computation without sockets.

Each round, what seat p sends to its next seat arrives at seat p + 1 as coming
from its previous one, and the other way round (all modulo 3)::

    seat p  --to_next-->  seat p+1 (from_prev)
    seat p  --to_prev-->  seat p-1 (from_next)

Every size is checked against what the receiver expects, so a computation that
runs here can't block on a real link. The same generators run over TLS in
`ipse.net.drive`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ipse.matching.rounds import Blocks, Errand, Received, Round, Undertaking

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Played(Generic[T]):
    """What three seats returned, and what it cost on the wire."""

    results: tuple[T, T, T]
    rounds: int
    sent: tuple[int, int, int]  # bytes, by seat


class OutOfStep(AssertionError):
    """The seats disagree about a round: the computation has a bug."""


def run_together(
    first: Undertaking[T], second: Undertaking[T], third: Undertaking[T]
) -> Played[T]:
    """Run three seats' computations in lockstep.

    Raises:
        OutOfStep: a size differs from what the other side expects, or one seat
            ends before another.
    """
    seats = (first, second, third)
    results: dict[int, T] = {}
    sent = [0, 0, 0]
    rounds = 0
    waiting = _advance(seats, (None, None, None), results)
    while waiting:
        if len(waiting) != len(seats):
            raise OutOfStep(
                f"in round {rounds} seats {sorted(results)} ended before the others"
            )
        if isinstance(waiting[0], Blocks):
            played = _run_blocks([waiting[seat] for seat in range(3)])
            rounds += played.rounds
            sent = [sum(pair) for pair in zip(sent, played.sent, strict=True)]
            waiting = _advance(seats, played.results, results)
            continue
        arriving: list[Received] = []
        for seat in range(3):
            mine, following, before = (
                _round(waiting[(seat + step) % 3]) for step in (0, 1, -1)
            )
            from_next, from_prev = _bytes(following.to_prev), _bytes(before.to_next)
            sent[seat] += len(_bytes(mine.to_next)) + len(_bytes(mine.to_prev))
            for side, got, expected in (
                ("next", from_next, mine.from_next),
                ("previous", from_prev, mine.from_prev),
            ):
                if len(got) != expected:
                    raise OutOfStep(
                        f"in round {rounds} seat {seat} expects {expected} bytes "
                        f"from its {side} seat and gets {len(got)}"
                    )
            arriving.append(Received(from_next, from_prev))
        rounds += 1
        waiting = _advance(seats, arriving, results)
    return Played(
        (results[0], results[1], results[2]), rounds, (sent[0], sent[1], sent[2])
    )


def _run_blocks(asked: Sequence[object]) -> Played[list[object]]:
    """Run blocks one after the other; how they overlap is `ipse.net.drive`'s affair."""
    blocks = [each for each in asked if isinstance(each, Blocks)]
    if len(blocks) != len(asked):
        raise OutOfStep("one seat has blocks where another has none")
    results: tuple[list[object], list[object], list[object]] = ([], [], [])
    rounds, sent = 0, [0, 0, 0]
    for seats in zip(*(each.computations for each in blocks), strict=True):
        played = run_together(*seats)
        rounds += played.rounds
        sent = [sum(pair) for pair in zip(sent, played.sent, strict=True)]
        for of_seat, result in zip(results, played.results, strict=True):
            of_seat.append(result)
    return Played(results, rounds, (sent[0], sent[1], sent[2]))


def _round(asked: object) -> Round:
    if not isinstance(asked, Round):
        raise OutOfStep("one seat has a round where another has none")
    return asked


def at_once(undertaking: Undertaking[T]) -> Undertaking[T]:
    """Perform errands where they come up, so that only rounds and blocks are left."""
    try:
        asked = next(undertaking)
        while True:
            answer = asked.perform() if isinstance(asked, Errand) else (yield asked)
            asked = undertaking.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


def _advance(
    seats: Sequence[Undertaking[T]],
    arriving: Sequence[object],
    results: dict[int, T],
) -> dict[int, object]:
    waiting: dict[int, object] = {}
    for seat, (computation, received) in enumerate(zip(seats, arriving, strict=True)):
        try:
            if received is None:
                waiting[seat] = next(computation)
            else:
                waiting[seat] = computation.send(received)
        except StopIteration as end:
            results[seat] = end.value
    return waiting


def _bytes(buffer: object) -> bytes:
    return b"" if buffer is None else bytes(memoryview(buffer).cast("B"))  # type: ignore[arg-type]  # Buffer has a name only from Python 3.12 on
