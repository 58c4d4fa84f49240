"""The service: one operator as a process, its rooms wired once.

    door (thread)     HTTPS: admission, then the lobby
    table (thread)    the links: doorway, then sessions for as long as links last
    log (thread)      publishes the ledger's leaves, asks the others to cosign
    main              waits for the signal to stop

They share the lobby, which is locked, and the ledger, which is locked. Segments and
roll belong to the table alone.
"""

import gc
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from ipse.ground.errors import Refused, Unavailable
from ipse.ground.names import OperatorId
from ipse.keys.certificate import read_key
from ipse.keys.operator import TLS_FILE, OperatorKeyring, load_keyring
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.net.doorway import Doorway
from ipse.net.drive import until_stopped
from ipse.net.handshake import Identity
from ipse.net.http import Door, Health
from ipse.operator.beside import OwnThread
from ipse.operator.complaints import Complaints
from ipse.operator.desk import Desk, Step, no_fault
from ipse.operator.home import (
    CHARTER,
    OpenHome,
    complaints_folder,
    keys_folder,
    operator_folder,
    read_charter,
)
from ipse.operator.lobby import Lobby
from ipse.operator.log import OperatorLog
from ipse.operator.records import Records
from ipse.operator.room import PATIENCE_S, Room, Ticket
from ipse.operator.search import Order, search_for
from ipse.operator.uses import Uses
from ipse.store.complaints import ComplaintFolder
from ipse.wire import limits
from ipse.wire.charter import TrustedCharter

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
        self._network = rules.network
        clock = SystemClock()
        self._store = OpenHome(home, operator, charter, clock, ledger)
        records = Records(self._store.ledger, self._store.segments, rules.epoch, clock)
        uses = Uses(operator, self._store.ledger.uses, charter, keys)
        folder = ComplaintFolder(complaints_folder(home, operator))
        complaints = Complaints(operator, charter, keys, folder)
        self._beside = OwnThread()
        search = search_for(order, operator, charter, records)
        self._desk = Desk(
            operator,
            charter,
            keys,
            clock,
            Lobby(),
            records,
            uses,
            complaints,
            search,
            self._beside,
            at_step,
        )
        tls_key, entropy = read_key(keys.tls_private), SystemEntropy()
        self._doorway = Doorway(
            Identity(operator, charter, keys, tls_key, entropy, listening.peers)
        )
        self._room = Room(
            self._desk,
            self._store.ledger,
            self._doorway,
            rest=time.sleep,
            patience_s=patience_s,
            at_settled=_set_aside,
        )
        self.log = OperatorLog(
            operator_folder(home, operator),
            operator,
            rules,
            keys,
            self._store.ledger.uses,
            clock,
        )
        address = listening.owners or rules.entry(operator).owner_address
        self._door = Door(self, address, keys_folder(home, operator) / TLS_FILE)
        self._is_over = False
        self._is_broken = False
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._table = threading.Thread(target=self._sit, name="table")
        self._stopped = threading.Event()
        self._logging = threading.Thread(target=self._publish, name="log")

    def run(self) -> None:
        """Serve until `stop`. Raises: Unavailable: it ended by an unforeseen fault."""
        self._table.start()
        self._door.open()
        self._logging.start()
        _log.info("operator %d serves network %s", self.operator, self._network)
        while not self._is_over:
            with suppress(Empty):
                self._bell.get(timeout=LOOK_S)
        self._stopped.set()
        self._doorway.close()
        self._desk.search.interrupt()
        self._room.wake()
        self._table.join()
        self._logging.join()
        self._desk.lobby.fail_all(
            Unavailable(f"Operator {self.operator} is stopping; try again later.")
        )
        self._door.close()
        self._desk.search.close()
        self._beside.close()
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

    def admit(self, encoded: bytes) -> Ticket:
        """Let a submission in. Raises: IpseError: what is wrong with it."""
        return self._room.admit(encoded)

    def health(self) -> Health:
        """Say how this operator is."""
        return self._room.health()

    # --- the threads of table and log ------------------------------------------------

    def _sit(self) -> None:
        until_stopped(lambda: self._room.sit(lambda: self._is_over), self._leave)

    def _publish(self) -> None:
        until_stopped(
            lambda: self.log.run(lambda: self._is_over, self._rest), self._leave
        )

    def _rest(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _leave(self) -> None:
        if not self._is_over:  # nobody asked for it; the other thread leaves after it
            self._is_broken = True
        self.stop()


def _set_aside() -> None:
    """Spare the collector all that was loaded by now, which stays as long as we do.

    Looking through it takes a tenth of a second, in which every request waits. Once
    only: what later sessions leave behind must still be found.
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


def _expect_own(
    keys: OperatorKeyring, charter: TrustedCharter, operator: OperatorId
) -> None:
    entry = charter.charter.entry(operator)
    own = (
        keys.operator,
        keys.signing_key,
        keys.sealing_key,
        keys.log_key,
        keys.certificate,
    )
    if own != (
        operator,
        entry.signing_key,
        entry.sealing_key,
        entry.log_key,
        entry.certificate,
    ):
        raise Refused(
            f"The keys in this home are not those that the charter names for operator "
            f"{operator}: give it its own keys, or the right charter."
        )
