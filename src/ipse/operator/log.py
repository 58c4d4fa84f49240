"""An operator's log at work: what its thread does, and what the door shows of it.

    log (thread)   turns of the publisher, for as long as the operator serves
    door           the checkpoint, the tiles that it covers; questions to the witness

It is apart from the table: a verdict waits for neither, and a log that is held up, by a
witness that is not there or a full disk, only falls behind and catches up.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ipse.ground.errors import Malformed, Unavailable
from ipse.ground.names import OperatorId
from ipse.operator.publisher import Publisher, Publishing
from ipse.operator.sequencer import Signed
from ipse.operator.watchers import DoorWitnesses
from ipse.operator.witness import Witness
from ipse.ports import Clock, Leaves, NoteSigning
from ipse.store.log import LogFolder, WitnessFolder
from ipse.tlog.checkpoint import read_checkpoint
from ipse.tlog.logs import log_of, others
from ipse.tlog.note import read_note
from ipse.tlog.tiles import read_path
from ipse.tlog.witness import ASKED_BYTES
from ipse.wire.charter import Charter

LOG: Final = "log"
WITNESS: Final = "witness"

PAUSE_S: Final = 0.5
"""Seconds between two looks at the ledger: how long a leaf may wait to be logged, and
how seldom a busy operator's disk and witnesses are asked for what leaves share."""

LONGEST_PAUSE_S: Final = 10.0
"""Seconds between two tries where a witness does not answer, at most."""

_log = logging.getLogger(__name__)


class OperatorLog:
    """One operator's log, and its watch over the two others."""

    most_asked = ASKED_BYTES

    def __init__(
        self,
        folder: Path,
        operator: OperatorId,
        charter: Charter,
        keys: NoteSigning,
        leaves: Leaves,
        clock: Clock,
    ) -> None:
        """Open what is in an operator's folder.

        Raises: IpseError: what is wrong with its log, in one sentence.
        """
        self._folder = LogFolder(folder / LOG)
        self._watchers = DoorWitnesses(operator, charter)
        self._publisher = Publisher(
            Publishing(
                log_of(charter, operator),
                self._folder,
                leaves,
                keys,
                self._watchers,
                others(operator),
            )
        )
        self._witness = Witness(
            operator, charter, WitnessFolder(folder / WITNESS), keys, clock
        )

    def run(self, is_over: Callable[[], bool], rest: Callable[[float], None]) -> None:
        """Publish until it is over. `rest` lets so many seconds pass, or fewer."""
        pause_s = PAUSE_S
        while not is_over():
            try:
                self._publisher.turn()
                is_held_up = isinstance(self._publisher.state, Signed)
            except Unavailable as fault:
                _log.warning("the log falls behind: %s", fault)
                is_held_up = True
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S) if is_held_up else PAUSE_S
            rest(pause_s)
        self._watchers.close()

    # --- for the door, in any thread --------------------------------------------------

    def checkpoint(self) -> bytes | None:
        """Return the checkpoint that everybody may see, if there is one yet."""
        return self._folder.published()

    def tile(self, path: str) -> bytes | None:
        """Return the file at `tile/...`, if the checkpoint covers it."""
        note = self._folder.published()
        if note is None:
            return None
        try:
            tile = read_path(path)
            if tile.end > read_checkpoint(read_note(note).text).size:
                return None  # it may be written, and not yet be true
            return self._folder.tile(tile)
        except (Malformed, Unavailable):
            return None

    def add_checkpoint(self, content: bytes) -> tuple[int, str, bytes]:
        """Answer a log of the two others. Raises: Unavailable: the disk is full."""
        answered = self._witness.add(content)
        return answered.status, answered.kind, answered.content
