"""Whom a log asks for cosignatures: the two other operators, at their doors.

    ask --200, a line that holds----------> Cosigned
        --409, text/x.tlog.size-----------> Behind
        --409, evidence that convicts us--> Convicted
        --anything else, or nobody there--> no answer for now

A witness is believed in what it proves and no more: a line that does not hold, or
evidence that does not convict, is as good as no answer.

Specification: docs/spec/log.md, section 9.
"""

import logging
from http import HTTPStatus
from typing import Final

from ipse.ground.errors import Malformed, Unproven
from ipse.ground.names import OperatorId
from ipse.net.caller import FAULTS, Caller
from ipse.operator.sequencer import Behind, Convicted, Cosigned, Event
from ipse.operator.witness import FORK, SIZE, TEXT, Answered
from ipse.tlog.cosignature import check_cosignature
from ipse.tlog.fork import FORK_BYTES, read_fork
from ipse.tlog.lines import read_size
from ipse.tlog.logs import log_of, others, witness_of
from ipse.tlog.note import NoteKey, read_note, read_signatures
from ipse.tlog.trust import Log
from ipse.tlog.witness import Asked, Declining, write_asked
from ipse.wire.charter import Charter

PATH: Final = "/log/add-checkpoint"
HEADERS: Final = {"content-type": TEXT, "accept": f"{TEXT}, {SIZE}"}
WAIT_S: Final = 5.0
"""Seconds that a witness may take: it syncs one small file."""

_log = logging.getLogger(__name__)


class DoorWitnesses:
    """The two others over HTTPS. It belongs to one thread."""

    def __init__(self, operator: OperatorId, charter: Charter) -> None:
        """Meet nobody yet."""
        self._log = log_of(charter, operator)
        self._keys = {each: witness_of(charter, each) for each in others(operator)}
        self._callers = {
            each: Caller(
                charter.entry(each).owner_address, charter.entry(each).certificate
            )
            for each in others(operator)
        }

    def ask(self, operator: OperatorId, asked: Asked) -> Event | None:
        """Ask one of them."""
        caller = self._callers[operator]
        try:
            came = caller.ask(PATH, write_asked(asked), HEADERS, FORK_BYTES, WAIT_S)
            answered = Answered(came.status, came.kind, came.content)
            key = self._keys[operator]
            event = event_of(self._log, operator, key, asked, answered)
        except (*FAULTS, Malformed, Unproven) as fault:
            _log.info("operator %d does not cosign: %s", operator, fault)
            return None
        if event is None:
            said = _text(answered).strip()
            _log.warning("operator %d does not cosign: %s", operator, said)
        return event

    def close(self) -> None:
        """Hang up, when nobody asks."""
        for caller in self._callers.values():
            caller.close()


def event_of(
    log: Log, operator: OperatorId, witness: NoteKey, asked: Asked, answered: Answered
) -> Event | None:
    """Read a witness's answer to what it was asked.

    Returns: none where it says something that changes nothing.
    Raises: Malformed, Unproven: it says what it can't prove.
    """
    match answered.status, answered.kind:
        case HTTPStatus.OK, _:
            text = read_note(asked.note).text
            for line in read_signatures(_text(answered)):
                if line.is_by(witness):
                    check_cosignature(line, text, witness)
                    return Cosigned(operator, line)
            raise Unproven(f"Operator {operator} signed with another key.")
        case Declining.STALE, kind if kind == SIZE:
            size = read_size("A size", _text(answered).removesuffix("\n"))
            return Behind(operator, size)
        case Declining.STALE, kind if kind == FORK:
            read_fork(answered.content, log)
            return Convicted(operator)
        case _:
            return None


def _text(answered: Answered) -> str:
    return answered.content.decode(errors="replace")
