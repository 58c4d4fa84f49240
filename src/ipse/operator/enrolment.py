"""An enrolment's question: is this body new, and if not, whose is it?

    few records        each newcomer in turn is proved against each record, and against
                       those before it that are new (ipse.matching.proved_search)
    more than the      one search for all newcomers; then, for those that are turned
    charter's limit    away, which record matched (ipse.matching.find)

Both open the same: who is new, and of who is not, which records have that body. All
three know alike how many records live, so all three go the same way.
"""

from dataclasses import dataclass

import numpy as np

from ipse.crypto.ring import Words
from ipse.ground.names import Handle, Slot
from ipse.matching.find import Found
from ipse.matching.newcomers import among, who_is_new
from ipse.matching.proved_search import proved_matches
from ipse.matching.rounds import Undertaking, together
from ipse.matching.search import Stretch, stretches_of, sum_of
from ipse.matching.seat import Place
from ipse.matching.zero_test import toss
from ipse.operator.records import Records
from ipse.operator.search import Search
from ipse.shares.replicated import Part
from ipse.shares.shamir import stored
from ipse.wire.charter import Charter


@dataclass(frozen=True, slots=True)
class Judged:
    """What is opened of one newcomer."""

    is_new: bool
    found: tuple[Handle, ...]  # the records that have its body


def judge(
    place: Place, newcomers: Part, records: Records, search: Search, charter: Charter
) -> Undertaking[list[Judged]]:
    """Say of well-formed newcomers which are new, as if each came after the others.

    Run by: each operator. Shapes: the part's components are uint32[newcomers, length].
    """
    living = int(records.roll.alive(newcomers.form).sum())
    threshold = charter.thresholds_for((newcomers.form,)).unique
    if living <= charter.proved_search:
        return (yield from _proved(place, newcomers, records, threshold))
    return (yield from _searched(place, newcomers, records, search, threshold))


def _proved(
    place: Place, newcomers: Part, records: Records, threshold: int
) -> Undertaking[list[Judged]]:
    judged: list[Judged] = []
    with records.held(newcomers.form) as scan:
        slots = np.flatnonzero(scan.alive)
        rows = {name: field[slots] for name, field in scan.rows.items()}
        for number in range(len(newcomers.first)):
            one = newcomers.of([number])
            own = stored(one, place.seat)
            matched = np.zeros(0, np.bool_)
            if len(rows[next(iter(own))]):
                matched = yield from proved_matches(place, one, rows, threshold)
            is_new = not matched.any()
            whose = slots[matched[: len(slots)]].tolist()
            judged.append(Judged(is_new, records.handles([Slot(n) for n in whose])))
            if is_new:
                rows = {name: _with(rows[name], own[name]) for name in own}
    return judged


def _with(rows: Words, row: Words) -> Words:
    return np.concatenate([rows, row])


def _searched(
    place: Place, newcomers: Part, records: Records, search: Search, threshold: int
) -> Undertaking[list[Judged]]:
    # (1) each is compared with everybody who is enrolled, and with the others
    count = len(newcomers.first)
    (stretches, coin), among_them = yield from together(
        together(_enrolled(place, newcomers, records, search, threshold), toss(place)),
        among(place, newcomers, threshold),
    )
    # (2) who came first is enrolled first
    enrolled = sum_of(stretches, count)
    is_new = yield from who_is_new(place, coin, enrolled, among_them)
    # (3) who was turned away has the body of a record, or of a newcomer
    again = [number for number, new in enumerate(is_new) if not new]
    judged = [Judged(is_new=True, found=()) for _ in range(count)]
    found: Found = []
    if again:
        these = stretches_of(stretches, again)
        found = yield from search.find(place, newcomers.of(again), threshold, these)
    for number, slots in zip(again, found, strict=True):
        whose = [Slot(slot) for slot in slots.tolist()]
        judged[number] = Judged(is_new=False, found=records.handles(whose))
    return judged


def _enrolled(
    place: Place, newcomers: Part, records: Records, search: Search, threshold: int
) -> Undertaking[list[Stretch]]:
    """The matches of each newcomer with all living rows, as sums."""
    if not records.roll.alive(newcomers.form).any():
        return []
    return (yield from search.stretches(place, newcomers, threshold))
