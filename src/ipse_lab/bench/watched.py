"""An operator with a stopwatch: when it passed each step, and what it computed.

    python -m ipse_lab.bench.watched --home HOME --operator N

It is the real operator with one thing added, as in `ipse_lab.faults`. Times are kept
in memory and written when it stops, so that writing costs no request anything:

    HOME/run/watched-N.json   [[seconds, "seated"], [seconds, [rounds, bytes]], ...]

Steps are those of `ipse.operator.desk.Step`; rounds and bytes are what the driver says
of each computation that ends. The clock is the machine's monotonic one, which all
processes share.
"""

import json
import logging
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ipse.ground.errors import Unavailable
from ipse.ground.names import OperatorId
from ipse.net import drive
from ipse.operator.__main__ import main
from ipse.operator.desk import Step

WRITTEN_S: Final = 15.0
PAUSE_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that an operator passed."""

    at_s: float  # on the machine's monotonic clock
    step: Step


@dataclass(frozen=True, slots=True)
class Computed:
    """A secret computation that an operator ended."""

    at_s: float  # on the machine's monotonic clock
    rounds: int
    sent_bytes: int  # to both neighbours, frames included, TLS not


Note = Passed | Computed


class Notes(logging.Handler):
    """What one operator did, in its order."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(logging.DEBUG)
        self._notes: list[tuple[float, object]] = []

    def passed(self, step: Step) -> None:
        """Note a step. May be called from any thread."""
        self._notes.append((time.monotonic(), step))

    def emit(self, record: logging.LogRecord) -> None:
        """Note a computation; what else the driver says is no figure."""
        if record.levelno == logging.DEBUG:
            self._notes.append((time.monotonic(), record.args))

    def write(self, path: Path) -> None:
        """Write everything down; the file is there once it is whole."""
        begun = path.with_suffix(".begun")
        begun.write_text(json.dumps(self._notes))
        begun.rename(path)


def read_notes(home: Path, operator: OperatorId) -> list[Note]:
    """Return what an operator that was stopped wrote down.

    It lets its home go before it writes, so the file may come a little later.

    Raises: Unavailable: it does not come.
    """
    path = _file(home, operator)
    deadline = time.monotonic() + WRITTEN_S
    while not path.exists():
        if time.monotonic() > deadline:
            raise Unavailable(f"Operator {operator} wrote nothing down: try again.")
        time.sleep(PAUSE_S)
    written = json.loads(path.read_text())
    return [
        Passed(at_s, Step(what)) if isinstance(what, str) else Computed(at_s, *what)
        for at_s, what in written
    ]


def _file(home: Path, operator: OperatorId) -> Path:
    return home / "run" / f"watched-{operator}.json"


def main_watched(arguments: list[str]) -> int:
    """Run an operator until SIGTERM, then write down what it did."""
    notes = Notes()
    driver = logging.getLogger(drive.__name__)
    driver.setLevel(logging.DEBUG)
    driver.addHandler(notes)
    status = main(arguments, notes.passed)
    home = Path(arguments[arguments.index("--home") + 1])
    operator = OperatorId(int(arguments[arguments.index("--operator") + 1]))
    notes.write(_file(home, operator))
    return status


if __name__ == "__main__":
    sys.exit(main_watched(sys.argv[1:]))
