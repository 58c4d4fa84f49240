"""The room: one operator, whole, but for its process, its threads and its sockets.

    admit       from the door: a submission is checked, and waits in the lobby
    sit         at the table: sessions, for as long as links last, one after the other
    health      who is here

`ipse.operator.service` gives it a real door, real links and a thread for the table;
`ipse_lab.network` virtual ones, and a virtual time.
"""

import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Protocol

from ipse.ground.errors import IpseError, Unavailable
from ipse.ground.names import OPERATORS, Instant, OperatorId, RequestId
from ipse.net.http import Health
from ipse.net.links import Links
from ipse.operator.admission import admit
from ipse.operator.desk import Desk, Step
from ipse.operator.session import Session
from ipse.store.ledger import Ledger
from ipse.wire.verdict import Verdict

PATIENCE_S: Final = 8.0
"""Seconds that a request waits for the other operators before it is told who is
missing. A restarted operator is back in about three."""

FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 2.0
"""Seconds between sessions, at first and where none is settled."""

_log = logging.getLogger(__name__)


class Meeting(Protocol):
    """Where an operator meets its two neighbours."""

    @property
    def present(self) -> AbstractSet[OperatorId]:
        """Operators whose link is up, as far as is known."""
        ...

    def wait(self) -> Links | None:
        """Wait until both are here. Returns: None when nobody waits any more."""
        ...

    def leave(self) -> None:
        """Note that the links are gone."""
        ...


@dataclass(slots=True)
class Ticket:
    """A request that waits in the lobby."""

    verdict: Future[Verdict]
    overdue: Callable[[], IpseError | None]


class Room:
    """One operator at work."""

    def __init__(
        self,
        desk: Desk,
        ledger: Ledger,
        meeting: Meeting,
        *,
        rest: Callable[[float], None],
        patience_s: float = PATIENCE_S,
        at_settled: Callable[[], None] = lambda: None,
    ) -> None:
        """Furnish it.

        Args:
            desk: what it works with.
            ledger: where requests are remembered.
            meeting: where its neighbours come.
            rest: lets so many seconds pass.
            patience_s: seconds that a request waits for the other operators.
            at_settled: is told when a session begins to serve.
        """
        self.desk = desk
        self.patience_s = patience_s
        self.is_settled = False
        self._ledger = ledger
        self._meeting = meeting
        self._rest = rest
        self._at_settled = at_settled
        self._links: Links | None = None

    # --- for the door -----------------------------------------------------------------

    def admit(self, encoded: bytes) -> Ticket:
        """Let a submission in. Raises: IpseError: what is wrong with it."""
        desk = self.desk
        admitted = admit(
            encoded,
            charter=desk.charter,
            operator=desk.operator,
            keys=desk.keys,
            ledger=self._ledger,
            now=desk.clock.now(),
        )
        desk.at_step(Step.ADMITTED)
        patience_ms = round(1_000 * self.patience_s)
        deadline = min(desk.clock.now() + patience_ms, admitted.header.not_after)
        verdict = desk.lobby.enter(admitted, Instant(deadline))
        return Ticket(verdict, lambda: self._overdue(admitted.id))

    def health(self) -> Health:
        """Say how this operator is."""
        desk = self.desk
        return Health(
            desk.operator,
            desk.charter.charter.network,
            desk.charter.charter.epoch,
            len(desk.records.roll),
            tuple(sorted(self._meeting.present)),
            is_ready=self.is_settled,
        )

    def _overdue(self, request: RequestId) -> IpseError | None:
        desk = self.desk
        if not desk.lobby.leave(request):
            return None
        missing = set(OPERATORS) - self._meeting.present - {desk.operator}
        if missing:
            names = " and ".join(f"operator {operator}" for operator in sorted(missing))
            return Unavailable(
                f"It takes all three, and {names} is missing: nothing was lost, try "
                "again when it is back."
            )
        return Unavailable(
            "Another operator did not get this request, or is busy: nothing was lost, "
            "send a new one to all three."
        )

    # --- at the table -----------------------------------------------------------------

    def sit(self, is_over: Callable[[], bool]) -> None:
        """Hold sessions until it is over, or nobody can come any more."""
        pause_s = FIRST_PAUSE_S
        while not is_over():
            links = self._meeting.wait()
            if links is None:
                return
            self._links = links
            try:
                session = Session(self.desk, links)
                session.hear_complaints()
                session.try_out()
                session.settle()
                self._at_settled()
                self.is_settled, pause_s = True, FIRST_PAUSE_S
                _log.info("all three are here; %d records", len(self.desk.records.roll))
                session.serve(is_over)
            except IpseError as fault:
                _log.warning("the session ended: %s", fault)
                self.desk.lobby.fail_seated(fault)
            finally:
                self.is_settled = False
                self._links = None
                self._meeting.leave()
                links.close()
            self._rest(pause_s)  # three that can't settle must not spin
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def wake(self) -> None:
        """Have the table look up. May be called from any thread."""
        links = self._links
        if links is not None:
            links.wake()
