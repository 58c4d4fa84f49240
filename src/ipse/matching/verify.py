"""The two questions of the network, each answered with one bit.

    verify   is this the body of that record?       1:1, fewest rounds
    unique   is this body among all the records?    1:N, fewest bytes

A probe is proved well-formed first: `verify` does it in the rounds of the comparison,
and the match bit is opened only for a probe that passed. Rotations of a code, and
all rows of a search, are joined before anything is opened: nobody learns which row
matched, or how many.

Run by: each of the three seats; nothing of the outside is here.
"""

from enum import Enum, auto

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.matching.compare import Parts, matches
from ipse.matching.rounds import Computation, together
from ipse.matching.search import as_one, search_sums
from ipse.matching.seat import Place
from ipse.matching.signs import Bits, Circuit
from ipse.matching.wellformed import all_flaws, well_formed
from ipse.matching.zero_test import all_zero, none_set, toss
from ipse.shares.shamir import Row


class Answer(Enum):
    """All that an operator learns about a body."""

    MALFORMED = auto()
    MATCH = auto()
    NO_MATCH = auto()


def verify(place: Place, parts: Parts, row: Row, threshold: int) -> Computation[Answer]:
    """Compare one probe with one record.

    Shapes: the parts' components are uint32[1, length]; row has [1, length] arrays.
    Rounds: 10 (split, planes, 6 of carries, two openings).
    """
    answers = yield from verify_each(place, parts, row, threshold)
    return answers[0]


def verify_each(
    place: Place, parts: Parts, row: Row, threshold: int
) -> Computation[list[Answer]]:
    """Compare many probes with one record, in the rounds of one; a code comes alone.

    Shapes: the parts' components are uint32[probes, length]; row has [1, length]
        arrays.
    """
    alive = np.ones(1, np.bool_)
    (flaws, coin), found = yield from together(
        together(all_flaws(place, tuple(parts.values())), toss(place)),
        matches(place, parts, row, alive, threshold, Circuit.PREFIX),
    )
    if Form.CODE in parts:
        found = as_one(found)
    passed = yield from none_set(place, coin, flaws)
    is_match = np.zeros(len(passed), np.bool_)
    if passed.any():
        chosen = Bits(found.own[:, passed], found.following[:, passed])
        is_match[passed] = ~(yield from none_set(place, coin, chosen))
    return [
        (Answer.MATCH if match else Answer.NO_MATCH) if ok else Answer.MALFORMED
        for ok, match in zip(passed, is_match, strict=True)
    ]


def unique(
    place: Place,
    parts: Parts,
    rows: Row,
    alive: npt.NDArray[np.bool_],
    threshold: int,
) -> Computation[Answer]:
    """Search all living rows for one reference, which must be well-formed.

    Shapes: the parts' components are uint32[1, length]; rows are [rows, length] by
        field, alive is bool[rows].
    Returns: MATCH if somebody matches.
    """
    passed = yield from well_formed(place, tuple(parts.values()))
    if not passed[0]:
        return Answer.MALFORMED
    if not alive.any():
        return Answer.NO_MATCH
    sums = yield from search_sums(place, parts, rows, alive, threshold)
    absent = yield from all_zero(place, [sums])
    return Answer.NO_MATCH if absent[0] else Answer.MATCH
