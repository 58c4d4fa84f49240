"""A proved search: one body against each row, and no bit is opened before it is proved.

    body, row 0  --match-->  bit 0, shared  --.
    body, row 1  --match-->  bit 1, shared  --+--proof-->  all bits opened, two senders
    ...                                       |            each
    body, row n  --match-->  bit n, shared  --'

Each row is compared as a verification compares its one (`ipse.matching.verify`), so a
lying seat can stop the answer and not change it, and is named as there; that it can't
hide one chosen record either is what no test of a search gives
(`ipse.audit`). What is opened is which rows match: as much as `ipse.matching.find`
opens of a body that is enrolled, and of one that is not, that it is new.

The price is some thousand times that of a search, in bytes and in time
(docs/spec/matching.md, section 10), so it is for few rows: the charter says for how
many.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.matching.claims import Claims, told_by_both
from ipse.matching.compare import own_places, window_of
from ipse.matching.rounds import Computation, Undertaking, in_blocks
from ipse.matching.seat import Place
from ipse.matching.verify import Answer, Decided, match_each
from ipse.shares.replicated import Part
from ipse.shares.shamir import Row

ROWS_IN_BLOCK: Final = {Form.FACE: 256, Form.VOICE: 256, Form.CODE: 2}
"""Rows that are proved together: claims of some 30 MB. More would save a few rounds of
proof, which are bytes of a fixed number, and take more memory."""


def proved_matches(
    place: Place, part: Part, rows: Row, threshold: int
) -> Undertaking[npt.NDArray[np.bool_]]:
    """Open which rows a well-formed body matches, all of it proved.

    Run by: each seat. Blocks don't wait for each other.
    Shapes: the part's components are uint32[1, length]; rows are [rows, length] by
        field, at least one, all of them living. bool[rows] comes back.
    Raises: Lied: a seat did, and nothing was opened in its block.
    """
    count = len(next(iter(rows.values())))
    step = ROWS_IN_BLOCK[part.form]
    blocks = [slice(at, min(at + step, count)) for at in range(0, count, step)]
    opened = yield from in_blocks(
        _proved(
            own,
            part.of([0] * (block.stop - block.start)),
            window_of(rows, block),
            threshold,
        )
        for own, block in zip(own_places(place, len(blocks)), blocks, strict=True)
    )
    return np.concatenate(opened)


def _proved(
    place: Place, alike: Part, rows: Row, threshold: int
) -> Computation[npt.NDArray[np.bool_]]:
    claims = Claims()
    parts = {alike.form: alike}
    matched = yield from match_each(place, claims, parts, rows, threshold)
    proof = yield from claims.proved(place)
    decided = Decided(np.zeros(len(alike.first), np.bool_), matched)
    lacking = yield from told_by_both(place, proof, *decided.told())
    answers = decided.answers(lacking)
    return np.array([answer is Answer.MATCH for answer in answers], np.bool_)
