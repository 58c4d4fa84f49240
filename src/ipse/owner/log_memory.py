"""What a wallet saw of the logs, beside the wallet: the next look is held against it.

    HOME/wallets/NAME.logs/N                operator N's checkpoint that was seen last
    HOME/wallets/NAME.logs/N.fork-DIGEST    evidence that its log forked

It holds nothing secret: checkpoints are the same for everybody, and if they are not,
that is what this file is for.
"""

import hashlib
from pathlib import Path
from typing import Final

from ipse.ground.errors import Malformed, Misbehaved, Unavailable, Unproven
from ipse.ground.names import OperatorId
from ipse.keys.durable import replace
from ipse.owner.log import Rewritten, Source, View, expect_grown, look
from ipse.ports import Entropy
from ipse.tlog.fork import write_fork
from ipse.tlog.note import NOTE_BYTES
from ipse.tlog.trust import Log, SignedCheckpoint, check_signed

_DIGITS: Final = 16


class LogMemory:
    """One wallet's memory of the logs."""

    def __init__(self, folder: Path, entropy: Entropy) -> None:
        """Begin with what is there."""
        self._folder = folder
        self._entropy = entropy

    def last(self, operator: OperatorId, log: Log) -> SignedCheckpoint | None:
        """Return what was seen last of an operator's log.

        Raises: Malformed: what was kept is damaged, or of another network.
        """
        path = self._folder / str(operator)
        try:
            with path.open("rb") as file:
                kept = file.read(NOTE_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise Unavailable(f"Cannot read {path}: {fault.strerror}.") from None
        try:
            return check_signed(kept, log)
        except (Malformed, Unproven) as fault:
            raise Malformed(
                f"What this wallet saw before, in {path}, is damaged or of another "
                f"network: find out which, then move it away. {fault}"
            ) from fault

    def keep(self, operator: OperatorId, view: View) -> None:
        """Remember what was seen. Raises: Unavailable: the disk will not."""
        self._write(str(operator), view.note)

    def keep_fork(self, operator: OperatorId, evidence: bytes) -> Path:
        """Keep evidence. Returns: where."""
        name = hashlib.sha256(evidence).hexdigest()[:_DIGITS]
        return self._write(f"{operator}.fork-{name}", evidence)

    def _write(self, name: str, content: bytes) -> Path:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as fault:
            raise Unavailable(
                f"Cannot make the folder {self._folder} ({fault.strerror}): mend its "
                "permissions."
            ) from None
        replace(self._folder / name, content, self._entropy)
        return self._folder / name


def visit(source: Source, log: Log, operator: OperatorId, memory: LogMemory) -> View:
    """Look at a log, hold it against what was seen before, and remember it.

    Raises:
        Misbehaved: it shows another past than it did; the evidence is kept.
        Malformed, Unproven: naming what is wrong with it.
        Unavailable: it is not there, or the disk will not.
    """
    view = look(source, log)
    before = memory.last(operator, log)
    if before is not None:
        try:
            expect_grown(view, before)
        except Rewritten as fault:
            place = memory.keep_fork(operator, write_fork(fault.fork))
            raise Misbehaved(
                f"{fault} The evidence is in {place}: publish it."
            ) from fault
    memory.keep(operator, view)
    return view
