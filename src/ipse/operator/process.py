"""One operator as this very process: its log, its number, the signals that stop it.

The ledger is kept in the home, or where `--ledger URL` or the variable IPSE_LEDGER
says. A URL with a password belongs in the variable, or its password in a file that
PGPASSFILE names: whoever lists a machine's processes reads their arguments.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ipse.ground.errors import Refused
from ipse.ground.names import OperatorId
from ipse.keys.system import SystemClock
from ipse.operator.check import Checked, check, check_log
from ipse.operator.complaints import kept
from ipse.operator.desk import Step, no_fault
from ipse.operator.home import (
    LEDGER_VARIABLE,
    OpenHome,
    complaints_folder,
    operator_folder,
    pid_file,
    read_charter,
)
from ipse.operator.log import LOG
from ipse.operator.records import expect_related
from ipse.operator.room import PATIENCE_S
from ipse.operator.search import Order
from ipse.operator.service import AS_IN_CHARTER, Listening, Service
from ipse.receipt.blame import Case, cases
from ipse.store.archive import parse
from ipse.store.complaints import ComplaintFolder
from ipse.store.log import LogFolder
from ipse.tlog.logs import log_of


def serve(
    home: Path,
    operator: OperatorId,
    *,
    listening: Listening = AS_IN_CHARTER,
    patience_s: float = PATIENCE_S,
    order: Order | None = None,
    ledger: str | None = None,
    at_step: Callable[[Step], None] = no_fault,
) -> None:
    """Serve until SIGTERM or SIGINT, and log on standard error.

    Raises: IpseError: why it does not start, or what ended it.
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
        ledger=chosen_ledger(ledger),
        at_step=at_step,
    )
    signal.signal(signal.SIGTERM, lambda *_: service.stop())
    signal.signal(signal.SIGINT, lambda *_: service.stop())
    number = pid_file(home, operator)
    number.parent.mkdir(exist_ok=True)
    number.write_text(f"{os.getpid()}\n")
    try:
        service.run()
    finally:
        number.unlink(missing_ok=True)


def check_home(
    home: Path,
    operator: OperatorId,
    ledger: str | None = None,
    *,
    overwrite: bool = False,
) -> Checked:
    """Read all that an operator stores, while it does not run (ipse.operator.check).

    Raises: IpseError: what is wrong with it, in one sentence.
    """
    url = chosen_ledger(ledger)
    charter = read_charter(home)
    store = OpenHome(home, operator, charter, SystemClock(), url)
    try:
        expect_related(store.ledger, store.segments)
        checked = check(store.ledger, store.segments, overwrite=overwrite)
        folder = LogFolder(operator_folder(home, operator) / LOG)
        log = log_of(charter.charter, operator)
        logged = check_log(folder, log, store.ledger.uses)
        return replace(checked, logged=logged)
    finally:
        store.close()


def complaints_in(home: Path, operator: OperatorId) -> list[Case]:
    """Say which calls an operator knows to be complained of; it may run meanwhile.

    Raises: Unavailable, Malformed, Unproven: a file can't be read, or is no complaint.
    """
    folder = ComplaintFolder(complaints_folder(home, operator))
    return cases(kept(folder, read_charter(home)))


def chosen_ledger(argument: str | None) -> str | None:
    """Return the ledger's URL, if one is given. Raises: Refused: with a password."""
    if argument is not None and parse(argument).password is not None:
        raise Refused(
            "A password among a process's arguments can be read by anyone on the "
            f"machine: give the URL in {LEDGER_VARIABLE}, or the password in the file "
            "that PGPASSFILE names."
        )
    return argument or os.environ.get(LEDGER_VARIABLE) or None
