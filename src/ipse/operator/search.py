"""How an operator searches: in its own process, or by workers.

    begin     with new links: are there three crews of one size?
    stretches one sum for each probe and stretch of rows, whoever searched
    find      which records match, where a search said that some do: each operator
              in its own process, in the stretches that matched alone
    forget    what was erased is nowhere any more

Whether workers search is decided by all three operators together, at the beginning of
each session and after each search, so that all send the same rounds.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from ipse.ground.errors import Refused
from ipse.ground.names import OperatorId, Slot
from ipse.matching.find import Found, find
from ipse.matching.rounds import Undertaking, away
from ipse.matching.search import Stretch, search_stretches
from ipse.matching.seat import Place
from ipse.matching.spread import stripes
from ipse.operator.admission import SEARCHED
from ipse.operator.cluster import RayCluster
from ipse.operator.crew import PlacedWorkers
from ipse.operator.holdings import Source
from ipse.operator.spread import Question, gather, search, tell
from ipse.operator.stripe import Post
from ipse.shares.replicated import Part
from ipse.wire import limits
from ipse.wire.charter import TrustedCharter
from ipse.wire.kinds import PEER_ADDRESS
from ipse.wire.workers import Crew

_log = logging.getLogger(__name__)


class Search(Protocol):
    """Searches all living rows."""

    def begin(self, place: Place) -> Undertaking[None]:
        """Agree with the others on who searches."""
        ...

    def stretches(
        self, place: Place, part: Part, threshold: int
    ) -> Undertaking[list[Stretch]]:
        """Compare every probe of a part with every living row of its form.

        Run by: each operator, where at least one row lives.
        Shapes: the sums are of as many probes as the part (`ipse.matching.search`).
        """
        ...

    def find(
        self, place: Place, part: Part, threshold: int, stretches: Sequence[Stretch]
    ) -> Undertaking[Found]:
        """Open which rows match each probe, in the job whose search these came from.

        Run by: each operator. Returns: slots, for each probe (`ipse.matching.find`).
        """
        ...

    def forget(self, slots: Collection[Slot]) -> None:
        """Leave no copy of erased rows."""
        ...

    def interrupt(self) -> None:
        """Wait for no worker any more. May be called from any thread."""
        ...

    def close(self) -> None:
        """Search no more."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What workers are wanted."""

    size: int | None  # none for as many as the cluster has processors
    address: str | None  # of a Ray cluster; none for a Ray on this machine


def order_of(size: int | None, address: str | None) -> Order | None:
    """Return what was asked for. Raises: Refused, Malformed: it can't be."""
    if size is not None and not 0 <= size <= limits.WORKERS:
        raise Refused(f"An operator has 0 to {limits.WORKERS} workers.")
    if size == 0 or (size is None and address is None):
        return None
    if address is not None:
        PEER_ADDRESS.check("--ray", address)
    return Order(size, address)


def search_for(
    order: Order | None, operator: OperatorId, charter: TrustedCharter, source: Source
) -> Search:
    """Return how an operator searches its records.

    Raises: Unavailable: workers are wanted, and there is no Ray.
    """
    if order is None:
        return OwnSearch(operator, source)
    host, _, _ = charter.charter.entry(operator).peer_address.rpartition(":")
    post = Post(operator, 0, host, charter)
    cluster = RayCluster(order.address, order.size, post)
    workers = PlacedWorkers(cluster, cluster.size, source)
    return SpreadSearch(operator, workers, source)


class OwnSearch:
    """A search in the operator's own process, from its segments."""

    def __init__(self, operator: OperatorId, source: Source) -> None:
        """Search these records."""
        self._operator = operator
        self._source = source

    def begin(self, place: Place) -> Undertaking[None]:  # noqa: ARG002 (the port's; a crew draws from it)
        """Tell the others that there are no workers here."""
        yield from tell(Crew(self._operator, 0, ()))

    def stretches(
        self, place: Place, part: Part, threshold: int
    ) -> Undertaking[list[Stretch]]:
        """Search all rows, block by block."""
        form = part.form
        with self._source.held(form) as scan:
            return (
                yield from search_stretches(
                    place, {form: part}, scan.rows, scan.alive, threshold
                )
            )

    def find(
        self, place: Place, part: Part, threshold: int, stretches: Sequence[Stretch]
    ) -> Undertaking[Found]:
        """Look for what matched in the stretches that did."""
        with self._source.held(part.form) as scan:
            return (
                yield from find(
                    place, part, scan.rows, scan.alive, threshold, stretches
                )
            )

    def forget(self, slots: Collection[Slot]) -> None:
        """Keep no copy in the first place."""

    def interrupt(self) -> None:
        """Wait for nobody in the first place."""

    def close(self) -> None:
        """Hold nothing open."""


class SpreadSearch:
    """A search by workers, wherever all three operators have as many."""

    def __init__(
        self, operator: OperatorId, workers: PlacedWorkers, source: Source
    ) -> None:
        """Search these records with these workers."""
        self._operator = operator
        self._workers = workers
        self._source = source
        self._own = OwnSearch(operator, source)
        self._is_spread = False  # all three have crews, as this session began
        self._is_together = False

    def begin(self, place: Place) -> Undertaking[None]:
        """Place the workers, ship them their rows, and have the crews meet."""
        yield from away(lambda: self._workers.begin(SEARCHED))
        yield from self._gather(place)
        self._is_spread = self._is_together
        if not self._is_spread:
            _log.warning("the operators' crews differ: each searches by itself")

    def stretches(
        self, place: Place, part: Part, threshold: int
    ) -> Undertaking[list[Stretch]]:
        """Search in stripes; by itself where the crews are not to be had."""
        if self._is_spread and not self._is_together:
            yield from self._gather(place)
        if self._is_together:
            question = Question(part, threshold)
            found = yield from search(place, self._operator, self._workers, question)
            if found is not None:
                length = len(self._source.roll.alive(part.form))
                cut = stripes(length, len(found))
                return [Stretch(cut[n], found[n]) for n in sorted(found)]
            self._is_together = False
        return (yield from self._own.stretches(place, part, threshold))

    def find(
        self, place: Place, part: Part, threshold: int, stretches: Sequence[Stretch]
    ) -> Undertaking[Found]:
        """Look by itself: a stripe is searched as fast by one as all are by a crew."""
        return (yield from self._own.find(place, part, threshold, stretches))

    def forget(self, slots: Collection[Slot]) -> None:
        """Have workers overwrite erased rows."""
        self._workers.forget(slots)

    def interrupt(self) -> None:
        """Wait for no worker any more."""
        self._workers.interrupt()

    def close(self) -> None:
        """End the workers."""
        self._workers.close()

    def _gather(self, place: Place) -> Undertaking[None]:
        had_to_meet = yield from gather(place, self._operator, self._workers)
        self._is_together = had_to_meet is not None
