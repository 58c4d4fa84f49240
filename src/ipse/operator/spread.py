"""A search by workers: how three crews come together, and what is done if one breaks.

    gather    tell --nobody waits-----------------------> together
              tell --all three wait for the same--> meet, and tell again
              tell --some wait--> all wait for those, and tell again
    search    scan --> gather --nobody had to meet--> the stripes' sums, one by one
                       gather --some had to--> scan their stripes again

What is told is each operator's crew (`ipse.wire.workers`), over the operators' own
links; all three hear the same, so all three go the same way. A worker waits for its
twins at first, and after any fault of its own or of a twin's: it is then met again,
under fresh keys, and its stripe is searched anew. So a stripe counts only if its
three workers were there to its end, and no stream is drawn from twice.

Crews that differ in size search apart: each operator in its own process, as all do
that have no workers, and so do crews that break again and again.

What workers are made of is not known here: `Workers` is asked in errands.

Specification: docs/spec/operator.md, section 8.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from ipse.crypto.secret import Secret
from ipse.ground.errors import Misbehaved
from ipse.ground.names import OPERATORS, OperatorId
from ipse.matching.rounds import Computation, Round, Undertaking, away
from ipse.matching.seat import Place
from ipse.matching.zero_test import Sums
from ipse.net.doorway import following, previous
from ipse.net.twins import SEED_BYTES, Twin
from ipse.shares.replicated import Part
from ipse.wire import limits
from ipse.wire.workers import CREW, Crew, Worker

MOST_TRIES: Final = 4
"""Scans of one search. Whoever loses workers four times in a row searches without."""

MOST_CALLS: Final = 8
"""Times that crews are told in one gathering: a meeting takes two or three."""

LENGTH_BYTES: Final = 4

Twins = Mapping[OperatorId, Twin]
"""A worker's twins at the two other operators."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Question(Secret):
    """What every worker is asked, of its own stripe."""

    part: Part  # as many probes as it has rows, all of one form
    threshold: int


class Workers(Protocol):
    """An operator's workers. Every call may take seconds."""

    @property
    def size(self) -> int:
        """How many there are; 0 if they can't be had now."""
        ...

    @property
    def lost(self) -> frozenset[int]:
        """Those that have no links to their twins."""
        ...

    def wait(self, numbers: Collection[int]) -> tuple[Worker, ...]:
        """Have workers hang up and wait for their twins, new ones where some are dead.

        Returns: those that wait, by number; nobody if one can't be had.
        """
        ...

    def meet(self, twins: Mapping[int, Twins]) -> None:
        """Have workers meet their twins; who fails is lost."""
        ...

    def scan(self, question: Question, numbers: Collection[int]) -> Mapping[int, Sums]:
        """Have workers search their stripes. Returns: the sums of who was not lost."""
        ...


def search(
    place: Place, operator: OperatorId, workers: Workers, question: Question
) -> Undertaking[Mapping[int, Sums] | None]:
    """Search all stripes, and those again whose worker was lost at any operator.

    Run by: each operator, once its crew is together with the others'.
    Shapes: the sums are of as many probes as the question.
    Returns: the sums of each stripe, by its worker's number; None if the crews are
        apart, so that each operator must search itself.
    """
    found: dict[int, Sums] = {}
    for _ in range(MOST_TRIES):
        missing = set(range(workers.size)) - set(found)
        found |= yield from _scan(workers, question, missing)
        had_to_meet = yield from gather(place, operator, workers)
        if had_to_meet is None:
            return None
        if not had_to_meet:
            return found
        found = {n: sums for n, sums in found.items() if n not in had_to_meet}
    return None


def gather(
    place: Place, operator: OperatorId, workers: Workers
) -> Undertaking[frozenset[int] | None]:
    """Bring three crews together.

    Run by: each operator, in two rounds if nobody waits.
    Returns: the workers that had to meet, the same at all three operators; None if
        the crews are apart.
    Raises: Misbehaved: what an operator tells of its crew is not its to tell.
    """
    due, had_to_meet = workers.lost, frozenset[int]()
    for _ in range(MOST_CALLS):
        waiting = (yield from _waiting(workers, due)) if due else ()
        crews = yield from tell(Crew(operator, workers.size, waiting))
        sizes = {crew.size for crew in crews.values()}
        if len(sizes) > 1 or 0 in sizes:
            return None
        numbers = [{one.number for one in crew.waiting} for crew in crews.values()]
        due = frozenset().union(*numbers)
        if not due:
            return had_to_meet
        had_to_meet |= due
        if all(each == due for each in numbers):
            yield from _meet(workers, _twins(place, operator, crews))
            due = workers.lost
    return None


def tell(own: Crew) -> Computation[dict[OperatorId, Crew]]:
    """Tell both others of one's crew, and hear of theirs, in two rounds.

    Raises: Misbehaved: an operator tells too much, or of another's crew.
    """
    encoded = CREW.encode(own)
    length = len(encoded).to_bytes(LENGTH_BYTES, "big")
    lengths = yield Round(length, length, LENGTH_BYTES, LENGTH_BYTES)
    after, before = following(own.operator), previous(own.operator)
    came = yield Round(
        encoded,
        encoded,
        _expect_length(lengths.from_next, after),
        _expect_length(lengths.from_prev, before),
    )
    crews = {
        own.operator: own,
        after: CREW.decode(bytes(came.from_next)),
        before: CREW.decode(bytes(came.from_prev)),
    }
    for operator, crew in crews.items():
        if crew.operator != operator:
            raise Misbehaved(f"Operator {operator} told of another operator's crew.")
    return {operator: crews[operator] for operator in OPERATORS}


def _scan(
    workers: Workers, question: Question, numbers: Collection[int]
) -> Undertaking[Mapping[int, Sums]]:
    return (yield from away(lambda: workers.scan(question, numbers)))


def _waiting(workers: Workers, due: frozenset[int]) -> Undertaking[tuple[Worker, ...]]:
    return (yield from away(lambda: workers.wait(due)))


def _meet(workers: Workers, twins: Mapping[int, Twins]) -> Undertaking[None]:
    return (yield from away(lambda: workers.meet(twins)))


def _twins(
    place: Place, operator: OperatorId, crews: Mapping[OperatorId, Crew]
) -> dict[int, Twins]:
    """Introduce every waiting worker to its twins, with a seed for each pair.

    The seeds are drawn in the order of the workers, so both operators of a pair draw
    the same one for the same two twins.
    """
    twins: dict[int, Twins] = {}
    after, before = following(operator), previous(operator)
    by_number = {
        other: {worker.number: worker for worker in crews[other].waiting}
        for other in (after, before)
    }
    for number in sorted(by_number[after]):
        seeds = {
            other: stream.draw(SEED_BYTES).tobytes()
            for other, stream in ((after, place.next), (before, place.prev))
        }
        twins[number] = {
            other: Twin(
                by_number[other][number].address,
                by_number[other][number].certificate,
                seed,
            )
            for other, seed in seeds.items()
        }
    return twins


def _expect_length(told: bytes | bytearray | memoryview, operator: OperatorId) -> int:
    length = int.from_bytes(told, "big")
    if not 0 < length <= limits.CREW:
        raise Misbehaved(f"Operator {operator} tells of a crew in {length} bytes.")
    return length
