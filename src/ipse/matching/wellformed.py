"""Is this spelling one that an honest wallet could have sent? Decided in secret.

A hostile wallet may send any numbers. Unchecked, uniform garbage is accepted about
every second time, a long vector is accepted by everybody and a short one is found by
nobody. A template is spelled so that every rule is an equation of degree two
(`ipse.shares.spelling`)::

    b^2 - b = 0                                         each number is a bit
    p q = 0                                             of a code, at each place
    |x|^2 - NORM_LOW - surplus = 0                      the norm of an embedding
    sum of m - MIN_VALID_BITS - surplus = 0             the valid bits of a code

All mod 2^32, so what passes has entries in range, and then no sum wraps. The left sides
are computed, shared, in one round, and are never opened: in a second round both holders
of the component that a seat lacks tell it a digest of it, and it knows what that
component must be if all left sides are zero. So the three learn whether they are.

That both holders of an uploaded component hold the same is checked before, by tags.

Specification: docs/spec/matching.md, sections 3 and 9.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.crypto.digest import tagged
from ipse.ground.names import Falsehood, Form
from ipse.ground.params import CODE_LENGTH, MIN_VALID_BITS, NORM_LOW, UPLOAD_BITS
from ipse.matching.claims import Claims, Lied, others_of, told_by_both
from ipse.matching.gate import Numbers, Rule, Shared, gate
from ipse.matching.rounds import Computation, Round, side_by_side
from ipse.matching.seat import Place
from ipse.shares.replicated import Upload
from ipse.shares.spelling import BODY, read, read_surplus

DIGEST_BYTES: Final = 32
_TAG: Final = "ipse/zeros/1"


def flaws(
    place: Place, claims: Claims, uploads: Sequence[Upload]
) -> Computation[npt.NDArray[np.bool_]]:
    """Say of each probe whether its spellings break a rule, in two rounds.

    Run by: each seat. What is said counts once the claims are proved: a seat that lies
        can make an honest spelling look broken, and the other way round.

    Shapes: an upload of each form, its components uint32[probes, SPELLED[form]];
        bool[probes] comes back.
    Raises: Lied: the two others tell this seat different things.
    """
    sides = yield from side_by_side(
        [_left_sides(place, claims, upload) for upload in uploads]
    )
    is_zero = yield from zero_rows(place, Shared.joined(sides))
    return ~is_zero


def well_formed(
    place: Place, uploads: Sequence[Upload]
) -> Computation[npt.NDArray[np.bool_]]:
    """Say of each probe whether its spellings keep all rules, proved. Six rounds.

    Run by: each seat, before a reference is stored.
    Shapes: bool[probes]. Raises: Lied: a seat did.
    """
    claims = Claims()
    flawed = yield from flaws(place, claims, uploads)
    proof = yield from claims.proved(place)
    yield from told_by_both(place, proof, b"", b"")
    return ~flawed


def zero_rows(place: Place, numbers: Shared) -> Computation[npt.NDArray[np.bool_]]:
    """Say of each row of shared numbers whether all of them are zero, in one round.

    Shapes: uint32[rows, numbers], mod 2^32.
    Raises: Lied: the two others tell this seat different things.
    """
    own, following = numbers.own, numbers.following
    rows = len(own)
    size = DIGEST_BYTES * rows
    received = yield Round(_digests(own), _digests(following), size, size)
    told = bytes(received.from_next), bytes(received.from_prev)
    if told[0] != told[1]:
        raise Lied(place, others_of(place), Falsehood.COMPONENT)
    lacking = _digests(np.negative(own + following))
    alike = np.frombuffer(told[0], np.uint8) == np.frombuffer(lacking, np.uint8)
    found: npt.NDArray[np.bool_] = alike.reshape(rows, DIGEST_BYTES).all(axis=-1)
    return found


def _digests(rows: Numbers) -> bytes:
    return b"".join(
        hashlib.sha256(tagged(_TAG, np.ascontiguousarray(row).tobytes())).digest()
        for row in rows
    )


def _left_sides(place: Place, claims: Claims, upload: Upload) -> Computation[Shared]:
    """The left sides of one form's equations, shared: uint32[probes, equations]."""
    taken = Shared(upload.first, upload.second)
    rules = [_SQUARES, *_RULES[upload.form]]
    found = yield from side_by_side(
        [gate(place, claims, UPLOAD_BITS, taken, rule) for rule in rules]
    )
    if upload.form is Form.CODE:
        # linear: the components themselves
        valid = Shared(
            _valid(upload.first, is_first=place.seat == 0),
            _valid(upload.second, is_first=place.next_seat == 0),
        )
        found = [*found, valid]
    return Shared.joined(found)


_SQUARES: Final = Rule(
    local=lambda bits, _first: bits * bits - bits,
    left=lambda bits: bits[..., np.newaxis],
    right=lambda bits: 2 * bits[..., np.newaxis],
)


def _norm(form: Form) -> Rule:
    """|x|^2 less what the surplus says it is: one equation a probe."""

    def local(spelling: Numbers, is_first: bool) -> Numbers:  # noqa: FBT001 (a rule's)
        vector = read(form, spelling)
        exceeds = (vector * vector).sum(axis=-1, dtype=np.uint32)
        exceeds -= read_surplus(form, spelling)
        least = np.uint32(NORM_LOW[form] if is_first else 0)
        left_side: Numbers = (exceeds - least)[..., np.newaxis]
        return left_side

    return Rule(
        local,
        left=lambda spelling: read(form, spelling)[..., np.newaxis, :],
        right=lambda spelling: 2 * read(form, spelling)[..., np.newaxis, :],
    )


def _halves(spelling: Numbers) -> tuple[Numbers, Numbers]:
    return spelling[..., :CODE_LENGTH], spelling[..., CODE_LENGTH : BODY[Form.CODE]]


def _crossed(spelling: Numbers) -> Numbers:
    agreeing, opposing = _halves(spelling)
    return agreeing * opposing


_NEVER_BOTH: Final = Rule(
    local=lambda spelling, _first: _crossed(spelling),
    left=lambda spelling: np.stack(_halves(spelling), axis=-1),
    right=lambda spelling: np.stack(_halves(spelling)[::-1], axis=-1),
)

_RULES: Final = {
    Form.FACE: (_norm(Form.FACE),),
    Form.VOICE: (_norm(Form.VOICE),),
    Form.CODE: (_NEVER_BOTH,),
}
"""Rules of each form beside that its numbers are bits."""


def _valid(spelling: Numbers, *, is_first: bool) -> Numbers:
    """A component of a code's valid bits less what the surplus says they are."""
    agreeing, opposing = _halves(spelling)
    counted = agreeing.sum(axis=-1, dtype=np.uint32)
    counted += opposing.sum(axis=-1, dtype=np.uint32)
    counted -= read_surplus(Form.CODE, spelling)
    counted -= np.uint32(MIN_VALID_BITS if is_first else 0)
    left_side: Numbers = counted[..., np.newaxis]
    return left_side
