"""The questions: which secret computation answers which purpose, on which rows.

    ENROL    the reference is well-formed, and nobody living matches it
    VERIFY   the probe matches the record
    SEED     the references are well-formed (laboratory: nobody is searched for)
    BITS     which records does the probe match (laboratory)

An enrolment is searched by face, or by code; a voice beside the face is proved
well-formed and stored, but not searched: not every record has one.

Requests that share a job share the rounds, and enrolments one scan; each gets the
answer that it would have got if they had come one after the other.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import numpy as np

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import Form, Outcome, Purpose, Seat
from ipse.matching.claims import Claims, told_by_both
from ipse.matching.reveal import match_bits
from ipse.matching.rounds import (
    Computation,
    Undertaking,
    away,
    side_by_side,
)
from ipse.matching.seat import Place
from ipse.matching.verify import Answer, Uploads, decide
from ipse.matching.wellformed import well_formed
from ipse.operator.admission import SEARCHED, Admitted
from ipse.operator.beside import Beside
from ipse.operator.enrolment import judge
from ipse.operator.records import Records, Rows
from ipse.operator.search import Search
from ipse.operator.table import Computed
from ipse.shares.replicated import Upload, batch
from ipse.shares.shamir import Row, stored
from ipse.wire.charter import Charter

BATCH: Final = {Form.FACE: 128, Form.VOICE: 128, Form.CODE: 16}
"""References that are proved well-formed in one computation, some 100 MB of tables:
a code takes 7 MB, a face or a voice below 0.2 MB."""

T = TypeVar("T")


def ask(
    place: Place,
    asked: Sequence[Admitted],
    records: Records,
    search: Search,
    charter: Charter,
    beside: Beside,
) -> Undertaking[list[Computed]]:
    """Answer requests that are ready and share a job, in secret.

    Run by: each operator, in the same order of rounds. Of a verification nothing is
        opened before what goes on beside it is done.
    Returns: what was found, request for request.
    """
    match asked[0].header.purpose:
        case Purpose.ENROL:
            return _enrol(place, asked, records, search, charter)
        case Purpose.VERIFY:
            return _verify(place, asked, records, charter, beside)
        case Purpose.SEED:
            return _seed(place, asked[0])
        case Purpose.BITS:
            return _bits(place, asked[0], records, charter)
        case purpose:
            raise OutOfTurn(f"{purpose} computes nothing.")


def rows_of(admitted: Admitted, seat: Seat) -> tuple[Rows, ...]:
    """Return what this seat stores of each body that was sent."""
    forms = admitted.header.forms
    bodies = (
        admitted.uploads[start : start + len(forms)]
        for start in range(0, len(admitted.uploads), len(forms))
    )
    return tuple(
        {
            upload.form: {
                name: field[0] for name, field in stored(upload.part(), seat).items()
            }
            for upload in body
        }
        for body in bodies
    )


def _enrol(
    place: Place,
    asked: Sequence[Admitted],
    records: Records,
    search: Search,
    charter: Charter,
) -> Undertaking[list[Computed]]:
    # (1) every vector of each is well-formed
    passed = yield from _each(
        asked, lambda forms, alike: _well_formed(place, forms, alike)
    )
    outcomes = [Outcome.ENROLLED if ok else Outcome.MALFORMED for ok in passed]
    sound = [index for index, ok in enumerate(passed) if ok]
    if not sound:
        return [Computed(outcome) for outcome in outcomes]
    # (2) each is new, or the body of somebody
    newcomers = batch([_searched(asked[index]) for index in sound]).part()
    judged = yield from judge(place, newcomers, records, search, charter)
    computed = [Computed(outcome) for outcome in outcomes]
    for index, one in zip(sound, judged, strict=True):
        if not one.is_new:
            computed[index] = Computed(Outcome.ALREADY_ENROLLED, found=one.found)
    return computed


def _well_formed(
    place: Place, forms: tuple[Form, ...], alike: Sequence[Admitted]
) -> Computation[list[bool]]:
    uploads = tuple(_batched(forms, alike).values())
    passed = yield from well_formed(place, uploads)
    found: list[bool] = passed.tolist()
    return found


def _verify(
    place: Place,
    asked: Sequence[Admitted],
    records: Records,
    charter: Charter,
    beside: Beside,
) -> Undertaking[list[Computed]]:
    def verified(
        forms: tuple[Form, ...], alike: Sequence[Admitted]
    ) -> Undertaking[list[Answer]]:
        found = [records.roll.get(each.header.handle) for each in alike]
        slots = [record.slot for record in found if record is not None]
        if len(slots) < len(alike):
            raise OutOfTurn("A request is ready whose record is not there.")
        rows = [records.row(forms, slot) for slot in slots]
        joined = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
        threshold = charter.thresholds_for(forms).verify
        uploads = _batched(forms, alike)
        return _opened_last(place, uploads, joined, threshold, beside)

    answers = yield from _each(asked, verified)
    return [Computed(_VERIFIED[answer]) for answer in answers]


def _opened_last(
    place: Place, uploads: Uploads, rows: Row, threshold: int, beside: Beside
) -> Undertaking[list[Answer]]:
    """Verify as `ipse.matching.verify.verify_each` does, with something beside it."""
    yield from away(beside.begin)
    claims = Claims()
    decided = yield from decide(place, claims, uploads, rows, threshold)
    proof = yield from claims.proved(place)
    yield from away(beside.end)
    lacking = yield from told_by_both(place, proof, *decided.told())
    return decided.answers(lacking)


_VERIFIED: Final = {
    Answer.MALFORMED: Outcome.MALFORMED,
    Answer.MATCH: Outcome.MATCHED,
    Answer.NO_MATCH: Outcome.NOT_MATCHED,
}


def _each(
    asked: Sequence[Admitted],
    answer: Callable[[tuple[Form, ...], Sequence[Admitted]], Undertaking[list[T]]],
) -> Undertaking[list[T]]:
    """Answer the requests of each set of forms together, and all sets side by side."""
    alike: dict[tuple[Form, ...], list[int]] = {}
    for index, each in enumerate(asked):
        alike.setdefault(each.header.forms, []).append(index)
    answers = yield from side_by_side(
        [answer(forms, [asked[i] for i in own]) for forms, own in alike.items()]
    )
    found = {
        index: one
        for own, ones in zip(alike.values(), answers, strict=True)
        for index, one in zip(own, ones, strict=True)
    }
    return [found[index] for index in range(len(asked))]


def _seed(place: Place, admitted: Admitted) -> Computation[list[Computed]]:
    forms = admitted.header.forms
    bodies = min(BATCH[form] for form in forms)
    for start in range(0, admitted.bodies, bodies):
        window = admitted.uploads[start * len(forms) : (start + bodies) * len(forms)]
        uploads = tuple(
            batch([each for each in window if each.form is form]) for form in forms
        )
        passed = yield from well_formed(place, uploads)
        if not passed.all():
            return [Computed(Outcome.MALFORMED)]
    return [Computed(Outcome.SEEDED)]


def _bits(
    place: Place, admitted: Admitted, records: Records, charter: Charter
) -> Undertaking[list[Computed]]:
    forms = admitted.header.forms
    passed = yield from well_formed(place, admitted.uploads)
    if not passed.all():
        return [Computed(Outcome.MALFORMED)]
    threshold = charter.thresholds_for(forms).verify
    with records.held(*forms) as scan:
        if not scan.alive.any():
            return [Computed(Outcome.BITS)]
        parts = {each.form: each.part() for each in admitted.uploads}
        bits = yield from match_bits(place, parts, scan.rows, scan.alive, threshold)
    living = np.packbits(bits[0][scan.alive], bitorder="little")
    return [Computed(Outcome.BITS, living.tobytes())]


def _batched(forms: tuple[Form, ...], asked: Sequence[Admitted]) -> Uploads:
    """Join the uploads of requests for one body each, which have the same forms."""
    return {
        form: batch([each.uploads[index] for each in asked])
        for index, form in enumerate(forms)
    }


def _searched(admitted: Admitted) -> Upload:
    return next(each for each in admitted.uploads if each.form in SEARCHED)
