"""The probe drill: does anything get in that is no template?

For each kind of `ipse_lab.drill.hostile`, many hostile vectors are presented twice:
as a probe against an honest record, and as a reference that an honest stranger
meets later. All three seats run in this process, with the network's own code:
`verify_each` and `well_formed` are what operators run.

The same vectors then meet the comparison alone, with no check before it, which no
operator ever runs: a drill that cannot fail would show nothing.
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form, Seat
from ipse.matching.compare import ask, matches
from ipse.matching.reveal import match_bits
from ipse.matching.rounds import Computation
from ipse.matching.search import as_one
from ipse.matching.seat import Place
from ipse.matching.signs import Bits, Circuit
from ipse.matching.verify import Answer, verify_each
from ipse.matching.wellformed import well_formed
from ipse.matching.zero_test import none_set, toss
from ipse.operator.stance import component_tag
from ipse.shares.replicated import Upload
from ipse.shares.shamir import Row, stored
from ipse.wire.parts import VECTOR, WireComponent
from ipse_lab.drill.hostile import KINDS, Triple, honest
from ipse_lab.table import Table

CHUNK: Final = {Form.FACE: 500, Form.VOICE: 500, Form.CODE: 5}
"""Vectors drawn and judged at once: bounds the memory of a drill."""

UNCHECKED: Final = 1_000
"""Vectors of each kind that the comparison alone is tried with: enough to see whether
the drill can fail. As many codes go through whole verifications."""

DRILL_KEY: Final = bytes(32)  # of a pair of operators: nothing is secret in a drill


@dataclass(frozen=True, slots=True)
class Score:
    """What became of vectors of one kind, in each of the two roles."""

    tried: int
    passed: int = 0  # by the well-formedness check
    verified: int = 0  # went through a whole verification
    accepted_as_probe: int = 0
    accepted_as_reference: int = 0
    unchecked_tried: int = 0
    unchecked_as_probe: int = 0  # what the comparison alone accepts
    unchecked_as_reference: int = 0

    def __add__(self, other: "Score") -> "Score":
        """Add up the counts of two chunks."""
        return Score(*map(sum, zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a drill that one process plays alone."""

    kind: int  # index into KINDS
    count: int
    seed: tuple[int, ...]  # of all randomness, so that a hit can be repeated
    threshold: int  # score from which embeddings match
    is_unchecked: bool  # play it without the check as well


def chunks(tries: int, seed: int, threshold: int) -> Iterator[Chunk]:
    """Cut a drill of `tries` vectors of every kind into chunks."""
    for index, kind in enumerate(KINDS):
        size = CHUNK[kind.form]
        for start in range(0, tries, size):
            yield Chunk(
                index,
                min(size, tries - start),
                (seed, index, start),
                threshold,
                start < UNCHECKED,
            )


def play(chunk: Chunk) -> Score:
    """Present one chunk's vectors, in both roles."""
    table = Table(np.random.default_rng(chunk.seed))
    kind = KINDS[chunk.kind]
    hostile = kind.draw(table, chunk.count)
    meets = table.uploads(kind.form, honest(kind.form, 1, table.dice))
    stranger = _Stranger(kind.form, meets, _rows(meets), chunk.threshold)
    agreed = _agreed(hostile)
    passed = _well_formed(table, hostile, agreed)
    score = Score(chunk.count, int(passed.sum()))
    # whole verifications of codes are slow: some of all, and all that are well-formed
    is_whole = kind.form is not Form.CODE or chunk.is_unchecked
    presented = agreed if is_whole else passed
    if presented.any():
        accepted = stranger.verifies(table, _some(hostile, presented))
        count = int(presented.sum())
        score = replace(score, verified=count, accepted_as_probe=accepted)
    if passed.any():
        found = stranger.matches_stored(table, _some(hostile, passed))
        score = replace(score, accepted_as_reference=found)
    if chunk.is_unchecked:
        score = replace(
            score,
            unchecked_tried=chunk.count,
            unchecked_as_probe=stranger.compares(table, hostile),
            unchecked_as_reference=stranger.matches_stored(table, hostile),
        )
    return score


def _well_formed(
    table: Table, uploads: Triple, agreed: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Which pass; what two holders of a component tell apart is not looked at."""
    passed = np.zeros(len(agreed), np.bool_)
    if agreed.any():
        looked_at = _some(uploads, agreed)
        judged = table.play(lambda place: well_formed(place, (looked_at[place.seat],)))
        passed[agreed] = judged.results[0]
    return passed


@dataclass(frozen=True, slots=True)
class _Stranger:
    """An honest person who has nothing to do with what is presented."""

    form: Form
    uploads: Triple
    rows: tuple[Row, Row, Row]
    threshold: int

    def verifies(self, table: Table, probes: Triple) -> int:
        """How many probes the operators' verification takes for the stranger."""

        def judge(place: Place, batch: Triple) -> Computation[list[Answer]]:
            uploads = {self.form: batch[place.seat]}
            return verify_each(place, uploads, self.rows[place.seat], self.threshold)

        return sum(
            table.play(partial(judge, batch=batch)).results[0].count(Answer.MATCH)
            for batch in self._batches(probes)
        )

    def compares(self, table: Table, probes: Triple) -> int:
        """The same by the comparison alone: no operator runs it so."""

        def bare(place: Place, batch: Triple) -> Computation[int]:
            coin = yield from toss(place)
            found: Bits = yield from matches(
                place,
                ask(place, {self.form: batch[place.seat].part()}, self.threshold),
                self.rows[place.seat],
                np.ones(1, np.bool_),
                Circuit.RIPPLE,
            )
            if self.form is Form.CODE:
                found = as_one(found)
            absent = yield from none_set(place, coin, found)
            return int((~absent).sum())

        return sum(
            table.play(partial(bare, batch=batch)).results[0]
            for batch in self._batches(probes)
        )

    def _batches(self, probes: Triple) -> list[Triple]:
        """A code's rotations are its batch: codes come one by one."""
        return _one_by_one(probes) if self.form is Form.CODE else [probes]

    def matches_stored(self, table: Table, references: Triple) -> int:
        """How many stored references the stranger's own probe matches."""
        rows = _rows(references)
        alive = np.ones(len(references[0].first), np.bool_)
        bits = table.play(
            lambda place: match_bits(
                place,
                {self.form: self.uploads[place.seat].part()},
                rows[place.seat],
                alive,
                self.threshold,
            )
        ).results[0]
        return int(bits.sum())


def _agreed(uploads: Triple) -> npt.NDArray[np.bool_]:
    """Which vectors' components have one tag at both holders, as operators compare."""
    firsts, seconds = (
        [[_tag(row) for row in component] for component in components]
        for components in zip(
            *((each.first, each.second) for each in uploads), strict=True
        )
    )
    alike = np.ones(len(uploads[0].first), np.bool_)
    for seat, tags in enumerate(seconds):
        held = firsts[(seat + 1) % len(firsts)]
        alike &= np.array([one == other for one, other in zip(tags, held, strict=True)])
    return alike


def _tag(component: npt.NDArray[np.uint32]) -> bytes:
    sent = WireComponent(VECTOR, component.astype("<u4").tobytes())
    return component_tag(DRILL_KEY, b"drill", [sent])


def _rows(uploads: Triple) -> tuple[Row, Row, Row]:
    first, second, third = (
        stored(upload.part(), Seat(seat)) for seat, upload in enumerate(uploads)
    )
    return first, second, third


def _some(uploads: Triple, chosen: npt.NDArray[np.bool_] | slice) -> Triple:
    first, second, third = (
        Upload(each.form, each.first[chosen], each.second[chosen]) for each in uploads
    )
    return first, second, third


def _one_by_one(uploads: Triple) -> list[Triple]:
    return [_some(uploads, slice(i, i + 1)) for i in range(len(uploads[0].first))]
