"""The position: what the records alone say to a request.

    (1) ENROL, SEED   is the handle in use?
    (2) the others    does the record exist, and is the request's key its key?
    (3) VERIFY        does the record hold every form that is asked?

It follows from the request and the roll. All three operators have the same of both,
which they check before (`ipse.operator.table`, `ipse.wire.peer.Begin`), so each takes
the position by itself and nobody has to say it.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from ipse.ground.names import Purpose
from ipse.operator.admission import Admitted
from ipse.operator.change import seeded_handle
from ipse.operator.roll import Roll

SEEDED: Final = "Records of this handle are seeded already: draw a new handle."
LACKING: Final = (
    "The record does not hold every form that was asked: verify with what was enrolled."
)


class Standing(Enum):
    """How a request stands with the records."""

    READY = auto()
    UNKNOWN = auto()  # there is no such record, or it is another key's
    KNOWN = auto()  # there is a record of this handle and key
    REFUSED = auto()  # a rule says no


@dataclass(frozen=True, slots=True)
class Position:
    """A standing, and why if it is a refusal."""

    standing: Standing
    detail: str = ""


READY: Final = Position(Standing.READY)
UNKNOWN: Final = Position(Standing.UNKNOWN)
KNOWN: Final = Position(Standing.KNOWN)


def position_of(  # noqa: PLR0911 (numbered steps read best in one place)
    admitted: Admitted, roll: Roll
) -> Position:
    """Say what the records alone say."""
    header = admitted.header
    # (1) a new record needs a handle
    match header.purpose:
        case Purpose.ENROL:
            return READY if roll.get(header.handle) is None else KNOWN
        case Purpose.SEED:
            indices = range(admitted.bodies)
            if roll.knows_any([seeded_handle(header.handle, i) for i in indices]):
                return Position(Standing.REFUSED, SEEDED)
            return READY
        case Purpose.BITS:
            return READY
        case Purpose.VERIFY | Purpose.ERASE | Purpose.STATUS:
            pass
    # (2) an existing one, its key
    record = roll.get(header.handle)
    if record is None or record.owner_key != header.owner_key:
        return UNKNOWN
    if header.purpose is Purpose.STATUS:
        return KNOWN
    # (3) what is compared must be there
    if not set(header.forms) <= set(record.forms):
        return Position(Standing.REFUSED, LACKING)
    return READY
