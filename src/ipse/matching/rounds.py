"""Rounds: how a computation among three seats speaks with the outside.

A secret computation is a generator: it yields a `Round`, what to send to each
neighbour and how many bytes to expect from each, is resumed with what `Received`
came, and returns its result. It holds no socket and waits for nobody, so the same
computation runs in a unit test (`ipse_lab.network`) and between three processes
(`ipse.net.drive`), unchanged. What somebody else does between two rounds, such as a
search by workers, is yielded as an `Errand`; what may overlap, as `Blocks`. A generator
is this house's machine form for bulk arithmetic: its state between two yields is its
own, never stored and never resumed after a crash, because a second run needs fresh
randomness anyway.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, cast, overload

import numpy as np
import numpy.typing as npt

Message: TypeAlias = npt.NDArray[Any] | bytes
"""What is sent: any contiguous array, as the bytes it stands in."""

Came: TypeAlias = bytes | bytearray | memoryview
"""What was received; read it before the next round, for it may be overwritten."""

Result = TypeVar("Result")
Left = TypeVar("Left")
Right = TypeVar("Right")


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One round: what this seat sends to its neighbours, what it waits for."""

    to_next: Message | None = None  # C-contiguous; None sends nothing
    to_prev: Message | None = None
    from_next: int = 0  # bytes; 0 waits for nothing
    from_prev: int = 0

    def __repr__(self) -> str:
        """Say sizes, never content."""
        return f"Round(awaits {self.from_next} and {self.from_prev} bytes)"


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """What came: exactly as many bytes as the round asked for."""

    from_next: Came
    from_prev: Came

    def __repr__(self) -> str:
        """Never show content."""
        return "Received()"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Errand:
    """What somebody else does between two rounds, and may take his time for.

    The driver performs it, and resumes the computation with what it returned.
    """

    perform: Callable[[], object]


Computation: TypeAlias = Generator[Round, Received, Result]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Blocks:
    """Computations that don't wait for each other: the driver runs some at once.

    While one's message travels, another computes. All seats begin them in the same
    order and move them in turn, so their rounds follow each other on a link in an
    order that all know (`ipse.net.drive`). It resumes the computation with a list of
    what they returned.
    """

    computations: Iterable[Computation[object]]


Undertaking: TypeAlias = Generator[Round | Errand | Blocks, Any, Result]
"""A computation that has errands, or blocks. Every computation is one."""


def away(perform: Callable[[], Result]) -> Undertaking[Result]:
    """Have something done by somebody else."""
    return cast("Result", (yield Errand(perform)))


def in_blocks(computations: Iterable[Computation[Result]]) -> Undertaking[list[Result]]:
    """Run independent computations, some at once. Returns: their results, in order.

    Randomness: each draws from a place of its own (`Place.forked`), which is taken
    when its turn to begin comes, so that all seats take the same.
    """
    return cast("list[Result]", (yield Blocks(computations)))


def words(received: Came, shape: tuple[int, ...]) -> npt.NDArray[np.uint64]:
    """Copy a received buffer, which is used again, as uint64 words of a shape."""
    return np.frombuffer(received, np.uint64).reshape(shape).copy()


@overload
def together(
    left: Computation[Left], right: Computation[Right]
) -> Computation[tuple[Left, Right]]: ...


@overload
def together(
    left: Undertaking[Left], right: Undertaking[Right]
) -> Undertaking[tuple[Left, Right]]: ...


def together(
    left: Undertaking[Left], right: Undertaking[Right]
) -> Undertaking[tuple[Left, Right]]:
    """Run two computations in the same rounds, their messages one after the other.

    The longer one goes on alone. Both may draw from the same streams: every seat
    moves the left one first. While one's errand is performed, the other waits.
    """
    movers = _Mover(left), _Mover(right)
    yield from _moved(movers)
    return movers[0].result(), movers[1].result()


@overload
def side_by_side(
    computations: Sequence[Computation[Result]],
) -> Computation[list[Result]]: ...


@overload
def side_by_side(
    computations: Sequence[Undertaking[Result]],
) -> Undertaking[list[Result]]: ...


def side_by_side(
    computations: Sequence[Undertaking[Result]],
) -> Undertaking[list[Result]]:
    """Run any number of computations in the same rounds, as `together` runs two."""
    movers = [_Mover(computation) for computation in computations]
    yield from _moved(movers)
    return [mover.result() for mover in movers]


def _moved(movers: "Sequence[_Mover[Any]]") -> Undertaking[None]:
    """Move all to their end, in their order; if it is cut off, close them all."""
    try:
        for mover in movers:
            yield from mover.move(None)
        while under_way := [
            (mover, mover.round) for mover in movers if mover.round is not None
        ]:
            rounds = [round_ for _, round_ in under_way]
            received = yield Round(
                _joined([each.to_next for each in rounds]),
                _joined([each.to_prev for each in rounds]),
                sum(each.from_next for each in rounds),
                sum(each.from_prev for each in rounds),
            )
            from_next = memoryview(received.from_next).cast("B")
            from_prev = memoryview(received.from_prev).cast("B")
            for mover, round_ in under_way:
                came = Received(
                    from_next[: round_.from_next], from_prev[: round_.from_prev]
                )
                from_next = from_next[round_.from_next :]
                from_prev = from_prev[round_.from_prev :]
                yield from mover.move(came)
    finally:
        for mover in movers:
            mover.close()  # what it holds it lets go now, and not some day


class _Mover(Generic[Result]):
    """A computation on its way to its result."""

    def __init__(self, computation: Undertaking[Result]) -> None:
        self.round: Round | None = None  # what it asks for now; none at its end
        self._computation = computation
        self._results: list[Result] = []

    def move(self, received: Received | None) -> Undertaking[None]:
        """Move to the next round; errands and blocks on the way are handed up."""
        try:
            asked = self._computation.send(received)
            while not isinstance(asked, Round):
                asked = self._computation.send((yield asked))
            self.round = asked
        except StopIteration as ended:
            self._results.append(ended.value)
            self.round = None

    def close(self) -> None:
        """Give it up, unless it is over."""
        self._computation.close()

    def result(self) -> Result:
        return self._results[0]


def _joined(messages: list[Message | None]) -> Message | None:
    parts = [message for message in messages if message is not None]
    if len(parts) <= 1:
        return parts[0] if parts else None
    return b"".join(
        part if isinstance(part, bytes) else part.tobytes() for part in parts
    )
