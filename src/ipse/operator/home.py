"""Where a local network keeps what.

HOME/charter.cbor              the signed charter
HOME/operators/N/keys/         operator N's keyring
HOME/operators/N/...           its store (ipse.store.home)
HOME/run/operator-N.pid, .log  its process
"""

from pathlib import Path
from typing import Final

from ipse.ground.errors import Unavailable
from ipse.ground.names import OperatorId
from ipse.wire.charter import SIGNED_CHARTER, TrustedCharter, trust

CHARTER: Final = "charter.cbor"


def operator_folder(home: Path, operator: OperatorId) -> Path:
    """Return where an operator keeps everything that is its own."""
    return home / "operators" / str(operator)


def keys_folder(home: Path, operator: OperatorId) -> Path:
    """Return where an operator keeps its keys."""
    return operator_folder(home, operator) / "keys"


def pid_file(home: Path, operator: OperatorId) -> Path:
    """Return where an operator's process writes its number."""
    return home / "run" / f"operator-{operator}.pid"


def log_file(home: Path, operator: OperatorId) -> Path:
    """Return where an operator's process writes what happens."""
    return home / "run" / f"operator-{operator}.log"


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
