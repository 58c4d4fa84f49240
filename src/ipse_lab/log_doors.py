"""Three operators' logs behind real doors, in one process: HTTPS, disks and threads.

    with opened_doors(folder) as doors:
        doors.leaves[1].listed += [b"leaf"]
        doors.wait_for(1, size=1)

Only the table is left out: these operators log, watch and show, and match nobody.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ipse.ground.errors import Refused
from ipse.ground.names import OPERATORS, OperatorId
from ipse.keys.operator import TLS_FILE, draw_keyring, save_keyring
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.net.http import Door, Health, Pending
from ipse.operator.log import OperatorLog
from ipse.tlog.checkpoint import read_checkpoint
from ipse.tlog.note import read_note
from ipse.wire.charter import Charter, TrustedCharter
from ipse_lab.identities import charter_of
from ipse_lab.witnesses import ListedLeaves

SOON_S = 20.0
"""Seconds that a leaf may take to be published, on a machine that has much to do."""


class LogDoors:
    """Three operators, as far as anybody outside sees of their logs."""

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self.folder = folder
        now, entropy = SystemClock().now(), SystemEntropy()
        self.rings = {
            each: draw_keyring("test", each, entropy, now) for each in OPERATORS
        }
        self.charter: TrustedCharter = charter_of(self.rings)
        self.leaves = {operator: ListedLeaves() for operator in OPERATORS}
        self.logs: dict[OperatorId, OperatorLog] = {}

    @property
    def network(self) -> Charter:
        """What the network says about itself."""
        return self.charter.charter

    def size(self, operator: OperatorId) -> int:
        """Return how many entries an operator has published; -1 before the first."""
        note = self.logs[operator].checkpoint()
        return -1 if note is None else read_checkpoint(read_note(note).text).size

    def wait_for(self, operator: OperatorId, size: int) -> None:
        """Return once an operator has published so many. Raises: TimeoutError."""
        deadline = time.monotonic() + SOON_S
        while self.size(operator) < size:
            if time.monotonic() > deadline:
                raise TimeoutError(f"operator {operator} is at {self.size(operator)}")
            time.sleep(0.02)

    @contextmanager
    def running(self, operator: OperatorId) -> Iterator[None]:
        """Run one operator's log and door."""
        home, over = self.folder / str(operator), threading.Event()
        keys = home / "keys"
        if not keys.exists():
            home.mkdir(parents=True, exist_ok=True)
            save_keyring(self.rings[operator], keys, SystemEntropy())
        log = OperatorLog(
            home,
            operator,
            self.network,
            self.rings[operator],
            self.leaves[operator],
            SystemClock(),
        )
        self.logs[operator] = log
        address = self.network.entry(operator).owner_address
        door = Door(_Front(operator, log), address, keys / TLS_FILE)
        thread = threading.Thread(
            target=log.run, args=(over.is_set, lambda s: over.wait(s / 4))
        )
        door.open()
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            door.close()


@contextmanager
def opened_doors(folder: Path) -> Iterator[LogDoors]:
    """Run three operators' logs, until the context ends."""
    doors = LogDoors(folder)
    with ExitStack() as stack:
        for operator in OPERATORS:
            stack.enter_context(doors.running(operator))
        yield doors


class _Front:
    """A door's front that lets nobody in but to the log."""

    patience_s = 1.0
    most_bytes = 1
    charter_bytes = b""

    def __init__(self, operator: OperatorId, log: OperatorLog) -> None:
        self.operator = operator
        self.log = log

    def admit(self, encoded: bytes) -> Pending:
        """Let nothing in."""
        raise Refused(f"There is no table here: {len(encoded)} bytes for nobody.")

    def health(self) -> Health:
        """Say that nobody matches here."""
        return Health(self.operator, "logs", 0, 0, (), is_ready=False)
