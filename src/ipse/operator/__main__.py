"""`python -m ipse.operator --home HOME --operator N`: one operator, until SIGTERM."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ipse.ground.errors import IpseError
from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator.desk import Step, no_fault
from ipse.operator.home import pid_file
from ipse.operator.service import PATIENCE_S, Listening, Service


def main(
    arguments: list[str] | None = None, at_step: Callable[[Step], None] = no_fault
) -> int:
    """Run one operator. Returns: the process's exit status."""
    parser = argparse.ArgumentParser(prog="ipse.operator", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--operator", type=int, choices=OPERATORS, required=True)
    parser.add_argument("--patience", type=float, default=PATIENCE_S)
    for whom in ("owners", "peers"):
        parser.add_argument(
            f"--{whom}-at",
            metavar="HOST:PORT",
            help=f"listen there for {whom}, where that is not the charter's address",
        )
    chosen = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    operator = OperatorId(chosen.operator)
    try:
        service = Service(
            chosen.home,
            operator,
            listening=Listening(chosen.owners_at, chosen.peers_at),
            patience_s=chosen.patience,
            at_step=at_step,
        )
    except IpseError as fault:
        log = logging.getLogger(__name__)
        log.critical("operator %d does not start: %s", operator, fault)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: service.stop())
    signal.signal(signal.SIGINT, lambda *_: service.stop())
    number = pid_file(chosen.home, operator)
    number.parent.mkdir(exist_ok=True)
    number.write_text(f"{os.getpid()}\n")
    service.run()
    number.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
