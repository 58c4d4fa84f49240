"""A change of the records: what all three operators make true, or none.

    [change, request, kind, [planned, ...]]
    [planned, handle, slot, owner_key, forms]

An operator keeps it in its ledger from the moment it is prepared until it is decided,
in this spelling. The rows themselves are in the segments by then.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ipse.crypto import digest
from ipse.ground.names import HANDLE_BYTES, Form, Handle, RequestId, Slot
from ipse.wire import limits, tags
from ipse.wire.fields import choice, many, whole
from ipse.wire.kinds import FORMS, HANDLE, REQUEST_ID, SIGNING_KEY
from ipse.wire.record import Shape


class Kind(StrEnum):
    """What happens to the records that a change names."""

    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Planned:
    """One record, as it will be or as it was."""

    handle: Handle
    slot: Slot
    owner_key: bytes  # 32 bytes, Ed25519
    forms: tuple[Form, ...]

    def __post_init__(self) -> None:
        """Check the fields."""
        PLANNED.check(self)


PLANNED: Final = Shape(
    tags.PLANNED,
    Planned,
    512,
    {"handle": HANDLE, "slot": whole(0), "owner_key": SIGNING_KEY, "forms": FORMS},
)


@dataclass(frozen=True, slots=True)
class Change:
    """Records to add, or to remove, for requests that share a job."""

    request: RequestId  # the first of them: the change's name
    kind: Kind
    records: tuple[Planned, ...]

    def __post_init__(self) -> None:
        """Check the fields."""
        CHANGE.check(self)


CHANGE: Final = Shape(
    tags.CHANGE,
    Change,
    16 * 2**20,
    {
        "request": REQUEST_ID,
        "kind": choice(Kind),
        "records": many(PLANNED.nested(), 1, limits.PARTS),
    },
)


def seeded_handle(handle: Handle, index: int) -> Handle:
    """Name the record that grows from one of many references of a seeding request."""
    content = handle + index.to_bytes(4, "big")
    return Handle(digest.digest(tags.SEEDED_HANDLE, content)[:HANDLE_BYTES])
