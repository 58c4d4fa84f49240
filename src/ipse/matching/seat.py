"""A seat: who an operator is in the arithmetic, and the randomness it shares.

Seat p draws from one stream with the next seat and from another with the one
before. What p draws from `next`, its neighbour draws from `prev`, byte for byte,
because both run the same computation. The third seat knows neither, and so

- `zero` gives addends that sum to nothing and hide whatever they are added to;
- `shared` gives a replicated secret that no single seat knows.

Source: Cramer, Damgard, Ishai, TCC 2005 (pseudorandom zero and secret sharing).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipse.crypto.stream import KEY_BYTES, Stream
from ipse.ground.names import Seat

SEATS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A seat with its two streams, for one job.

    The streams move as they are drawn from, so a place serves one computation at
    a time and no job twice.
    """

    seat: Seat
    next: Stream  # alike at the next seat, as its `prev`
    prev: Stream

    @property
    def next_seat(self) -> Seat:
        """The seat after this one."""
        return Seat((self.seat + 1) % SEATS)

    @property
    def prev_seat(self) -> Seat:
        """The seat before this one."""
        return Seat((self.seat + 2) % SEATS)

    @property
    def group_as_p(self) -> int:
        """Group of a batch in which this seat holds the first addend alone."""
        return self.seat

    @property
    def group_as_q(self) -> int:
        """Group in which this seat is the next of the holder of the first addend."""
        return (self.seat + 2) % SEATS

    @property
    def group_as_r(self) -> int:
        """Group in which this seat is the one before that holder."""
        return (self.seat + 1) % SEATS

    def forked(self) -> "Place":
        """Take a place with streams of its own, for one of several computations.

        The neighbours take theirs at the same point of their streams, so they agree.
        """
        return Place(
            self.seat,
            Stream(self.next.draw(KEY_BYTES).tobytes()),
            Stream(self.prev.draw(KEY_BYTES).tobytes()),
        )

    def zeros(
        self, shape: tuple[int, ...]
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        """Draw words in two halves, to be joined by exclusive or, as `zero` does.

        Shapes: uint64[shape] each.
        """
        size = 8 * math.prod(shape)
        following = self.next.draw(size).view(np.uint64)
        return following.reshape(shape), self.prev.draw(size).view(np.uint64).reshape(
            shape
        )

    def zero(self, count: int) -> npt.NDArray[np.uint64]:
        """Draw words whose exclusive or over the three seats is zero.

        Shapes: uint64[count].
        """
        one, other = self.zeros((count,))
        return one ^ other

    def shared(
        self, count: int
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        """Draw random secrets that no seat knows, as replicated bits.

        Shapes: own and following component, uint64[count] each.
        """
        following = self.next.draw(8 * count).view(np.uint64)
        return self.prev.draw(8 * count).view(np.uint64), following
