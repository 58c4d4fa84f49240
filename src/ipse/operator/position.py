"""The position: what the records alone say to a request.

    (1) ENROL, SEED   is the handle in use?
    (2) the others    does the record exist, and is the request's key its key?
    (3) VERIFY        does the record hold every form that is asked?
    (4) VERIFY        does the record's meter allow a try, at the time of the job?
    (5) VERIFY        is there a use left of its grant, at the time of the job?
        WITHDRAW      was the grant withdrawn before?

It follows from the request, the roll and what was used before. All three operators have
the same of each, which they check before (`ipse.operator.table`,
`ipse.wire.peer.Begin`), so each takes the position by itself and nobody has to say it.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from ipse.ground.names import Handle, Purpose
from ipse.operator.admission import Admitted
from ipse.operator.roll import Roll
from ipse.wire.change import seeded_handle
from ipse.wire.grant import SignedGrant

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


class Counting(Protocol):
    """What the requests of a job use of their grants and meters."""

    def try_once(self, handle: Handle) -> str:
        """Take a try of a record. Returns: why that can't be; empty if it can."""
        ...

    def use(self, signed: SignedGrant) -> str:
        """Take a use of a grant. Returns: why that can't be; empty if it can."""
        ...

    def is_withdrawn(self, signed: SignedGrant) -> bool:
        """Say whether a grant was withdrawn before."""
        ...

    def is_owner(self, handle: Handle, owner_key: bytes) -> bool:
        """Say whether a record has receipts, and this key may ask for them."""
        ...


def position_of(admitted: Admitted, roll: Roll, counting: Counting) -> Position:
    """Say what the records alone say, and count what is used."""
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
        case Purpose.LEDGER:
            is_owner = counting.is_owner(header.handle, header.owner_key)
            return KNOWN if is_owner else UNKNOWN
        case Purpose.VERIFY | Purpose.ERASE | Purpose.STATUS | Purpose.WITHDRAW:
            pass
    return _of_record(admitted, roll, counting)


def _of_record(admitted: Admitted, roll: Roll, counting: Counting) -> Position:
    header = admitted.header
    # (2) an existing one, its key
    record = roll.get(header.handle)
    if record is None or record.owner_key != header.owner_key:
        return UNKNOWN
    if header.purpose is Purpose.STATUS:
        return KNOWN
    # (3) what is compared must be there
    if not set(header.forms) <= set(record.forms):
        return Position(Standing.REFUSED, LACKING)
    # (4) it must not have been tried too often
    if header.purpose is Purpose.VERIFY and (
        why_not := counting.try_once(header.handle)
    ):
        return Position(Standing.REFUSED, why_not)
    # (5) its grant must allow it
    for signed in admitted.request.granted:
        return _of_grant(header.purpose, signed, counting)
    return READY


def _of_grant(purpose: Purpose, signed: SignedGrant, counting: Counting) -> Position:
    if purpose is Purpose.WITHDRAW:
        return KNOWN if counting.is_withdrawn(signed) else READY
    why_not = counting.use(signed)
    return Position(Standing.REFUSED, why_not) if why_not else READY
