"""The trial: before a session serves anybody, three operators answer what they know.

A vector that everybody knows is compared with itself and with its opposite, 1:1 and
among one, for every set of forms that the charter compares. Whoever gives a wrong
answer serves nobody. And the first person does not wait while kernels are compiled.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Misbehaved
from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, LENGTH, SCALE
from ipse.matching.rounds import Undertaking
from ipse.matching.seat import Place
from ipse.matching.verify import Answer, Uploads, unique, verify
from ipse.shares.replicated import Upload, read_upload, split
from ipse.shares.shamir import Row, stored
from ipse.wire.charter import Charter
from ipse.wire.parts import SEED_BYTES

JOB: Final = 1
"""The trial's number on fresh links: no session's first job has a lower one."""

ROUND_S: Final = 120.0
"""Seconds for a round of a trial: kernels are compiled on a machine's first start."""

SEEDS: Final = (bytes(SEED_BYTES), bytes([1]) * SEED_BYTES)


def try_out(place: Place, charter: Charter) -> Undertaking[None]:
    """Answer questions with known answers.

    Raises: Misbehaved: an answer is wrong, so somebody computes something else.
    """
    alive = np.ones(1, np.bool_)
    for thresholds in charter.thresholds:
        asked = _uploads(thresholds.forms, place, 1)
        for sign, expected in ((1, Answer.MATCH), (-1, Answer.NO_MATCH)):
            row = _row(thresholds.forms, place, sign)
            found = yield from verify(place, asked, row, thresholds.verify)
            among = yield from unique(place, asked, row, alive, thresholds.unique)
            if (found, among) != (expected, expected):
                raise Misbehaved(
                    "The operators gave a wrong answer to a question whose answer they "
                    "know, so they serve nobody: compare their versions."
                )


def known(form: Form, sign: int) -> npt.NDArray[np.int64]:
    """Return a vector that passes every check, or its opposite."""
    if form is Form.CODE:
        vector = np.ones(LENGTH[form], np.int64)
        vector[:CODE_LENGTH] *= sign
        return vector
    length = LENGTH[form]
    return np.full(length, sign * round(SCALE[form] / length**0.5), np.int64)


def _upload(form: Form, place: Place, sign: int) -> Upload:
    return read_upload(split(form, known(form, sign), SEEDS)[place.seat])


def _uploads(forms: tuple[Form, ...], place: Place, sign: int) -> Uploads:
    return {form: _upload(form, place, sign) for form in forms}


def _row(forms: tuple[Form, ...], place: Place, sign: int) -> Row:
    """Return a row as segments give it, read-only: kernels are compiled for that."""
    row = {
        name: field
        for form in forms
        for name, field in stored(_upload(form, place, sign).part(), place.seat).items()
    }
    for field in row.values():
        field.flags.writeable = False
    return row
