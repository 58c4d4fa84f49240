"""Three operators in one process, over real links and real disks, that serve when told.

    with trio(folder) as three:
        answers = three.enter(dispatch)     it waits in all three lobbies
        three.serve()                       until nobody waits any more

Between `enter` and `serve` nothing happens, so any number of requests can be made to
wait for each other. What the operators were called to is kept, in its order: `calls`.

The sessions are those of `ipse.operator.session`; only their process, its door and its
clock are not.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ipse.ground.names import OPERATORS, Instant, OperatorId, RequestId
from ipse.net.doorway import Doorway
from ipse.net.links import Links
from ipse.operator.admission import admit
from ipse.operator.beside import at_once
from ipse.operator.complaints import Complaints
from ipse.operator.crew import PlacedWorkers
from ipse.operator.desk import Desk, no_fault
from ipse.operator.lobby import Lobby
from ipse.operator.records import Records
from ipse.operator.search import OwnSearch, Search, SpreadSearch
from ipse.operator.session import Session
from ipse.operator.stripe import Post
from ipse.operator.uses import Uses
from ipse.owner.grant import CLOCK_SLACK_MS
from ipse.owner.request import Dispatch
from ipse.store.archive import file_url
from ipse.store.complaints import ComplaintFolder
from ipse.store.ledger import Ledger
from ipse.store.segments import Segments
from ipse.wire.charter import TrustedCharter
from ipse.wire.peer import Begin, Message
from ipse.wire.request import SUBMISSION
from ipse.wire.verdict import Verdict
from ipse_lab.crews import ThreadCluster
from ipse_lab.fakes import SettableClock
from ipse_lab.identities import BORN, Rings, charter_of, drawn_rings, identity_of

Answers = Mapping[OperatorId, Future[Verdict]]

PATIENCE_MS: Final = 60_000
HEARD_S: Final = 0.1
"""Seconds in which what followers say reaches a convenor that does not listen yet."""


class Overheard(Session):
    """A session whose calls are kept."""

    def __init__(self, desk: Desk, links: Links, calls: list[Begin]) -> None:
        """Begin, and keep calls in a list."""
        super().__init__(desk, links)
        self._calls = calls

    def send(self, operator: OperatorId, message: Message) -> None:
        """See Session."""
        if isinstance(message, Begin) and operator == OPERATORS[-1]:
            self._calls.append(message)
        super().send(operator, message)


@dataclass(slots=True)
class Trio:
    """Three operators that serve when they are told to."""

    charter: TrustedCharter
    rings: Rings
    clock: SettableClock
    desks: Mapping[OperatorId, Desk]
    ledgers: Mapping[OperatorId, Ledger]
    sessions: Mapping[OperatorId, Session]
    calls: list[Begin]
    _unanswered: dict[RequestId, Answers] = field(default_factory=dict)

    def enter(
        self, dispatch: Dispatch, at: Collection[OperatorId] = OPERATORS
    ) -> Answers:
        """Let a request wait at some operators. Raises: IpseError: one refuses it."""
        answers: dict[OperatorId, Future[Verdict]] = {}
        for operator in at:
            admitted = admit(
                SUBMISSION.encode(dispatch.submissions[operator]),
                charter=self.charter,
                operator=operator,
                keys=self.rings[operator],
                ledger=self.ledgers[operator],
                now=self.clock.now(),
            )
            deadline = Instant(self.clock.now() + PATIENCE_MS)
            answers[operator] = self.desks[operator].lobby.enter(admitted, deadline)
        if len(answers) == len(OPERATORS):
            self._unanswered[dispatch.request.header.request] = answers
        return answers

    def serve(self) -> None:
        """Serve until every request that all three have is answered."""
        due = [answer for each in self._unanswered.values() for answer in each.values()]
        self._unanswered.clear()
        self.serve_until(lambda: all(answer.done() for answer in due))

    def serve_until(self, is_over: Callable[[], bool]) -> None:
        """Serve until something has happened. Raises: whatever ends a session."""
        served: list[Future[None]] = []

        def has_ended() -> bool:
            return is_over() or any(one.done() for one in served)

        with ThreadPoolExecutor(len(OPERATORS)) as pool:
            for operator in reversed(OPERATORS):  # followers speak first
                if operator == OPERATORS[0]:
                    time.sleep(HEARD_S)
                served.append(pool.submit(self.sessions[operator].serve, has_ended))
            while not has_ended():
                time.sleep(0.001)
            for session in self.sessions.values():
                session.links.wake()
            for one in served:
                one.result()


@contextmanager
def trio(folder: Path, workers: int = 0, proved_search: int = 0) -> Iterator[Trio]:
    """Let three operators with empty homes meet, and try each other out.

    With workers, each has so many, in threads (`ipse_lab.crews`).
    """
    rings, clock, calls = drawn_rings(), SettableClock(BORN), list[Begin]()
    charter = charter_of(rings, proved_search=proved_search)
    with ExitStack() as stack:
        desks, ledgers = {}, {}
        for operator in OPERATORS:
            own = folder / str(operator)
            own.mkdir()
            records, ledgers[operator] = _opened(own, operator, charter, clock, stack)
            search = _search(operator, charter, records, workers, stack)
            desks[operator] = Desk(
                operator,
                charter,
                rings[operator],
                clock,
                Lobby(),
                records,
                Uses(operator, ledgers[operator].uses, charter, rings[operator]),
                Complaints(
                    operator,
                    charter,
                    rings[operator],
                    ComplaintFolder(own / "complaints"),
                ),
                search,
                at_once,
                no_fault,
            )
        clock.advance(CLOCK_SLACK_MS + 1)  # ledgers remember what is signed from now on
        links = _met(charter, rings, stack)
        sessions = {
            operator: Overheard(desks[operator], links[operator], calls)
            for operator in OPERATORS
        }
        with ThreadPoolExecutor(len(OPERATORS)) as pool:
            list(pool.map(_begin, sessions.values()))
        yield Trio(charter, rings, clock, desks, ledgers, sessions, calls)


def _begin(session: Session) -> None:
    session.hear_complaints()
    session.try_out()
    session.settle()


def _opened(
    folder: Path,
    operator: OperatorId,
    charter: TrustedCharter,
    clock: SettableClock,
    stack: ExitStack,
) -> tuple[Records, Ledger]:
    rules = charter.charter
    url = file_url(folder / "ledger")
    ledger = stack.enter_context(closing(Ledger(url, str(operator), clock)))
    segments = stack.enter_context(
        closing(
            Segments(
                folder / "segments",
                rules.forms,
                charter=charter.digest,
                epoch=rules.epoch,
                operator=operator,
            )
        )
    )
    return Records(ledger, segments, rules.epoch, clock), ledger


def _search(
    operator: OperatorId,
    charter: TrustedCharter,
    records: Records,
    workers: int,
    stack: ExitStack,
) -> Search:
    if not workers:
        return OwnSearch(operator, records)
    cluster = ThreadCluster(Post(operator, 0, "127.0.0.1", charter))
    stack.callback(cluster.close)
    crew = PlacedWorkers(cluster, workers, records)
    return SpreadSearch(operator, crew, records)


def _met(
    charter: TrustedCharter, rings: Rings, stack: ExitStack
) -> Mapping[OperatorId, Links]:
    doorways = [
        Doorway(identity_of(rings[operator], charter)) for operator in OPERATORS
    ]
    for doorway in doorways:
        stack.callback(doorway.shut)
        stack.callback(doorway.close)
    with ThreadPoolExecutor(len(doorways)) as pool:
        met = [links for links in pool.map(Doorway.wait, doorways) if links is not None]
    for links in met:
        stack.callback(links.close)
    return dict(zip(OPERATORS, met, strict=True))
