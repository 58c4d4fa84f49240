"""The two questions of the network, each answered with one bit.

    verify   is this the body of that record?       1:1, fewest rounds
    unique   is this body among all the records?    1:N, fewest bytes

A probe is proved well-formed first: `verify` does it in the rounds of the comparison,
and what it opens says nothing of a match unless the probe passed. Rotations of a code,
and all rows of a search, are joined before anything is opened: nobody learns which row
matched, or how many.

Run by: each of the three seats; nothing of the outside is here.
"""

from enum import Enum, auto
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.matching import pairs
from ipse.matching.compare import Parts
from ipse.matching.rounds import Computation, Undertaking, together
from ipse.matching.search import search_sums
from ipse.matching.seat import Place
from ipse.matching.wellformed import flaws, well_formed
from ipse.matching.zero_test import all_zero, first_set, toss, weighed
from ipse.shares.shamir import Row


class Answer(Enum):
    """All that an operator learns about a body."""

    MALFORMED = auto()
    MATCH = auto()
    NO_MATCH = auto()


_IN_TURN: Final = (Answer.MALFORMED, Answer.MATCH, Answer.NO_MATCH)
"""What it means if flaws are found, else if a match is, else nothing."""


def verify(place: Place, parts: Parts, row: Row, threshold: int) -> Computation[Answer]:
    """Compare one probe with one record.

    Shapes: the parts' components are uint32[1, length]; row has [1, length] arrays.
    Rounds: 5 (coin, entries and split; three of carries; one opening).
    """
    answers = yield from verify_each(place, parts, row, threshold)
    return answers[0]


def verify_each(
    place: Place, parts: Parts, rows: Row, threshold: int
) -> Computation[list[Answer]]:
    """Compare many probes, each with its own record, in the rounds of one.

    Shapes: the parts' components are uint32[probes, length]; rows have [probes,
        length] arrays, or [1, length] for one record that all are compared with.
    """
    scores = pairs.scores(place, parts, rows, threshold)
    (flawed, matching), coin = yield from together(
        flaws(place, tuple(parts.values()), scores), toss(place)
    )
    turns = [weighed(coin, flawed), weighed(coin, matching)]
    first = yield from first_set(place, turns)
    return [_IN_TURN[turn] for turn in first.tolist()]


def unique(
    place: Place,
    parts: Parts,
    rows: Row,
    alive: npt.NDArray[np.bool_],
    threshold: int,
) -> Undertaking[Answer]:
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
