"""Three seats at one table: shares of invented vectors, and whole computations.

For tests and drills: what a wallet would send is split here, and three seats
compute in one process. The seeds come in, so that a failure can be repeated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ipse.crypto.stream import KEY_BYTES, Stream
from ipse.ground.names import Form, Seat
from ipse.matching.rounds import Undertaking
from ipse.matching.seat import SEATS, Place
from ipse.shares.replicated import Part, Upload, batch, cut, read_upload
from ipse.shares.shamir import Row, stored
from ipse.shares.spelling import Spelling, spell
from ipse_lab.network import Played, run_together

T = TypeVar("T")
Vectors = npt.NDArray[np.integer]


@dataclass(slots=True)
class Table:
    """Three seats whose randomness follows from one generator."""

    dice: np.random.Generator

    def uploads(self, form: Form, vectors: Vectors) -> tuple[Upload, Upload, Upload]:
        """Split each vector as a wallet would: what each seat is sent of all of them.

        Shapes: vectors is integer[probes, length].
        """
        return self.raw_uploads(form, [spell(form, vector) for vector in vectors])

    def raw_uploads(
        self, form: Form, spellings: Sequence[Spelling]
    ) -> tuple[Upload, Upload, Upload]:
        """The same for spellings that no honest wallet would send.

        Shapes: each is uint32[SPELLED[form]].
        """
        sent = [cut(form, each, (self._key(), self._key())) for each in spellings]
        first, second, third = (
            batch([read_upload(parts[seat]) for parts in sent]) for seat in range(SEATS)
        )
        return first, second, third

    def raw_parts(self, form: Form, vectors: Vectors) -> tuple[Part, Part, Part]:
        """The same without expanding seeds, for many vectors of any length."""
        shape = vectors.shape
        drawn = [
            self.dice.integers(0, 1 << 32, shape, dtype=np.uint32) for _ in range(2)
        ]
        drawn.append(vectors.astype(np.int64).astype(np.uint32) - drawn[0] - drawn[1])
        first, second, third = (
            Part(form, drawn[seat], drawn[(seat + 1) % SEATS]) for seat in range(SEATS)
        )
        return first, second, third

    def rows(self, form: Form, vectors: Vectors) -> tuple[Row, Row, Row]:
        """What each seat stores of these references."""
        parts = self.raw_parts(form, vectors)
        first, second, third = (
            stored(parts[seat], Seat(seat)) for seat in range(SEATS)
        )
        return first, second, third

    def places(self) -> tuple[Place, Place, Place]:
        """Fresh places for one job."""
        keys = [self._key() for _ in range(SEATS)]
        first, second, third = (
            Place(Seat(seat), Stream(keys[seat]), Stream(keys[seat - 1]))
            for seat in range(SEATS)
        )
        return first, second, third

    def play(self, computation: Callable[[Place], Undertaking[T]]) -> Played[T]:
        """Run one computation at all three seats."""
        first, second, third = (computation(place) for place in self.places())
        return run_together(first, second, third)

    def _key(self) -> bytes:
        return self.dice.bytes(KEY_BYTES)


def of_seat(parts: Mapping[Form, Sequence[T]], place: Place) -> dict[Form, T]:
    """One seat's parts, or uploads, of every form."""
    return {form: each[place.seat] for form, each in parts.items()}
