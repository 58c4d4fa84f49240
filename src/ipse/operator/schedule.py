"""The schedule: who waits, and who is answered together next.

Requests that share a job share its rounds; enrolments share one scan of all records::

    verify, status, ledger    together: no record changes; one verification of a record
    enrol                     together: one scan, then decided in the order of arrival
    erase                     together: one change of the records
    withdraw                  together: one change of the grants
    seed, bits                alone (laboratory)

Who came first is next, whatever it asks; whoever waits and may share its job comes
along, in the order of arrival, as far as the job has room. So nobody is overtaken but
by company of somebody who came before, and nobody waits for ever: a request's turn
comes at the latest when all that came before it are answered.

Two requests for one handle that change the records, or what is counted of one, never
share a job: the second finds what the first left.

Pure: who waits comes in, with the time, and nothing is remembered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ipse.ground.names import Form, Handle, Instant, Purpose, RequestId
from ipse.wire import limits

SHARED: Final = (
    frozenset({Purpose.VERIFY, Purpose.STATUS, Purpose.LEDGER}),
    frozenset({Purpose.ENROL}),
    frozenset({Purpose.ERASE}),
    frozenset({Purpose.WITHDRAW}),
)
"""Purposes that may share a job."""

CHANGING: Final = frozenset(
    {Purpose.ENROL, Purpose.VERIFY, Purpose.ERASE, Purpose.WITHDRAW}
)
"""Purposes of which a job takes one request for each handle."""

ROOM: Final = limits.SEATED
"""Room of a job, in verifications of a face. As many take an operator some 4 ms and
2 MB: beyond that a batch gains little, and whoever comes next waits for it."""

ROOM_TAKEN: Final = {
    Purpose.VERIFY: 1,
    Purpose.STATUS: 1,
    Purpose.LEDGER: 1,
    Purpose.WITHDRAW: 1,
    Purpose.ENROL: 4,  # a search of all records holds 16 probes' sums at once
    Purpose.ERASE: 4,  # a row to be overwritten
}

CODES_TAKE: Final = 16
"""Times the room that a request with a code takes: it is 100 times as long as a face,
so 4 verifications share a job, and an enrolment by code has its scan alone."""

ANSWER_MS: Final = 500
"""Milliseconds before its deadline at which a request must be called: five rounds and
the way back to the wallet, across a continent, twice over."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the schedule needs to know of a request that all three operators have."""

    request: RequestId
    purpose: Purpose
    forms: tuple[Form, ...]
    handle: Handle
    deadline: Instant  # when its wallet gives up, or it is not valid any more

    @property
    def room(self) -> int:
        """How much of a job it takes."""
        taken = ROOM_TAKEN.get(self.purpose, ROOM)
        return min(ROOM, taken * (CODES_TAKE if Form.CODE in self.forms else 1))


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now."""

    batch: tuple[RequestId, ...]  # who shares the next job, in the order of arrival
    late: tuple[RequestId, ...]  # who can't be answered in time: tell them


def next_batch(waiting: Iterable[Candidate], now: Instant) -> Plan:
    """Say who is next, of all that wait in the order of their arrival."""
    everyone = list(waiting)
    late = [each for each in everyone if each.deadline < now + ANSWER_MS]
    timely = [each for each in everyone if each.deadline >= now + ANSWER_MS]
    batch: list[Candidate] = []
    room, handles = ROOM, set[Handle]()
    for each in timely:
        if batch and not _may_share(batch[0].purpose, each.purpose):
            continue
        if each.purpose in CHANGING and each.handle in handles:
            continue
        if each.room > room:
            break  # nobody is overtaken by somebody smaller
        batch.append(each)
        if each.purpose in CHANGING:
            handles.add(each.handle)
        room -= each.room
    return Plan(_ids(batch), _ids(late))


def _may_share(one: Purpose, other: Purpose) -> bool:
    return any(one in shared and other in shared for shared in SHARED)


def _ids(waiting: list[Candidate]) -> tuple[RequestId, ...]:
    return tuple(each.request for each in waiting)
