"""The words that two rooms must not understand differently, as types."""

from enum import StrEnum
from typing import NewType

OperatorId = NewType("OperatorId", int)
"""An operator's number in its operator set, from 1: share 0 is the secret itself."""

Seat = NewType("Seat", int)
"""An operator's place in the arithmetic: its number less one, 0 to 2, read mod 3."""

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z, handed in by the Clock port."""

Epoch = NewType("Epoch", int)
"""Number of the time between two share refreshes, from 0."""

Slot = NewType("Slot", int)
"""A row's number in the segments, from 0; the same at all three operators."""

Handle = NewType("Handle", bytes)
"""16 random bytes that name a record. They say nothing about its body."""

RequestId = NewType("RequestId", bytes)
"""16 random bytes, drawn by the wallet, used once."""

GrantId = NewType("GrantId", bytes)
"""16 random bytes, drawn by the wallet: no two of its grants are alike."""

HANDLE_BYTES = 16
GRANT_ID_BYTES = 16
REQUEST_ID_BYTES = 16
OPERATORS = (OperatorId(1), OperatorId(2), OperatorId(3))


class Form(StrEnum):
    """What a template is made of, and so which arithmetic compares it."""

    FACE = "face"
    VOICE = "voice"
    CODE = "code"  # a binary code and its mask, such as an iris code


class Purpose(StrEnum):
    """What a wallet asks of the network."""

    ENROL = "enrol"
    VERIFY = "verify"
    ERASE = "erase"
    STATUS = "status"
    WITHDRAW = "withdraw"  # a grant, from now on
    LEDGER = "ledger"  # the receipts of a record
    SEED = "seed"  # laboratory networks only: many references in one request
    BITS = "bits"  # laboratory networks only: one match bit for every record


class Outcome(StrEnum):
    """What the operators answer. Each is all that they learned."""

    ENROLLED = "enrolled"
    ALREADY_ENROLLED = "already-enrolled"
    MATCHED = "matched"
    NOT_MATCHED = "not-matched"
    MALFORMED = "malformed"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"
    INTERRUPTED = "interrupted"  # a use that was begun, and not answered
    PRESENTED = "presented"  # somebody else came to be enrolled with this body
    LISTED = "listed"
    ACTIVE = "active"
    UNKNOWN = "unknown"
    SEEDED = "seeded"
    BITS = "bits"


class Falsehood(StrEnum):
    """What was false, where a seat lied in a computation."""

    MESSAGE = "message"  # one that can be proved, and was not
    PROOF = "proof"  # another seat says that it saw one fail
    COMPONENT = "component"  # both others hold it, and told it differently
    ROW = "row"  # of a record: it is not the stored one
