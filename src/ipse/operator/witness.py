"""Watching the two other logs: judge, remember, cosign, in this order.

    POST /log/add-checkpoint  -->  tlog.witness.judge  -->  disk  -->  cosignature

One question at a time: whether a checkpoint goes on from the last one, and making it
the last one, must not be torn apart. A log that forked once is answered with that, and
never cosigned again; the evidence lies beside what we remember of it.

Specification: docs/spec/log.md, sections 9 and 10.
"""

import logging
import threading
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from ipse.ground.errors import Malformed
from ipse.ground.names import OperatorId
from ipse.ports import Clock, NoteSigning
from ipse.store.log import WitnessFolder
from ipse.tlog.cosignature import Seconds, cosign
from ipse.tlog.fork import write_fork
from ipse.tlog.logs import log_of, others, witness_of
from ipse.tlog.note import Note, write_note, write_signature
from ipse.tlog.trust import SignedCheckpoint, check_signed
from ipse.tlog.witness import (
    Accepted,
    Asked,
    Declined,
    Declining,
    Forked,
    judge,
    read_asked,
)
from ipse.wire.charter import Charter

TEXT: Final = "text/plain"
SIZE: Final = "text/x.tlog.size"
FORK: Final = "text/x.ipse.fork"
"""Evidence against the log that asks (`ipse.tlog.fork`)."""

DONE: Final = HTTPStatus.OK

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a witness answers, as HTTP carries it."""

    status: int
    kind: str  # media type
    content: bytes


class Witness:
    """One operator, as the witness of the two others. Any thread may ask."""

    def __init__(
        self,
        operator: OperatorId,
        charter: Charter,
        folder: WitnessFolder,
        keys: NoteSigning,
        clock: Clock,
    ) -> None:
        """Remember what is in the folder."""
        self._logs = {other: log_of(charter, other) for other in others(operator)}
        self._key = witness_of(charter, operator)
        self._folder = folder
        self._keys = keys
        self._clock = clock
        self._lock = threading.Lock()

    def add(self, content: bytes) -> Answered:
        """Answer a log that wants its checkpoint cosigned.

        Raises: Unavailable: the disk is full, so nothing is cosigned.
        """
        try:
            asked = read_asked(content)
        except Malformed as fault:
            return _declined(Declining.MALFORMED, str(fault))
        for operator, log in self._logs.items():
            if log.origin == asked.origin:
                with self._lock:
                    return self._judged(operator, asked)
        return _declined(Declining.UNKNOWN, f"{asked.origin} is no log that we watch.")

    def _judged(self, operator: OperatorId, asked: Asked) -> Answered:
        log = self._logs[operator]
        evidence = self._folder.fork(operator)
        if evidence is not None:
            return Answered(Declining.STALE, FORK, evidence)
        match judge(asked, log, self._last(operator)):
            case Accepted(signed):
                return self._cosigned(operator, signed)
            case Declined(Declining.STALE, _, size):
                return Answered(Declining.STALE, SIZE, f"{size}\n".encode())
            case Declined(why, sentence):
                _log.warning("did not cosign %s: %s", log.origin, sentence)
                return _declined(why, sentence)
            case Forked(fork):
                evidence = write_fork(fork)
                self._folder.keep_fork(operator, evidence)
                _log.critical(
                    "%s showed two histories: the evidence is in witness/%d.fork, "
                    "publish it",
                    log.origin,
                    operator,
                )
                return Answered(Declining.STALE, FORK, evidence)

    def _last(self, operator: OperatorId) -> SignedCheckpoint | None:
        kept = self._folder.last(operator)
        return None if kept is None else check_signed(kept, self._logs[operator])

    def _cosigned(self, operator: OperatorId, signed: SignedCheckpoint) -> Answered:
        text = signed.note.text
        self._folder.keep(operator, write_note(Note(text, (signed.line,))))
        at = Seconds(self._clock.now() // 1_000)
        line = cosign(text, at, self._key, self._keys.sign_note)
        return Answered(DONE, TEXT, write_signature(line))


def _declined(why: Declining, sentence: str) -> Answered:
    return Answered(why, TEXT, f"{sentence}\n".encode())
