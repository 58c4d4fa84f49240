"""The service: one operator as a process, its rooms wired once.

    door (thread)     HTTPS: admission, then the lobby
    table (thread)    the links: doorway, then sessions for as long as links last
    main              waits for the signal to stop

The three share the lobby, which is locked, and the ledger, which is locked. Segments
and roll belong to the table alone.
"""

import gc
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from ipse.ground.errors import IpseError, Refused, Unavailable
from ipse.ground.names import OPERATORS, Instant, OperatorId, RequestId
from ipse.keys.certificate import read_key
from ipse.keys.operator import TLS_FILE, OperatorKeyring, load_keyring
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.net.doorway import Doorway
from ipse.net.drive import until_stopped
from ipse.net.handshake import Identity
from ipse.net.http import Door, Health
from ipse.net.links import Links
from ipse.operator.admission import admit
from ipse.operator.desk import Desk, Step, no_fault
from ipse.operator.home import CHARTER, OpenHome, keys_folder, read_charter
from ipse.operator.lobby import Lobby
from ipse.operator.records import Records
from ipse.operator.search import Order, search_for
from ipse.operator.session import Session
from ipse.wire import limits
from ipse.wire.charter import TrustedCharter
from ipse.wire.verdict import Verdict

PATIENCE_S: Final = 8.0
"""Seconds that a request waits for the other operators before it is told who is
missing. A restarted operator is back in about three."""

FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 2.0
"""Seconds between sessions, at first and where none is settled."""

LOOK_S: Final = 0.5
"""Seconds after which the main thread looks up: a signal that another thread was
handed is not seen before."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where an operator listens, if not at its addresses in the charter.

    Behind a load balancer, or in a container, others dial one address and the process
    has another.
    """

    owners: str | None = None  # host:port, for wallets
    peers: str | None = None  # host:port, for the other operators


AS_IN_CHARTER: Final = Listening()


class Service:
    """One operator, from its home."""

    def __init__(
        self,
        home: Path,
        operator: OperatorId,
        *,
        listening: Listening = AS_IN_CHARTER,
        patience_s: float = PATIENCE_S,
        order: Order | None = None,
        ledger: str | None = None,
        at_step: Callable[[Step], None] = no_fault,
    ) -> None:
        """Open everything, in the order in which it may fail.

        Args:
            home: the network's folder.
            operator: whose process this is.
            listening: where, if not at the charter's addresses.
            patience_s: seconds that a request waits for the other operators.
            order: the workers that are wanted, if any.
            ledger: URL of the database that the ledger is kept in, if not in the home.
            at_step: is told each step.

        Raises: IpseError: what is wrong with the home, in one sentence.
        """
        charter = read_charter(home)
        keys = load_keyring(keys_folder(home, operator))
        _expect_own(keys, charter, operator)
        rules = charter.charter
        self.operator = operator
        self.patience_s = patience_s
        self.most_bytes = limits.SUBMISSION if rules.laboratory else limits.ONE_BODY
        self.charter_bytes = (home / CHARTER).read_bytes()
        self._charter = charter
        self._keys = keys
        self._clock = SystemClock()
        self._store = OpenHome(home, operator, charter, self._clock, ledger)
        records = Records(
            self._store.ledger, self._store.segments, rules.epoch, self._clock
        )
        search = search_for(order, operator, charter, records)
        self._desk = Desk(
            operator, charter, keys, self._clock, Lobby(), records, search, at_step
        )
        tls_key, entropy = read_key(keys.tls_private), SystemEntropy()
        self._doorway = Doorway(
            Identity(operator, charter, keys, tls_key, entropy, listening.peers)
        )
        address = listening.owners or rules.entry(operator).owner_address
        self._door = Door(self, address, keys_folder(home, operator) / TLS_FILE)
        self._links: Links | None = None
        self._is_settled = False
        self._is_over = False
        self._is_broken = False
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._table = threading.Thread(target=self._sit, name="table")

    def run(self) -> None:
        """Serve until `stop`. Raises: Unavailable: it ended by an unforeseen fault."""
        self._table.start()
        self._door.open()
        _log.info("operator %d serves network %s", self.operator, self._network)
        while not self._is_over:
            with suppress(Empty):
                self._bell.get(timeout=LOOK_S)
        self._doorway.close()
        self._desk.search.interrupt()
        if self._links is not None:
            self._links.wake()
        self._table.join()
        self._desk.lobby.fail_all(
            Unavailable(f"Operator {self.operator} is stopping; try again later.")
        )
        self._door.close()
        self._desk.search.close()
        self._doorway.shut()
        self._store.close()
        if self._is_broken:
            raise Unavailable(
                "An unforeseen fault, logged above, ended it: start it anew; what its "
                "store says is true."
            )
        _log.info("operator %d stopped", self.operator)

    def stop(self) -> None:
        """Make `run` return. May be called from a signal handler, and from any thread.

        A queue of this kind may be put to in the middle of its own `get`, which an
        event may not.
        """
        self._is_over = True
        self._bell.put(None)

    # --- for the door ---------------------------------------------------------------

    def admit(self, encoded: bytes) -> "Ticket":
        """Let a submission in. Raises: IpseError: what is wrong with it."""
        admitted = admit(
            encoded,
            charter=self._charter,
            operator=self.operator,
            keys=self._keys,
            ledger=self._store.ledger,
            now=self._clock.now(),
        )
        self._desk.at_step(Step.ADMITTED)
        patience_ms = round(1_000 * self.patience_s)
        deadline = min(self._clock.now() + patience_ms, admitted.header.not_after)
        verdict = self._desk.lobby.enter(admitted, Instant(deadline))
        return Ticket(verdict, lambda: self._overdue(admitted.id))

    def health(self) -> Health:
        """Say how this operator is."""
        present = self._doorway.present
        return Health(
            self.operator,
            self._network,
            self._charter.charter.epoch,
            len(self._desk.records.roll),
            tuple(sorted(present)),
            is_ready=self._is_settled,
        )

    def _overdue(self, request: RequestId) -> IpseError | None:
        if not self._desk.lobby.leave(request):
            return None
        missing = set(OPERATORS) - self._doorway.present - {self.operator}
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

    # --- the table's thread -----------------------------------------------------------

    def _sit(self) -> None:
        until_stopped(self._sessions, self._leave)

    def _leave(self) -> None:
        self._is_broken = not self._is_over  # nobody asked for it
        self.stop()

    def _sessions(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._is_over:
            links = self._doorway.wait()
            if links is None:
                return
            self._links = links
            try:
                session = Session(self._desk, links)
                session.try_out()
                session.settle()
                _set_aside()
                self._is_settled, pause_s = True, FIRST_PAUSE_S
                _log.info(
                    "all three are here; %d records", len(self._desk.records.roll)
                )
                session.serve(lambda: self._is_over)
            except IpseError as fault:
                _log.warning("the session ended: %s", fault)
                self._desk.lobby.fail_seated(fault)
            finally:
                self._is_settled = False
                self._links = None
                self._doorway.leave()
                links.close()
            time.sleep(pause_s)  # three that can't settle must not spin
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    @property
    def _network(self) -> str:
        return self._charter.charter.network


def _set_aside() -> None:
    """Spare the collector all that was loaded by now, which stays as long as we do.

    Looking through it takes a tenth of a second, in which every request waits. Once
    only: what later sessions leave behind must still be found.
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


class Ticket:
    """A request that waits in the lobby."""

    def __init__(
        self, verdict: Future[Verdict], overdue: Callable[[], IpseError | None]
    ) -> None:
        """Hold the place."""
        self.verdict = verdict
        self.overdue = overdue


def _expect_own(
    keys: OperatorKeyring, charter: TrustedCharter, operator: OperatorId
) -> None:
    entry = charter.charter.entry(operator)
    own = (keys.operator, keys.signing_key, keys.sealing_key, keys.certificate)
    if own != (operator, entry.signing_key, entry.sealing_key, entry.certificate):
        raise Refused(
            f"The keys in this home are not those that the charter names for operator "
            f"{operator}: give it its own keys, or the right charter."
        )
