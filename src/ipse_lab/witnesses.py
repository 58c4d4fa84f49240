"""Three logs in one process, that watch each other as three operators do.

    three = Three(folder)
    three.leaves[1] += [b"leaf"]        operator 1's ledger has one more
    three.turn(1)                       operator 1's publisher takes a turn
    three.absent.add(2)                 nobody reaches operator 2 any more
    three.mute.add(2)                   it hears, and its answers are lost

Publishers, witnesses and folders are the real ones; what is between them is a call.
With `chances` the disk of operator 1 fails at a step (`ipse_lab.failing`).
"""

from pathlib import Path

from ipse.ground.names import OPERATORS, Instant, OperatorId
from ipse.operator.publisher import Publisher, Publishing
from ipse.operator.sequencer import Event
from ipse.operator.watchers import event_of
from ipse.operator.witness import Witness
from ipse.store.disk import Disk
from ipse.store.log import LogFolder, WitnessFolder
from ipse.tlog.logs import log_of, others, witness_of
from ipse.tlog.witness import Asked, write_asked
from ipse_lab.examples import charter, keyrings
from ipse_lab.fakes import SettableClock

NOW = Instant(1_700_000_000_000)


class ListedLeaves:
    """A ledger's leaves, in a list."""

    def __init__(self) -> None:
        """Begin with none."""
        self.listed: list[bytes] = []

    def since(self, index: int, most: int) -> list[bytes]:
        """Return some from a number on."""
        return self.listed[index : index + most]


class Three:
    """Three operators, as far as logs go."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """Open their folders; operator 1 may have a disk that fails."""
        self.folder = folder
        self.clock = SettableClock(NOW)
        self.leaves = {operator: ListedLeaves() for operator in OPERATORS}
        self.absent: set[OperatorId] = set()
        self.mute: set[OperatorId] = set()
        self.disks = {operator: Disk() for operator in OPERATORS}
        self.disks[OPERATORS[0]] = disk or Disk()
        self.witnesses = {operator: self.witness(operator) for operator in OPERATORS}

    def witness(self, operator: OperatorId) -> Witness:
        """Start an operator's witness, with what it remembers."""
        folder = WitnessFolder(self.place(operator, "witness"), self.disks[operator])
        ring = keyrings()[operator - 1]
        return Witness(operator, charter(), folder, ring, self.clock)

    def log(self, operator: OperatorId) -> LogFolder:
        """Return an operator's log on its disk."""
        return LogFolder(self.place(operator, "log"), self.disks[operator])

    def publisher(self, operator: OperatorId) -> Publisher:
        """Start an operator's publisher, from what is on its disk."""
        return Publisher(
            Publishing(
                log_of(charter(), operator),
                self.log(operator),
                self.leaves[operator],
                keyrings()[operator - 1],
                _Calls(self, operator),
                others(operator),
            )
        )

    def place(self, operator: OperatorId, name: str) -> Path:
        """Return a folder of an operator."""
        return self.folder / str(operator) / name


class _Calls:
    """An operator's witnesses, as it reaches them."""

    def __init__(self, three: Three, operator: OperatorId) -> None:
        self._three = three
        self._operator = operator

    def ask(self, operator: OperatorId, asked: Asked) -> Event | None:
        """Ask one, if it is there."""
        if operator in self._three.absent:
            return None
        answered = self._three.witnesses[operator].add(write_asked(asked))
        if operator in self._three.mute:
            return None
        log = log_of(charter(), self._operator)
        return event_of(log, operator, witness_of(charter(), operator), asked, answered)
