"""What requests bring: the records and the uses of the change that they make together.

enrolments      records to add, each with its first receipt
erasures        records to remove, each with a receipt
verifications   uses of records
withdrawals     uses that end a grant
enrolments of enrolled bodies   receipts for the owners of these
"""

from collections.abc import Sequence
from typing import TypeAlias

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import Purpose, RequestId, Slot
from ipse.operator import table
from ipse.operator.admission import Admitted
from ipse.operator.roll import Roll
from ipse.wire import limits
from ipse.wire.change import Kind, Planned, Use, seeded_handle
from ipse.wire.receipt import RECEIPTED

Presented: TypeAlias = dict[RequestId, tuple[Admitted, table.Computed]]
"""Enrolments with the body of a record, and what was found."""


def planned_by(
    kind: Kind,
    requests: Sequence[Admitted],
    slots: Sequence[tuple[Slot, ...]],
    roll: Roll,
) -> tuple[Planned, ...]:
    """Return the records that these requests add or remove."""
    match kind:
        case Kind.ADD:
            pairs = zip(requests, slots, strict=True)
            return tuple(one for each, own in pairs for one in _added(each, own))
        case Kind.REMOVE:
            return tuple(_removed(each, roll) for each in requests)
        case Kind.USE | Kind.WITHDRAW | Kind.PRESENT:
            return ()


def is_use(admitted: Admitted) -> bool:
    """Say whether a request will have a receipt; seeding invented people has none."""
    return admitted.header.purpose in RECEIPTED


def use_of(admitted: Admitted) -> Use:
    """Return what a request does with its record."""
    header = admitted.header
    granted = admitted.request.granted
    return Use(header.request, header.handle, header.owner_key, header.purpose, granted)


def presented_by(presented: Presented, roll: Roll) -> tuple[Use, ...]:
    """Return what enrolments do with the records whose bodies they are of."""
    uses = list[Use]()
    for admitted, computed in presented.values():
        for record in filter(None, map(roll.get, computed.found)):
            owner_key = record.owner_key
            use = Use(admitted.id, record.handle, owner_key, Purpose.ENROL, ())
            uses.append(use)
    return tuple(uses[: limits.SEATED])


def _removed(admitted: Admitted, roll: Roll) -> Planned:
    handle = admitted.header.handle
    record = roll.get(handle)
    if record is None:
        raise OutOfTurn("A record is to be removed that is not there.")
    return Planned(handle, record.slot, record.owner_key, record.forms)


def _added(admitted: Admitted, slots: tuple[Slot, ...]) -> list[Planned]:
    header = admitted.header
    handles = [header.handle]
    if header.purpose is Purpose.SEED:
        indices = range(admitted.bodies)
        handles = [seeded_handle(header.handle, index) for index in indices]
    return [
        Planned(handle, slot, header.owner_key, header.forms)
        for handle, slot in zip(handles, slots, strict=True)
    ]
