"""A seat that shifts scores: what it sends in a search, and what it counts, is moved.

    the seat's own search  --Round-->  moved  -->  the two others
                           <-Received- moved  <--

In the first round of a block each seat sends its share of every score, masked, to the
one who adds them up (`split` in `ipse.matching.signs`). The liar adds an offset to what
it sends, and in the group in which it adds up itself, to what came. So every score, or
that of one row, is moved by the offset; all else that it says is honest, and nothing
that the others see looks different: a masked share plus an offset is as uniform as
before.

For searches of one embedding.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ipse.matching.compare import group_length
from ipse.matching.rounds import (
    Blocks,
    Computation,
    Message,
    Received,
    Round,
    Undertaking,
)
from ipse.matching.seat import SEATS, Place
from ipse_lab.lying import spelled

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shift:
    """What is added to the scores of a search in one block."""

    offset: int  # to a score, mod 2^16
    rows: int  # that are searched
    row: int | None = None  # the one that is lied about; none for all

    def offsets(self) -> npt.NDArray[np.uint16]:
        """Return what is added, in the order of the shares: uint16[groups, run]."""
        run = group_length(self.rows)
        added = np.zeros(SEATS * run, np.uint16)
        chosen = slice(self.rows) if self.row is None else self.row
        added[chosen] = self.offset % (1 << 16)
        return added.reshape(SEATS, run)


def shifted(place: Place, search: Undertaking[T], shift: Shift) -> Undertaking[T]:
    """Run a seat's search, and shift the scores of its one block."""
    answer: Any = None
    try:
        while True:
            asked = search.send(answer)
            if isinstance(asked, Blocks):
                moved = (_moved(place, one, shift) for one in asked.computations)
                asked = Blocks(moved)
            answer = yield asked
    except StopIteration as ended:
        result: T = ended.value
        return result


def _moved(place: Place, block: Computation[T], shift: Shift) -> Computation[T]:
    """Move a block's first round, and be honest from then on."""
    added = shift.offsets()
    asked = next(block)
    received = yield Round(
        _added(asked.to_next, added[place.group_as_r]),
        _added(asked.to_prev, added[place.group_as_q]),
        asked.from_next,
        asked.from_prev,
    )
    came = _added(bytes(received.from_next), added[place.group_as_p])
    return (
        yield from _resumed(block, Received(bytes(came or b""), received.from_prev))
    )


def _resumed(
    block: Computation[T], received: Received
) -> Generator[Round, Received, T]:
    try:
        asked = block.send(received)
        while True:
            asked = block.send((yield asked))
    except StopIteration as ended:
        result: T = ended.value
        return result


def _added(message: Message | None, offsets: npt.NDArray[np.uint16]) -> Message | None:
    """Add to a message's shares, which stand first in it."""
    if message is None:
        return None
    told = spelled(message)
    shares = np.frombuffer(told[: offsets.nbytes], np.uint16) + offsets
    return shares.tobytes() + told[offsets.nbytes :]
