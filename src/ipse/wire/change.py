"""A change: what all three operators make true, or none.

    [change, request, kind, at, leaf, [planned, ...], [use, ...]]
    [planned, handle, slot, owner_key, forms]
    [use, request, handle, owner_key, operation, [signed grant]]

A change adds or removes records, uses some, or withdraws grants. Each of its uses gives
a receipt. An operator keeps it in its ledger from the moment it is prepared until it is
decided, in this spelling; and the convenor tells it to whoever has missed it. Rows of
new records are in the segments by then. Specification: docs/spec/wire.md, section 7.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ipse.crypto import digest
from ipse.ground.errors import Malformed
from ipse.ground.names import (
    HANDLE_BYTES,
    Form,
    Handle,
    Instant,
    Purpose,
    RequestId,
    Slot,
)
from ipse.wire import limits, tags
from ipse.wire.fields import choice, many, whole
from ipse.wire.grant import SIGNED_GRANT, SignedGrant
from ipse.wire.kinds import FORMS, HANDLE, INSTANT, REQUEST_ID, SIGNING_KEY
from ipse.wire.receipt import NAMING, RECEIPTED
from ipse.wire.record import Shape


class Kind(StrEnum):
    """What a change does."""

    ADD = "add"
    REMOVE = "remove"
    USE = "use"  # begun before anything is opened, and so never undone
    WITHDRAW = "withdraw"
    PRESENT = "present"  # somebody else came to be enrolled with an enrolled body


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
class Use:
    """What one request does with a record: it will have a receipt."""

    request: RequestId
    handle: Handle
    owner_key: bytes  # 32 bytes, Ed25519
    operation: Purpose  # one that gives a receipt
    granted: tuple[SignedGrant, ...]  # one, exactly where the receipt names a grant

    def __post_init__(self) -> None:
        """Check the fields, and that there is a grant exactly where one belongs."""
        USE.check(self)
        if self.operation not in RECEIPTED:
            raise Malformed(f"To {self.operation} is no use of a record.")
        if (self.operation in NAMING) is not bool(self.granted):
            raise Malformed("A use must come with a grant exactly where one is needed.")

    @property
    def grant(self) -> bytes:
        """The digest of its grant; empty where none is needed."""
        return self.granted[0].digest if self.granted else b""


USE: Final = Shape(
    tags.USE,
    Use,
    1_024,
    {
        "request": REQUEST_ID,
        "handle": HANDLE,
        "owner_key": SIGNING_KEY,
        "operation": choice(Purpose),
        "granted": many(SIGNED_GRANT.nested(), 0, 1),
    },
)


@dataclass(frozen=True, slots=True)
class Change:
    """What requests that share a job change together."""

    request: RequestId  # the first of them: the change's name
    kind: Kind
    at: Instant  # when the job began, by the convenor's clock
    leaf: int  # the number of its first leaf: how many were there before
    records: tuple[Planned, ...]  # to add, or to remove
    uses: tuple[Use, ...]  # each gives a receipt, in this order

    def __post_init__(self) -> None:
        """Check the fields, and that the kind has what it is about."""
        CHANGE.check(self)
        is_of_records = self.kind in (Kind.ADD, Kind.REMOVE)
        if is_of_records is not bool(self.records):
            raise Malformed(f"A change that is to {self.kind} has records, or has not.")
        if not is_of_records and not self.uses:
            raise Malformed(f"A change that is to {self.kind} must say what.")


CHANGE: Final = Shape(
    tags.CHANGE,
    Change,
    16 * 2**20,
    {
        "request": REQUEST_ID,
        "kind": choice(Kind),
        "at": INSTANT,
        "leaf": whole(0),
        "records": many(PLANNED.nested(), 0, limits.PARTS),
        "uses": many(USE.nested(), 0, limits.SEATED),
    },
)


def seeded_handle(handle: Handle, index: int) -> Handle:
    """Name the record that grows from one of many references of a seeding request."""
    content = handle + index.to_bytes(4, "big")
    return Handle(digest.digest(tags.SEEDED_HANDLE, content)[:HANDLE_BYTES])
