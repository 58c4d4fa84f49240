"""What is matched in a measurement: invented vectors, and their plain answers.

Vectors are random and normalised as templates are; each probe is mated with one
record, so that both answers occur. Every seat makes the same from the seed, and cuts
it into shares with dice that all three know: a measurement has nothing to hide, and
the arithmetic cannot tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form, Seat
from ipse.ground.params import (
    CODE_LENGTH,
    CODE_SHAPE,
    CODE_SHIFT,
    CODE_WEIGHT,
)
from ipse.matching.seat import SEATS
from ipse.shares.replicated import Part
from ipse.shares.shamir import FIELDS, Row, stored

Ints = npt.NDArray[np.int32]
SCALE: Final = 112
BLOCK: Final = {Form.FACE: 4_096, Form.CODE: 256}
"""References that are drawn and cut at once: some tens of megabytes."""
VALID: Final = 0.8  # of a code's bits
NOISE: Final = {Form.FACE: 0.8, Form.CODE: 0.2}
"""Of a mated probe: noise against signal in an embedding, flipped bits in a code."""


@dataclass(frozen=True, slots=True)
class Job:
    """One measurement of the matching engine."""

    form: Form  # FACE stands for embeddings of any length here
    length: int  # entries of an embedding, or of a code without its mask
    records: int
    probes: int  # for a code: rotations of one probe
    repetitions: int
    threshold: int
    seed: int


def references(job: Job, start: int, stop: int) -> Ints:
    """The plain references of one block: int[stop - start, vector]."""
    dice = np.random.default_rng([job.seed, 1, start])
    return _vectors(job, stop - start, dice)


def probes(job: Job) -> Ints:
    """The plain probes, each mated with one reference; a code has one."""
    dice = np.random.default_rng([job.seed, 2])
    count = 1 if job.form is Form.CODE else job.probes
    mated = [
        _reference(job, row) for row in dice.integers(0, job.records, count).tolist()
    ]
    vectors = np.stack(mated)
    noise = NOISE[job.form]
    if job.form is Form.CODE:
        flips = np.where(dice.random((count, job.length)) < noise, -1, 1)
        vectors[:, : job.length] *= flips.astype(np.int32)
        return vectors
    moved = vectors + noise * SCALE / job.length**0.5 * dice.standard_normal(
        vectors.shape
    )
    return _rounded(moved)


def blocks(job: Job) -> Iterator[tuple[int, int]]:
    """Where each block of references begins and ends."""
    size = BLOCK[job.form]
    for start in range(0, job.records, size):
        yield start, min(start + size, job.records)


def _reference(job: Job, row: int) -> Ints:
    start, stop = next(each for each in blocks(job) if row < each[1])
    reference: Ints = references(job, start, stop)[row - start]
    return reference


def _vectors(job: Job, count: int, dice: np.random.Generator) -> Ints:
    if job.form is Form.CODE:
        mask = dice.random((count, job.length), np.float32) < VALID
        signs = 2 * dice.integers(0, 2, mask.shape, np.int32) - 1
        return np.concatenate([np.where(mask, signs, 0), mask], axis=1, dtype=np.int32)
    return _rounded(dice.standard_normal((count, job.length), np.float32))


def _rounded(directions: npt.NDArray[np.floating]) -> Ints:
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    rounded: Ints = np.rint(directions * (SCALE / lengths)).astype(np.int32)
    return rounded


def cut(form: Form, vectors: Ints, seat: Seat, dice: np.random.Generator) -> Part:
    """One seat's two components of these vectors, from dice that all seats share."""
    drawn = [
        dice.integers(0, 1 << 32, vectors.shape, np.uint32) for _ in range(SEATS - 1)
    ]
    components = [*drawn, vectors.view(np.uint32) - drawn[0] - drawn[1]]
    return Part(form, components[seat], components[(seat + 1) % SEATS])


def rows(job: Job, seat: Seat) -> Row:
    """Everything that one seat stores."""
    kept: dict[str, npt.NDArray[np.unsignedinteger]] = {}
    for start, stop in blocks(job):
        dice = np.random.default_rng([job.seed, 3, start])
        part = cut(job.form, references(job, start, stop), seat, dice)
        for name, block in stored(part, seat).items():
            shape = (job.records, block.shape[1])
            kept.setdefault(name, np.empty(shape, block.dtype))[start:stop] = block
    return kept


def asked(job: Job, seat: Seat) -> Part:
    """One seat's part of the probes."""
    return cut(job.form, probes(job), seat, np.random.default_rng([job.seed, 4]))


def expected(job: Job) -> npt.NDArray[np.bool_]:
    """The plain answers: bool[probes, records], a code's rotations joined."""
    asking = probes(job)
    found = []
    for start, stop in blocks(job):
        block = references(job, start, stop)
        found.append(_plain(job, asking, block))
    return np.concatenate(found, axis=1)


def _plain(job: Job, asking: Ints, block: Ints) -> npt.NDArray[np.bool_]:
    # all products are integers below 2^24, which float32 represents exactly
    if job.form is not Form.CODE:
        scores = asking.astype(np.float32) @ block.astype(np.float32).T
        matches: npt.NDArray[np.bool_] = scores >= job.threshold
        return matches
    first = -(job.probes // 2)
    code, mask = (
        np.stack(
            [
                np.roll(half.reshape(CODE_SHAPE), turn, axis=1).reshape(-1)
                for turn in range(first, first + job.probes)
            ]
        ).astype(np.float32)
        for half in np.split(asking[0], 2)
    )
    kept_code, kept_mask = (
        half.astype(np.float32) for half in np.split(block, 2, axis=1)
    )
    dot, valid = code @ kept_code.T, mask @ kept_mask.T
    matching = dot * 2**CODE_SHIFT > CODE_WEIGHT * valid
    joined: npt.NDArray[np.bool_] = np.any(matching, axis=0)[np.newaxis]
    return joined


def segment_bytes(job: Job) -> int:
    """Bytes of one seat's rows."""
    length = CODE_LENGTH if job.form is Form.CODE else job.length
    return job.records * sum(
        length * np.dtype(field.dtype).itemsize for field in FIELDS[job.form]
    )
