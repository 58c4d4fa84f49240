"""Lies: what one seat of a verification may say instead of the truth.

A verification's messages are runs of fields. A lie changes one number of one field, by
an offset: one, half the ring, or anything; so every field of every message is reached,
and every offset. What is called a field here is checked against the real messages each
time: a message of another length than its fields is a fault of this table.

    round   to the seat before                    to the seat after
    1       left sides, score                     its row
    2       digests; tables or pads               the same, and the highest place
    3, 4    halvings of the carries
    5       the coin                              the coin
    6                                             its proof
    7       its answer, and the point             the same
    8       that it goes on, a word, the bit      the same
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.crypto.digest import DIGEST_BYTES
from ipse.crypto.stream import KEY_BYTES
from ipse.ground.names import Form
from ipse.ground.params import LENGTH
from ipse.matching.lookup import DIGITS, KINDS, P, Q, R
from ipse.matching.proof import POINT_BYTES
from ipse.matching.rounds import Round
from ipse.shares.replicated import Upload
from ipse.shares.shamir import Row
from ipse.shares.spelling import SPELLED
from ipse_lab.lying import said_otherwise

NEXT, PREV = "to the next", "to the previous"

ENTRIES: Final = 16  # of a digit's table: a score has 16 bits
ROW_BITS: Final = 16


@dataclass(frozen=True, slots=True)
class Field:
    """One run of numbers in a message."""

    name: str
    size: int  # bytes; 0 for what is left of the message
    width: int = 8  # bits of a number: 8, 16 or 32; 1 for packed bits
    bits: int = 0  # how many packed bits count; the rest fills up a byte


BIT: Final = Field("bit", 1, 1, 1)
"""What is opened."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message: who says it, when, to whom, in which fields."""

    seat: int
    round: int  # from 1
    to: str
    fields: tuple[Field, ...]


def _first(seat: int) -> Iterator[Said]:
    sides = Field("left sides of bits", 4 * SPELLED[Form.FACE], 32)
    yield Said(seat, 1, PREV, (sides, Field("norm", 4, 32), Field("score", 2, 16)))
    yield Said(seat, 1, NEXT, (Field("row", 2 * LENGTH[Form.FACE], 16),))


def _second(seat: int) -> Iterator[Said]:
    zeros = Field("digest of left sides", DIGEST_BYTES)
    fits = Field("digest of the rows' misfit", DIGEST_BYTES)
    entries = KINDS * DIGITS * ENTRIES
    pads = KINDS * DIGITS
    between: dict[tuple[int, str], Field] = {
        (P, NEXT): Field("table and highest place", entries // 8 + 1, 1, entries + 1),
        (P, PREV): Field("table", entries // 8, 1, entries),
        (Q, NEXT): Field("pads", pads // 8, 1, pads),
        (R, PREV): Field("pads", pads // 8, 1, pads),
    }
    for to in (NEXT, PREV):
        own = between.get((seat, to))
        yield Said(seat, 2, to, (zeros, *([own] if own else []), fits))


def _halvings(seat: int) -> Iterator[Said]:
    yield Said(seat, 3, PREV, (Field("digits joined", 1, 1, 2 * KINDS),))
    yield Said(seat, 4, PREV, (Field("carry joined", 1, 1, 1),))


def _proof(seat: int) -> Iterator[Said]:
    for to in (NEXT, PREV):
        yield Said(seat, 5, to, (Field("coin", KEY_BYTES),))
    yield Said(seat, 6, NEXT, (Field("proof", 0, 32),))
    for to in (NEXT, PREV):
        yield Said(seat, 7, to, (Field("answer", 0, 32), Field("point", POINT_BYTES)))
        opening = (Field("goes on", 1), Field("word", DIGEST_BYTES), BIT)
        yield Said(seat, 8, to, opening)


MESSAGES: Final = tuple(
    said
    for seat in (P, Q, R)
    for said in (*_first(seat), *_second(seat), *_halvings(seat), *_proof(seat))
)
"""Every message of a verification by face."""


@dataclass(frozen=True, slots=True)
class Lie:
    """One number of one message, changed."""

    said: Said
    field: Field
    place: float  # where in the field, from 0 to 1
    offset: int  # added; to packed bits, at least the lowest is flipped

    @property
    def seat(self) -> int:
        """Who tells it."""
        return self.said.seat

    @property
    def kind(self) -> str:
        """How it is counted."""
        return f"{self.field.name}, {self.said.to}"

    def __call__(self, number: int, told: Round) -> Round:
        """Tell it, when it is time to. Rounds are counted from 0 here."""
        if number + 1 != self.said.round:
            return told
        return said_otherwise(told, self.told, to_next=self.said.to == NEXT)

    def told(self, message: bytes) -> bytes:
        """The message with the lie in it, never the same as before."""
        start, size = self._found(len(message))
        told = bytearray(message)
        if self.field.width == 1:
            bit = int(self.place * self.field.bits)
            told[start + bit // 8] ^= 1 << bit % 8
            return bytes(told)
        step = self.field.width // 8
        count = size // step
        at = start + step * int(self.place * count)
        number = int.from_bytes(told[at : at + step], "little")
        number = (number + self.offset) % (1 << self.field.width)
        told[at : at + step] = number.to_bytes(step, "little")
        return bytes(told)

    def _found(self, length: int) -> tuple[int, int]:
        """Where the field is in a message of this length, and its size."""
        fixed = sum(field.size for field in self.said.fields)
        is_open = any(not field.size for field in self.said.fields)
        if length != fixed and not is_open:
            raise AssertionError(f"{self.said} has {length} bytes, not {fixed}")
        start = 0
        for field in self.said.fields:
            size = field.size or length - fixed
            if field is self.field:
                return start, size
            start += size
        raise AssertionError(f"{self.field} is not in {self.said}")


class Taken(StrEnum):
    """What a seat may compute with instead of what it was given."""

    ROW = "another row"
    OWN = "another component of the probe"
    FOLLOWING = "another component of the probe, the other one"
    THRESHOLD = "another threshold"


@dataclass(frozen=True, slots=True, repr=False)
class Given:
    """What a seat computes with."""

    upload: Upload
    row: Row
    threshold: int


TAKERS: Final = dict.fromkeys(Taken, (P, Q, R)) | {Taken.THRESHOLD: (P,)}
"""Who may: the threshold is subtracted by one seat, and known to another."""


@dataclass(frozen=True, slots=True)
class Instead:
    """A seat that computes with something else, and all that it says fits that."""

    seat: int
    what: Taken
    place: float  # where in the vector, from 0 to 1
    offset: int

    @property
    def kind(self) -> str:
        """How it is counted."""
        return self.what.value

    def taken(self, given: "Given") -> "Given":
        """Take something else than what was given."""
        upload = given.upload
        match self.what:
            case Taken.ROW:
                row = {name: self._moved(each) for name, each in given.row.items()}
                return replace(given, row=row)
            case Taken.OWN:
                upload = replace(upload, first=self._moved(upload.first))
            case Taken.FOLLOWING:
                upload = replace(upload, second=self._moved(upload.second))
            case Taken.THRESHOLD:
                return replace(given, threshold=given.threshold + self.offset)
        return replace(given, upload=upload)

    def _moved(self, vector: npt.NDArray[Any]) -> npt.NDArray[Any]:
        moved = vector.copy()
        at = int(self.place * vector.shape[-1])
        moved[..., at] += vector.dtype.type(self.offset)
        return moved


Untruth: TypeAlias = Lie | Instead

KINDS_OF_LIES: Final = (
    *dict.fromkeys(
        f"{field.name}, {said.to}" for said in MESSAGES for field in said.fields
    ),
    *(what.value for what in Taken),
)
"""Kinds by which lies are counted."""


TOLD: Final = tuple((said, field) for said in MESSAGES for field in said.fields)
TAKEN: Final = tuple((seat, what) for what in Taken for seat in TAKERS[what])
EVERY: Final = len(TOLD) + len(TAKEN)
"""Fields of messages, and things that a seat may take instead."""


def lies(dice: np.random.Generator, count: int) -> list[Untruth]:
    """Draw lies: each field and each thing in turn, at any place, by any offset."""
    drawn: list[Untruth] = []
    for index in range(count):
        turn, place = index % EVERY, float(dice.random())
        if turn < len(TOLD):
            said, field = TOLD[turn]
            drawn.append(Lie(said, field, place, _offset(dice, field.width)))
        else:
            seat, what = TAKEN[turn - len(TOLD)]
            drawn.append(Instead(seat, what, place, _offset(dice, ROW_BITS - 1)))
    return drawn


def _offset(dice: np.random.Generator, bits: int) -> int:
    """One, half the ring, minus one, or anything but nothing."""
    ring = 1 << bits
    chosen: Sequence[int] = (1, ring // 2, ring - 1, int(dice.integers(1, ring)))
    return chosen[int(dice.integers(len(chosen)))]
