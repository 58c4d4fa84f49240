"""A verification that proves nothing: no operator runs it so.

The same answer is computed alike, and then opened by one message each, and believed.
What proofs cost, and what they are for, is seen beside it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ipse.ground.names import Form
from ipse.matching.claims import Claims
from ipse.matching.gate import ONE_BIT, packed, unpacked
from ipse.matching.rounds import Computation, Round
from ipse.matching.seat import Place
from ipse.matching.verify import Answer, decide, verify
from ipse.shares.replicated import Upload
from ipse.shares.shamir import Row
from ipse_lab.people import people
from ipse_lab.table import Table, of_seat

ROUNDS: Final = 5
"""The last of them opens the bit."""


def believed(
    place: Place, uploads: Mapping[Form, Upload], row: Row, threshold: int
) -> Computation[Answer]:
    """Compare one probe with one record, and believe whatever the others say."""
    decided = yield from decide(place, Claims(), uploads, row, threshold)
    own = packed(decided.match.own, ONE_BIT)
    received = yield Round(to_next=own, from_prev=len(own))
    lacking = unpacked(received.from_prev, ONE_BIT, decided.flawed.shape)
    bit = decided.match.own ^ decided.match.following ^ lacking
    if decided.flawed[0]:
        return Answer.MALFORMED
    return Answer.MATCH if bit[0] else Answer.NO_MATCH


@dataclass(frozen=True, slots=True)
class Cost:
    """What a verification costs between operators."""

    rounds: int
    sent_bytes: int  # by one operator, on average


def costs(form: Form = Form.FACE) -> tuple[Cost, Cost]:
    """Play a verification with its proofs, and without: rounds and bytes are exact."""
    table = Table(np.random.default_rng(1))
    vectors = people(1, 1, form).references
    uploads = {form: table.uploads(form, vectors)}
    rows = table.rows(form, vectors)

    def cost(run: Callable[..., Computation[Answer]]) -> Cost:
        played = table.play(
            lambda place: run(place, of_seat(uploads, place), rows[place.seat], 0)
        )
        return Cost(played.rounds, round(sum(played.sent) / len(played.sent)))

    return cost(verify), cost(believed)
