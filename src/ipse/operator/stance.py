"""The stance: what one operator says to a request from its own records alone.

    (1) the request is in this operator's lobby
    (2) ENROL, SEED   the handle is not in use; the convenor's slots are free
    (3) the others    the record exists, and the request's key is its key
    (4) VERIFY        the record holds every form that is asked

Beside the position goes a tag of each component that the operator was sent, under the
key that it shares with the component's other holder. So the three see whether a
wallet told two operators different things, and a component that is the sum of
something known and the template gives nobody a digest to guess against.
"""

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from ipse.crypto.digest import tagged
from ipse.ground.names import OperatorId, Purpose, Slot
from ipse.net.links import Links
from ipse.operator.admission import Admitted
from ipse.operator.change import seeded_handle
from ipse.operator.roll import Roll
from ipse.wire import tags
from ipse.wire.parts import WireComponent
from ipse.wire.peer import Begin, Position, Stance

NOTHING: Final = bytes(32)
NO_DETAIL: Final = "-"

GONE: Final = (
    "the request did not get here, or waited too long; nothing was lost, try again."
)
TAKEN: Final = "the slot for the new record is taken; nothing was lost, try again."
SEEDED: Final = "records of this handle are seeded already: draw a new handle."
LACKING: Final = (
    "the record does not hold every form that was asked: verify with what was enrolled."
)


def take_stance(
    operator: OperatorId,
    begin: Begin,
    admitted: Admitted | None,
    roll: Roll,
    links: Links,
) -> Stance:
    """Say what this operator's own records say."""
    # (1) it is here
    if admitted is None:
        return Stance(
            operator,
            begin.request,
            NOTHING,
            Position.UNABLE,
            GONE,
            roll.digest(),
            NOTHING,
            NOTHING,
        )
    position, detail = _position(admitted, begin.slots, roll)
    context = begin.request + begin.job.to_bytes(8, "big")
    return Stance(
        operator,
        begin.request,
        admitted.request.digest,
        position,
        detail,
        roll.digest(),
        component_tag(
            links.prev.pair_key, context, (part.first for part in admitted.sent)
        ),
        component_tag(
            links.next.pair_key, context, (part.second for part in admitted.sent)
        ),
    )


def _position(  # noqa: C901, PLR0911 (numbered steps read best in one place)
    admitted: Admitted, slots: tuple[Slot, ...], roll: Roll
) -> tuple[Position, str]:
    header = admitted.header
    record = roll.get(header.handle)
    match header.purpose:
        # (2) a new record needs a handle and a place
        case Purpose.ENROL | Purpose.SEED:
            wanted = [header.handle]
            if header.purpose is Purpose.SEED:
                indices = range(admitted.bodies)
                wanted = [seeded_handle(header.handle, index) for index in indices]
            if roll.knows_any(wanted):
                if header.purpose is Purpose.SEED:
                    return Position.REFUSED, SEEDED
                return Position.KNOWN, NO_DETAIL
            if len(set(slots)) != admitted.bodies or not all(map(roll.is_free, slots)):
                return Position.UNABLE, TAKEN
            return Position.READY, NO_DETAIL
        case Purpose.BITS:
            return Position.READY, NO_DETAIL
        case Purpose.VERIFY | Purpose.ERASE | Purpose.STATUS:
            pass
    # (3) an existing one, the key
    if record is None or record.owner_key != header.owner_key:
        return Position.UNKNOWN, NO_DETAIL
    if header.purpose is Purpose.STATUS:
        return Position.KNOWN, NO_DETAIL
    # (4) what is compared must be there
    if not set(header.forms) <= set(record.forms):
        return Position.REFUSED, LACKING
    return Position.READY, NO_DETAIL


def component_tag(
    key: bytes, context: bytes, components: Iterable[WireComponent]
) -> bytes:
    """Return the 32 bytes by which two holders of components compare them.

    `key` is the pair's; `context` names the request and the job.
    """
    state = hmac.new(key, tagged(tags.COMPONENT_TAG, context), sha256)
    for component in components:
        state.update(bytes([component.kind]) + len(component.data).to_bytes(8, "big"))
        state.update(component.data)
    return state.digest()
