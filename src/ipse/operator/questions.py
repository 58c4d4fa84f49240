"""The questions: which secret computation answers which purpose, on which rows.

    ENROL    the reference is well-formed, and nobody living matches it
    VERIFY   the probe matches the record
    SEED     the references are well-formed (laboratory: nobody is searched for)
    BITS     which records does the probe match (laboratory)

An enrolment is searched by face, or by code; a voice beside the face is proved
well-formed and stored, but not searched: not every record has one.
"""

from typing import Final

import numpy as np

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import Form, Outcome, Purpose, Seat
from ipse.matching.compare import Parts
from ipse.matching.reveal import match_bits
from ipse.matching.rounds import Computation, Undertaking
from ipse.matching.seat import Place
from ipse.matching.verify import Answer, verify
from ipse.matching.wellformed import well_formed
from ipse.matching.zero_test import all_zero
from ipse.operator.admission import SEARCHED, Admitted
from ipse.operator.records import Records, Rows
from ipse.operator.search import Search
from ipse.operator.table import Computed
from ipse.shares.replicated import Part, batch
from ipse.shares.shamir import stored
from ipse.wire.charter import Charter

BATCH: Final = {Form.FACE: 128, Form.VOICE: 128, Form.CODE: 16}
"""References that are proved well-formed in one computation, some 100 MB of tables:
a code takes 7 MB, a face or a voice below 0.2 MB."""


def ask(
    place: Place,
    admitted: Admitted,
    records: Records,
    search: Search,
    charter: Charter,
) -> Undertaking[Computed]:
    """Answer a request that is ready, in secret.

    Run by: each operator, in the same order of rounds.
    """
    match admitted.header.purpose:
        case Purpose.ENROL:
            return _enrol(place, admitted, records, search, charter)
        case Purpose.VERIFY:
            return _verify(place, admitted, records, charter)
        case Purpose.SEED:
            return _seed(place, admitted)
        case Purpose.BITS:
            return _bits(place, admitted, records, charter)
        case purpose:
            raise OutOfTurn(f"{purpose} computes nothing.")


def rows_of(admitted: Admitted, seat: Seat) -> tuple[Rows, ...]:
    """Return what this seat stores of each body that was sent."""
    forms = admitted.header.forms
    bodies = (
        admitted.parts[start : start + len(forms)]
        for start in range(0, len(admitted.parts), len(forms))
    )
    return tuple(
        {
            part.form: {name: field[0] for name, field in stored(part, seat).items()}
            for part in body
        }
        for body in bodies
    )


def _enrol(
    place: Place,
    admitted: Admitted,
    records: Records,
    search: Search,
    charter: Charter,
) -> Undertaking[Computed]:
    searched, beside = _split(admitted.parts)
    for parts in (beside, (searched,)):
        if parts:
            passed = yield from well_formed(place, parts)
            if not passed.all():
                return Computed(Outcome.MALFORMED)
    if not records.roll.alive(searched.form).any():
        return Computed(Outcome.ENROLLED)
    threshold = charter.thresholds_for((searched.form,)).unique
    sums = yield from search.sums(place, searched, threshold)
    absent = yield from all_zero(place, [sums])
    return Computed(Outcome.ENROLLED if absent[0] else Outcome.ALREADY_ENROLLED)


def _verify(
    place: Place, admitted: Admitted, records: Records, charter: Charter
) -> Computation[Computed]:
    record = records.roll.get(admitted.header.handle)
    if record is None:
        raise OutOfTurn("A stance was taken on a record that is not there.")
    forms = admitted.header.forms
    row = records.row(forms, record.slot)
    threshold = charter.thresholds_for(forms).verify
    answer = yield from verify(place, _by_form(admitted.parts), row, threshold)
    return Computed(
        {
            Answer.MALFORMED: Outcome.MALFORMED,
            Answer.MATCH: Outcome.MATCHED,
            Answer.NO_MATCH: Outcome.NOT_MATCHED,
        }[answer]
    )


def _seed(place: Place, admitted: Admitted) -> Computation[Computed]:
    forms = admitted.header.forms
    bodies = min(BATCH[form] for form in forms)
    for start in range(0, admitted.bodies, bodies):
        window = admitted.parts[start * len(forms) : (start + bodies) * len(forms)]
        parts = tuple(
            batch([part for part in window if part.form is form]) for form in forms
        )
        passed = yield from well_formed(place, parts)
        if not passed.all():
            return Computed(Outcome.MALFORMED)
    return Computed(Outcome.SEEDED)


def _bits(
    place: Place, admitted: Admitted, records: Records, charter: Charter
) -> Computation[Computed]:
    forms = admitted.header.forms
    passed = yield from well_formed(place, admitted.parts)
    if not passed.all():
        return Computed(Outcome.MALFORMED)
    threshold = charter.thresholds_for(forms).verify
    with records.held(*forms) as scan:
        if not scan.alive.any():
            return Computed(Outcome.BITS)
        bits = yield from match_bits(
            place, _by_form(admitted.parts), scan.rows, scan.alive, threshold
        )
    living = bits[0][scan.alive]
    return Computed(Outcome.BITS, np.packbits(living, bitorder="little").tobytes())


def _by_form(parts: tuple[Part, ...]) -> Parts:
    return {part.form: part for part in parts}


def _split(parts: tuple[Part, ...]) -> tuple[Part, tuple[Part, ...]]:
    searched = next(part for part in parts if part.form in SEARCHED)
    return searched, tuple(part for part in parts if part is not searched)
