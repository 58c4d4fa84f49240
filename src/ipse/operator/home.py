"""Where a local network keeps what, and an operator's home, opened.

HOME/charter.cbor              the signed charter
HOME/operators/N/keys/         operator N's keyring
HOME/operators/N/complaints/   what it was lied to, and was told (ipse.store.complaints)
HOME/operators/N/...           its store (ipse.store.home)
HOME/run/operator-N.pid, .log  its process
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from ipse.ground.errors import Unavailable
from ipse.ground.names import OperatorId
from ipse.ports import Clock
from ipse.store.archive import file_url
from ipse.store.home import LEDGER, SEGMENTS, home_lock
from ipse.store.ledger import Ledger
from ipse.store.segments import Segments
from ipse.wire.charter import SIGNED_CHARTER, TrustedCharter, trust

CHARTER: Final = "charter.cbor"

LEDGER_VARIABLE: Final = "IPSE_LEDGER"
"""The environment's variable that holds the URL of an operator's ledger."""


def operator_folder(home: Path, operator: OperatorId) -> Path:
    """Return where an operator keeps everything that is its own."""
    return home / "operators" / str(operator)


def keys_folder(home: Path, operator: OperatorId) -> Path:
    """Return where an operator keeps its keys."""
    return operator_folder(home, operator) / "keys"


def complaints_folder(home: Path, operator: OperatorId) -> Path:
    """Return where an operator keeps complaints."""
    return operator_folder(home, operator) / "complaints"


def ledger_of(charter: TrustedCharter, operator: OperatorId) -> str:
    """Say whose ledger it is: network, epoch and operator."""
    return f"{charter.digest.hex()} {charter.charter.epoch} {operator}"


def pid_file(home: Path, operator: OperatorId) -> Path:
    """Return where an operator's process writes its number."""
    return home / "run" / f"operator-{operator}.pid"


def log_file(home: Path, operator: OperatorId) -> Path:
    """Return where an operator's process writes what happens."""
    return home / "run" / f"operator-{operator}.log"


class OpenHome:
    """An operator's store, held by this process."""

    def __init__(
        self,
        home: Path,
        operator: OperatorId,
        charter: TrustedCharter,
        clock: Clock,
        ledger: str | None = None,
    ) -> None:
        """Take the home and open what is in it, or nothing.

        Args:
            home: the network's folder.
            operator: whose home it is.
            charter: the network's, whose shares these must be.
            clock: for the ledger.
            ledger: URL of the database that the ledger is kept in; none for a file in
                the home (ipse.store.archive).

        Raises: IpseError: what is wrong with it, in one sentence.
        """
        folder, rules = operator_folder(home, operator), charter.charter
        with ExitStack() as stack:
            stack.callback(home_lock(folder).release)
            belongs_to = ledger_of(charter, operator)
            url = ledger or file_url(folder / LEDGER)
            self.ledger = Ledger(url, belongs_to, clock)
            stack.callback(self.ledger.close)
            self.segments = Segments(
                folder / SEGMENTS,
                rules.forms,
                charter=charter.digest,
                epoch=rules.epoch,
                operator=operator,
            )
            stack.callback(self.segments.close)
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Close all of it, and give the home back."""
        self._stack.close()


def read_charter(home: Path) -> TrustedCharter:
    """Read the charter and check its three signatures.

    Raises: Unavailable: there is none. Malformed, Unproven: it is none.
    """
    try:
        encoded = (home / CHARTER).read_bytes()
    except FileNotFoundError:
        raise Unavailable(
            f"There is no network in {home.name}: start one with `ipse up`."
        ) from None
    return trust(SIGNED_CHARTER.decode(encoded))
