"""What each worker holds, and so what it must be shipped before the next scan.

A worker is shipped the living rows of its stripe once, and keeps them until the
stripe's borders move (`ipse.matching.spread`), or the epoch is over. From then on it is
due only the slots whose record came or went since. Rows that no record names never
leave.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.ground.names import Epoch, Form
from ipse.matching.spread import stripe_length
from ipse.operator.records import Scan
from ipse.operator.roll import Roll

CHUNK_BYTES: Final = 8 << 20
"""Bytes of rows in one shipment: large enough to be fast, small enough to wait for."""

Slots = npt.NDArray[np.int64]
Chunk = tuple[Slots, dict[str, Words]]
"""Some slots, and their rows: dtype[slots, length] by field."""


class Source(Protocol):
    """The records that are searched."""

    @property
    def roll(self) -> Roll:
        """Who is enrolled, in which slot."""
        ...

    def held(self, *forms: Form) -> AbstractContextManager[Scan]:
        """Hold the rows of all records that have some forms, for one search."""
        ...


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Due:
    """What one worker lacks."""

    stripe: range  # slots that it has room for, whether or not anyone is in them
    is_anew: bool  # whatever it held is of another stripe or epoch
    gone: Slots  # whose record went
    chunks: Iterator[Chunk]  # whose record came


@dataclass(frozen=True, slots=True)
class _Held:
    """What one worker has of one form."""

    stripe: range
    epoch: Epoch
    since: int  # the roll's changes until then are in it


class Holdings:
    """What all workers of a crew hold."""

    def __init__(self, source: Source, workers: int) -> None:
        """Begin with workers that hold nothing."""
        self._source = source
        self._workers = workers
        self._held: dict[tuple[int, Form], _Held] = {}

    def due(self, number: int, form: Form) -> Due:
        """Return what a worker lacks, and count it as held from now on."""
        roll = self._source.roll
        alive = roll.alive(form)
        length = stripe_length(len(alive), self._workers)
        stripe = range(number * length, (number + 1) * length)
        held = self._held.get((number, form))
        self._held[number, form] = _Held(stripe, roll.epoch, roll.changes)
        if held is None or (held.stripe, held.epoch) != (stripe, roll.epoch):
            living = np.flatnonzero(alive[stripe.start : stripe.stop]) + stripe.start
            return Due(stripe, True, living[:0], self._chunks(form, living))  # noqa: FBT003 (a field)
        touched = roll.touched(held.since, stripe)
        is_living = np.zeros(len(touched), np.bool_)
        is_within = touched < len(alive)  # beyond the last living row nobody lives
        is_living[is_within] = alive[touched[is_within]]
        chunks = self._chunks(form, touched[is_living])
        return Due(stripe, False, touched[~is_living], chunks)  # noqa: FBT003 (a field)

    def forget(self, number: int) -> None:
        """Note that a worker is gone, with all that it held."""
        for form in Form:
            self._held.pop((number, form), None)

    def _chunks(self, form: Form, slots: Slots) -> Iterator[Chunk]:
        if not len(slots):
            return
        with self._source.held(form) as scan:
            rows = scan.rows
            row_bytes = sum(field.itemsize * field.shape[1] for field in rows.values())
            most = max(1, CHUNK_BYTES // row_bytes)
            for start in range(0, len(slots), most):
                chunk = slots[start : start + most]
                yield chunk, {name: field[chunk] for name, field in rows.items()}
