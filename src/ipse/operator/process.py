"""One operator as this very process: its log, its number, the signals that stop it."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ipse.ground.names import OperatorId
from ipse.operator.desk import Step, no_fault
from ipse.operator.home import pid_file
from ipse.operator.search import Order
from ipse.operator.service import AS_IN_CHARTER, PATIENCE_S, Listening, Service


def serve(
    home: Path,
    operator: OperatorId,
    *,
    listening: Listening = AS_IN_CHARTER,
    patience_s: float = PATIENCE_S,
    order: Order | None = None,
    at_step: Callable[[Step], None] = no_fault,
) -> None:
    """Serve until SIGTERM or SIGINT, and log on standard error.

    Raises: IpseError: why it does not start.
    """
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    service = Service(
        home,
        operator,
        listening=listening,
        patience_s=patience_s,
        order=order,
        at_step=at_step,
    )
    signal.signal(signal.SIGTERM, lambda *_: service.stop())
    signal.signal(signal.SIGINT, lambda *_: service.stop())
    number = pid_file(home, operator)
    number.parent.mkdir(exist_ok=True)
    number.write_text(f"{os.getpid()}\n")
    service.run()
    number.unlink(missing_ok=True)
