"""Three operators that only search: links, crews of threads, records, no processes.

    with three_searchers((2, 2, 2)) as searchers:
        searchers.enrol(vectors)
        searchers.begin()
        searchers.ask(probes, threshold)      ->  bool[probes]: does anybody match?

The links are real, and so are the workers and their links; what is left out is who
asked, and why.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.ground.errors import Unavailable
from ipse.ground.names import (
    HANDLE_BYTES,
    OPERATORS,
    Form,
    Handle,
    Instant,
    OperatorId,
    Seat,
    Slot,
)
from ipse.matching.rounds import Undertaking
from ipse.matching.seat import Place
from ipse.matching.zero_test import all_zero
from ipse.net import drive
from ipse.net.doorway import Doorway
from ipse.net.links import Links
from ipse.operator.crew import PlacedWorkers
from ipse.operator.places import place_for
from ipse.operator.records import Scan
from ipse.operator.roll import Roll
from ipse.operator.search import OwnSearch, Search, SpreadSearch
from ipse.operator.stripe import Post
from ipse.shares.replicated import Part
from ipse.store.ledger import Record
from ipse_lab.book import Book
from ipse_lab.crews import ThreadCluster
from ipse_lab.identities import charter_of, drawn_rings, identity_of
from ipse_lab.table import Table

Result = TypeVar("Result")
OWNER_KEY = bytes(32)


class KeptRecords:
    """Records in memory: `ipse.operator.holdings.Source`."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._book = Book()
        self._rows: dict[str, Words] = {}

    @property
    def roll(self) -> Roll:
        """Who is enrolled."""
        return self._book.roll

    @contextmanager
    def held(self, *forms: Form) -> Iterator[Scan]:
        """Hold the rows; one form is kept."""
        alive = self.roll.alive(*forms)
        rows = {name: field[: len(alive)] for name, field in self._rows.items()}
        yield Scan(rows, alive)

    def add(
        self, form: Form, slots: Collection[int], rows: Mapping[str, Words]
    ) -> None:
        """Store new records."""
        for name, field in rows.items():
            count = max(max(slots) + 1, len(self._rows.get(name, ())))
            grown = np.zeros((count, field.shape[1]), field.dtype)
            grown[: len(self._rows.get(name, ()))] = self._rows.get(name, grown[:0])
            grown[list(slots)] = field
            self._rows[name] = grown
        self._book.add(*(_record(slot, form) for slot in slots))

    def erase(self, slots: Collection[int]) -> None:
        """Erase records, rows and all."""
        found = (self.roll.get(_handle(slot)) for slot in slots)
        self._book.remove(*(record for record in found if record is not None))
        for field in self._rows.values():
            field[list(slots)] = 0


@dataclass(slots=True)
class Searcher:
    """One operator."""

    operator: OperatorId
    records: KeptRecords
    cluster: ThreadCluster
    search: Search
    links: Links
    job: int = 0

    def run(self, undertake: Callable[[Place], Undertaking[Result]]) -> Result:
        """Run a computation of this seat, as the next job."""
        self.job += 1
        place = place_for(self.links, Seat(self.operator - 1), self.job)
        return drive.run(undertake(place), self.links)


class Searchers:
    """All three."""

    def __init__(
        self, each: list[Searcher], doorways: list[Doorway], pool: ThreadPoolExecutor
    ) -> None:
        """Take up three whose links are up."""
        self.each = each
        self.form = Form.FACE
        self._doorways = doorways
        self._pool = pool
        self._table = Table(np.random.default_rng(1))

    def enrol(self, slots: Collection[int], vectors: npt.NDArray[np.int64]) -> None:
        """Store references in some slots, at all three."""
        stored = self._table.rows(self.form, vectors)
        for searcher, rows in zip(self.each, stored, strict=True):
            searcher.records.add(self.form, slots, rows)

    def erase(self, slots: Collection[int]) -> None:
        """Erase records at all three, as operators do."""
        for searcher in self.each:
            searcher.records.erase(slots)
            searcher.search.forget([Slot(slot) for slot in slots])

    def begin(self) -> None:
        """Begin a session."""
        self.together(lambda searcher: searcher.run(searcher.search.begin))

    def meet_again(self) -> None:
        """Lose all links among operators, and begin a new session."""
        for searcher in self.each:
            searcher.links.close()
        links = met(self._doorways, self._pool)
        for searcher, fresh in zip(self.each, links, strict=True):
            searcher.links, searcher.job = fresh, 0
        self.begin()

    def ask(
        self, probes: npt.NDArray[np.int64], threshold: int
    ) -> npt.NDArray[np.bool_]:
        """Return for each probe whether anybody matches; all three say the same."""
        parts = self._table.raw_parts(self.form, probes)

        def asked(searcher: Searcher) -> list[bool]:
            part = parts[searcher.operator - 1]
            return searcher.run(
                lambda place: _anybody(searcher.search, place, part, threshold)
            )

        answers = self.together(asked)
        if not answers[0] == answers[1] == answers[2]:
            raise AssertionError(f"the operators disagree: {answers}")
        return np.array(answers[0])

    def find(self, probes: npt.NDArray[np.int64], threshold: int) -> list[list[int]]:
        """Return for each probe which slots match; all three say the same."""
        parts = self._table.raw_parts(self.form, probes)

        def asked(searcher: Searcher) -> list[list[int]]:
            part = parts[searcher.operator - 1]
            return searcher.run(
                lambda place: _which(searcher.search, place, part, threshold)
            )

        answers = self.together(asked)
        if not answers[0] == answers[1] == answers[2]:
            raise AssertionError(f"the operators disagree: {answers}")
        return answers[0]

    def together(self, task: Callable[[Searcher], Result]) -> list[Result]:
        """Have all three do something at once."""
        return list(self._pool.map(task, self.each))


def met(doorways: list[Doorway], pool: ThreadPoolExecutor) -> list[Links]:
    """Have three operators meet."""
    links = [one for one in pool.map(Doorway.wait, doorways) if one is not None]
    if len(links) < len(doorways):
        raise Unavailable("The links did not come up.")
    return links


@contextmanager
def three_searchers(
    sizes: tuple[int, int, int],
    at_scan: Mapping[OperatorId, Callable[[int], None]] | None = None,
) -> Iterator[Searchers]:
    """Have three operators meet, with crews of some sizes; 0 is none."""
    rings = drawn_rings()
    charter = charter_of(rings)
    doorways = [Doorway(identity_of(ring, charter)) for ring in rings.values()]
    with ThreadPoolExecutor(len(OPERATORS)) as pool:
        each = []
        for operator, size, links in zip(
            OPERATORS, sizes, met(doorways, pool), strict=True
        ):
            records = KeptRecords()
            post = Post(operator, 0, "127.0.0.1", charter)
            scans = (at_scan or {}).get(operator, lambda _number: None)
            cluster = ThreadCluster(post, scans)
            search: Search = OwnSearch(operator, records)
            if size:
                crew = PlacedWorkers(cluster, size, records)
                search = SpreadSearch(operator, crew, records)
            each.append(Searcher(operator, records, cluster, search, links))
        try:
            yield Searchers(each, doorways, pool)
        finally:
            for searcher in each:
                searcher.search.close()
                searcher.links.close()
            for doorway in doorways:
                doorway.close()
                doorway.shut()


def _handle(slot: int) -> Handle:
    return Handle(slot.to_bytes(HANDLE_BYTES))


def _record(slot: int, form: Form) -> Record:
    return Record(_handle(slot), Slot(slot), OWNER_KEY, (form,), Instant(0))


def _anybody(
    search: Search, place: Place, part: Part, threshold: int
) -> Undertaking[list[bool]]:
    stretches = yield from search.stretches(place, part, threshold)
    absent = yield from all_zero(place, [each.sums for each in stretches])
    return [not each for each in absent]


def _which(
    search: Search, place: Place, part: Part, threshold: int
) -> Undertaking[list[list[int]]]:
    stretches = yield from search.stretches(place, part, threshold)
    found = yield from search.find(place, part, threshold, stretches)
    return [slots.tolist() for slots in found]
