"""The logs of a network: one for each operator, watched by the two others.

Specification: docs/spec/log.md, section 2.
"""

from ipse.ground.names import OPERATORS, OperatorId
from ipse.tlog.note import Kind, NoteKey
from ipse.tlog.trust import Log
from ipse.wire.charter import Charter, OperatorEntry


def log_of(charter: Charter, operator: OperatorId) -> Log:
    """Return an operator's log, as the charter presents it."""
    entry = charter.entry(operator)
    return Log(
        entry.log_origin,
        _key(entry, Kind.LOG),
        tuple(witness_of(charter, other) for other in others(operator)),
    )


def witness_of(charter: Charter, operator: OperatorId) -> NoteKey:
    """Return the key with which an operator cosigns the logs of the two others."""
    return _key(charter.entry(operator), Kind.WITNESS)


def others(operator: OperatorId) -> tuple[OperatorId, ...]:
    """Return who watches an operator's log, and whose logs it watches."""
    return tuple(other for other in OPERATORS if other != operator)


def _key(entry: OperatorEntry, kind: Kind) -> NoteKey:
    return NoteKey(entry.log_origin, kind, entry.log_key)
