"""The two questions of the network, each answered with one bit.

    verify   is this the body of that record?       1:1, fewest rounds, proved
    unique   is this body among all the records?    1:N, fewest bytes

A verification is computed, proved and opened::

    score, flaws   --sign-->   match bit, shared   --proof-->   opened by two senders

Every message on the way is a claim that the other two can check together
(`ipse.matching.proof`); nothing is opened before each seat saw the two others' claims
proved. So one seat that lies can stop an answer and never change one. The bit of a
spelling that is flawed is not opened at all. Rotations of a code, and all rows of a
search, are joined before anything is opened: nobody learns which row matched, or how
many.

Run by: each of the three seats; nothing of the outside is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
import numpy.typing as npt

from ipse.crypto.secret import Secret
from ipse.ground.names import Falsehood, Form
from ipse.matching.claims import Claims, Lied, others_of, told_by_both
from ipse.matching.compare import Parts
from ipse.matching.gate import ONE_BIT, Shared, both, packed, unpacked
from ipse.matching.lookup import negative
from ipse.matching.pairs import scores
from ipse.matching.rounds import Computation, Undertaking, together
from ipse.matching.search import search_sums
from ipse.matching.seat import Place
from ipse.matching.wellformed import flaws, well_formed, zero_rows
from ipse.matching.zero_test import all_zero
from ipse.shares.replicated import Upload
from ipse.shares.shamir import Row


class Answer(Enum):
    """All that an operator learns about a body."""

    MALFORMED = auto()
    MATCH = auto()
    NO_MATCH = auto()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Decided(Secret):
    """Answers that are computed, and neither proved nor opened."""

    flawed: npt.NDArray[np.bool_]  # [probes]
    match: Shared  # bits[probes]

    def told(self) -> tuple[bytes, bytes]:
        """Spell what the next seat lacks, and what the previous one lacks.

        The bits of flawed probes are 0 there: nobody learns whether they match.
        """
        to_next, to_prev = (
            packed(np.where(self.flawed, np.uint32(0), component), ONE_BIT)
            for component in (self.match.own, self.match.following)
        )
        return to_next, to_prev

    def answers(self, lacking: bytes) -> list[Answer]:
        """Read the answers with the component that this seat lacked."""
        bits = self.match.own ^ self.match.following
        bits = bits ^ unpacked(lacking, ONE_BIT, self.flawed.shape)
        return [
            Answer.MALFORMED if flawed else Answer.MATCH if bit else Answer.NO_MATCH
            for flawed, bit in zip(self.flawed.tolist(), bits.tolist(), strict=True)
        ]


Uploads = Mapping[Form, Upload]


def verify(
    place: Place, uploads: Uploads, row: Row, threshold: int
) -> Computation[Answer]:
    """Compare one probe with one record.

    Shapes: the uploads' components are uint32[1, spelled]; row has [1, length] arrays.
    Rounds: 8 (score, tables, two of carries; three of proof; one opening).
    """
    answers = yield from verify_each(place, uploads, row, threshold)
    return answers[0]


def verify_each(
    place: Place, uploads: Uploads, rows: Row, threshold: int
) -> Computation[list[Answer]]:
    """Compare many probes, each with its own record, in the rounds of one.

    Shapes: the uploads' components are uint32[probes, spelled]; rows have [probes,
        length] arrays, or [1, length] for one record that all are compared with.
    """
    claims = Claims()
    decided = yield from decide(place, claims, uploads, rows, threshold)
    proof = yield from claims.proved(place)
    lacking = yield from told_by_both(place, proof, *decided.told())
    return decided.answers(lacking)


def decide(
    place: Place, claims: Claims, uploads: Uploads, rows: Row, threshold: int
) -> Computation[Decided]:
    """Compute answers, and put down every message as a claim. Four rounds.

    Run by: each seat. For a code five more: its rotations are joined.
    Raises: Lied: the two others tell this seat different things, or a row is not the
        stored one.
    """
    parts = {form: upload.part() for form, upload in uploads.items()}
    flawed, match = yield from together(
        flaws(place, claims, tuple(uploads.values())),
        match_each(place, claims, parts, rows, threshold),
    )
    return Decided(flawed, match)


def match_each(
    place: Place, claims: Claims, parts: Parts, rows: Row, threshold: int
) -> Computation[Shared]:
    """Compare probes that are well-formed, each with its own record: no bit is opened.

    Run by: each seat, in four rounds, five more for a code. Shapes: uint32[probes].
    Raises: Lied: a row is not the stored one.
    """
    scored = yield from scores(place, claims, parts, rows, threshold)
    probes, turns = scored.numbers.own.shape
    numbers = scored.numbers.shaped(-1)
    below, fits = yield from together(
        negative(place, claims, numbers, scored.bits),
        zero_rows(place, scored.misfit),
    )
    if not fits.all():
        raise Lied(place, others_of(place), Falsehood.ROW)
    none = yield from _all_of(place, claims, below.shaped(probes, turns))
    return _not(place, none)


def _all_of(place: Place, claims: Claims, bits: Shared) -> Computation[Shared]:
    """Join each probe's bits by halving: are all of them set? [probes, bits]."""
    while (count := bits.own.shape[1]) > 1:
        half = count // 2
        joined = yield from both(
            place, claims, bits[:, :half], bits[:, half : 2 * half]
        )
        bits = Shared.joined([joined, bits[:, 2 * half :]])
    return bits[:, 0]


def _not(place: Place, bits: Shared) -> Shared:
    """Complement bits: one component alone, the first, at both seats that have it."""
    return Shared(
        bits.own ^ np.uint32(place.seat == 0),
        bits.following ^ np.uint32(place.next_seat == 0),
    )


def unique(
    place: Place,
    uploads: Uploads,
    rows: Row,
    alive: npt.NDArray[np.bool_],
    threshold: int,
) -> Undertaking[Answer]:
    """Search all living rows for one reference, which must be well-formed.

    Shapes: the uploads' components are uint32[1, spelled]; rows are [rows, length] by
        field, alive is bool[rows].
    Returns: MATCH if somebody matches.
    """
    passed = yield from well_formed(place, tuple(uploads.values()))
    if not passed[0]:
        return Answer.MALFORMED
    if not alive.any():
        return Answer.NO_MATCH
    parts = {form: upload.part() for form, upload in uploads.items()}
    sums = yield from search_sums(place, parts, rows, alive, threshold)
    absent = yield from all_zero(place, [sums])
    return Answer.NO_MATCH if absent[0] else Answer.MATCH
