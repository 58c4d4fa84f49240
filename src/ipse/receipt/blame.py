"""Blame: who lied in a call, by what the three operators say of each other.

An honest operator suspects only whom its own view of the computation allows to be the
liar, so if one operator lies it is in every statement of the two others. The liar's own
statement may say anything, and whoever is silent says nothing. So::

    x can be the liar   if the statements of both others contain x, or they are silent

Who alone can be it is named; else two or three are left in dispute. An honest operator
is never named, and always is one who lied among those that are left. Whoever signed two
different complaints of one call lied there, whatever else was said.

One call often leaves two. If one operator at most is bad, it is the same in all calls:
who is left in each of them (`in_all`) is named by them together.

The argument: docs/threat-model.md, section 6.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ipse.ground.names import OPERATORS, Instant, OperatorId
from ipse.wire.complaint import Complaint


@dataclass(frozen=True, slots=True)
class Case:
    """One call that was complained of."""

    call: bytes  # 32 bytes
    at: Instant
    complaints: tuple[Complaint, ...]  # by operator
    liars: tuple[OperatorId, ...]  # who can be the liar; none if several must have lied

    @property
    def is_named(self) -> bool:
        """Whether one operator alone can be the liar."""
        return len(self.liars) == 1


def who_lied(complaints: Iterable[Complaint]) -> tuple[OperatorId, ...]:
    """Return who can be the liar, by complaints of one call that were checked.

    Returns: none if more than one must have lied, of whom nothing is claimed.
    """
    said: dict[OperatorId, set[Complaint]] = {operator: set() for operator in OPERATORS}
    for complaint in complaints:
        said[complaint.operator].add(complaint)
    two_faced = tuple(operator for operator in OPERATORS if len(said[operator]) > 1)
    if two_faced:
        return two_faced if len(two_faced) == 1 else ()
    return tuple(
        operator
        for operator in OPERATORS
        if all(
            operator in complaint.suspects
            for other in OPERATORS
            if other != operator
            for complaint in said[other]
        )
    )


def cases(complaints: Iterable[Complaint]) -> list[Case]:
    """Sort complaints by the call that they are about; the oldest call comes first."""
    by_call: dict[bytes, list[Complaint]] = {}
    for complaint in complaints:
        by_call.setdefault(complaint.call, []).append(complaint)
    found = []
    for call, about in by_call.items():
        about.sort(key=lambda complaint: (complaint.operator, complaint.suspects))
        at = Instant(min(complaint.at for complaint in about))
        found.append(Case(call, at, tuple(about), who_lied(about)))
    return sorted(found, key=lambda case: (case.at, case.call))


def in_all(found: Sequence[Case]) -> tuple[OperatorId, ...]:
    """Return who can be the liar in every call; none if not one operator lied alone."""
    return tuple(
        operator
        for operator in OPERATORS
        if all(operator in case.liars for case in found)
    )
