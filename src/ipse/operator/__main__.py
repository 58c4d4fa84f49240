"""`python -m ipse.operator --home HOME --operator N`: what `ipse operator run` does."""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from ipse.ground.errors import IpseError
from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator.desk import Step, no_fault
from ipse.operator.process import serve
from ipse.operator.room import PATIENCE_S
from ipse.operator.search import order_of
from ipse.operator.service import Listening


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
    parser.add_argument("--workers", type=int, help="search by so many workers")
    parser.add_argument("--ray", metavar="ADDRESS", help="place them on this cluster")
    parser.add_argument("--ledger", metavar="URL", help="keep the ledger there")
    chosen = parser.parse_args(arguments)
    operator = OperatorId(chosen.operator)
    try:
        serve(
            chosen.home,
            operator,
            listening=Listening(chosen.owners_at, chosen.peers_at),
            patience_s=chosen.patience,
            order=order_of(chosen.workers, chosen.ray),
            ledger=chosen.ledger,
            at_step=at_step,
        )
    except IpseError as fault:
        log = logging.getLogger(__name__)
        log.critical("operator %d does not run: %s", operator, fault)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
