"""What operators say to each other, outside the rounds of a computation.

In the order of a job, between operator 1, the convenor, and another if it is not
said otherwise::

    Hello          each side of a new link: who, which network, and a sealed secret
    Complained     to both others: these complaints I know of
    Settled        from the convenor: you know of every decision, and this is what is
                   true; back: so it is here
    Stance         to the convenor: a request is here, and what I was sent with it
    Gone           to the convenor: it is gone from here; back: it will not be called
    Begin          from the convenor: these requests are next, and all their stances
    Vote           to the convenor: the change is prepared here, and this is what I saw
    Decision       from the convenor: commit or abort, and what was seen
    Acknowledged   to the convenor: done, you may forget it

Each is one CBOR array that begins with its tag. Links bind them to network, charter,
epoch and pair of operators; each names its request.

The bytes of a round have no form here: `ipse.matching` knows what they are.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from ipse.crypto import hpke
from ipse.crypto.digest import digest
from ipse.ground.errors import Malformed
from ipse.ground.names import (
    OPERATORS,
    Epoch,
    Instant,
    OperatorId,
    Outcome,
    RequestId,
    Slot,
)
from ipse.wire import cbor, limits, tags
from ipse.wire.change import CHANGE, Change
from ipse.wire.complaint import COMPLAINED, Complained
from ipse.wire.fields import choice, flag, many, octets, whole
from ipse.wire.kinds import DIGEST, EPOCH, INSTANT, NETWORK, OPERATOR, REQUEST_ID
from ipse.wire.record import Shape

MOST: Final = 1 << 20
"""Bytes of a message: a Begin for as many slots as a box may have parts."""

SECRET_BYTES: Final = 32
SLOT: Final = whole(0)
OUTCOMES: Final = many(choice(Outcome), 0, limits.SEATED)


class Ruling(StrEnum):
    """What becomes of a prepared change. There is no third thing."""

    COMMIT = "commit"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message on a link, in both directions."""

    network: str
    charter: bytes  # 32 bytes, charter_digest
    epoch: Epoch
    operator: OperatorId  # who speaks
    sealed: bytes  # a fresh 32-byte secret, sealed to whoever listens

    def __post_init__(self) -> None:
        """Check the fields."""
        HELLO.check(self)


HELLO: Final = Shape(
    tags.HELLO,
    Hello,
    4_096,
    {
        "network": NETWORK,
        "charter": DIGEST,
        "epoch": EPOCH,
        "operator": OPERATOR,
        "sealed": octets(SECRET_BYTES + hpke.OVERHEAD_BYTES),
    },
)


@dataclass(frozen=True, slots=True)
class Stance:
    """A request passed every check at one operator's door, and waits in its lobby."""

    operator: OperatorId
    request: RequestId
    asked: bytes  # 32 bytes, request_digest
    tag_prev: bytes  # 32 bytes, under the key shared with the previous seat
    tag_next: bytes  # 32 bytes, under the key shared with the next seat

    def __post_init__(self) -> None:
        """Check the fields."""
        STANCE.check(self)


STANCE: Final = Shape(
    tags.STANCE,
    Stance,
    512,
    {
        "operator": OPERATOR,
        "request": REQUEST_ID,
        "asked": DIGEST,
        "tag_prev": DIGEST,
        "tag_next": DIGEST,
    },
)


@dataclass(frozen=True, slots=True)
class Gone:
    """A request is gone: nobody waits for it, or nobody will call it."""

    request: RequestId

    def __post_init__(self) -> None:
        """Check the fields."""
        GONE.check(self)


GONE: Final = Shape(tags.GONE, Gone, 256, {"request": REQUEST_ID})


@dataclass(frozen=True, slots=True)
class Seated:
    """A request at the table: what all three said of it, where its records would go."""

    stances: tuple[Stance, ...]  # three, by operator, of one request
    slots: tuple[Slot, ...]  # of new records

    def __post_init__(self) -> None:
        """Check the fields, and that each operator speaks once, of one request."""
        SEATED.check(self)
        if tuple(stance.operator for stance in self.stances) != OPERATORS:
            raise Malformed("A table must have one stance of each operator, in order.")
        if len({stance.request for stance in self.stances}) != 1:
            raise Malformed("The stances at a table must be about one request.")

    @property
    def request(self) -> RequestId:
        """Which request it is."""
        return self.stances[0].request


SEATED: Final = Shape(
    tags.SEATED,
    Seated,
    MOST,
    {
        "stances": many(STANCE.nested(), len(OPERATORS), len(OPERATORS)),
        "slots": many(SLOT, 0, limits.PARTS),
    },
)


@dataclass(frozen=True, slots=True)
class Begin:
    """These requests are next, in this order, on these records."""

    job: int  # rises with every job: the streams of randomness depend on it
    at: Instant  # the convenor's clock: the job's time at all three
    roll: bytes  # 32 bytes, digest over all committed records
    trail: bytes  # 32 bytes, digest over all receipts in their order
    seated: tuple[Seated, ...]

    def __post_init__(self) -> None:
        """Check the fields, and that no request and no slot is at the table twice."""
        BEGIN.check(self)
        if len({seated.request for seated in self.seated}) != len(self.seated):
            raise Malformed("A request must be at the table once.")
        slots = [slot for seated in self.seated for slot in seated.slots]
        if len(set(slots)) != len(slots):
            raise Malformed("A slot must be given to one record.")


BEGIN: Final = Shape(
    tags.BEGIN,
    Begin,
    MOST,
    {
        "job": whole(1),
        "at": INSTANT,
        "roll": DIGEST,
        "trail": DIGEST,
        "seated": many(SEATED.nested(), 1, limits.SEATED),
    },
)


def begin_digest(begin: Begin) -> bytes:
    """Return 32 bytes by which operators see that they were called alike."""
    return digest(tags.BEGIN_DIGEST, BEGIN.encode(begin))


@dataclass(frozen=True, slots=True)
class Vote:
    """Whether a change is durably prepared, and what its uses ended in."""

    request: RequestId
    is_prepared: bool
    outcomes: tuple[Outcome, ...]  # use by use; none if it is not prepared

    def __post_init__(self) -> None:
        """Check the fields."""
        VOTE.check(self)


VOTE: Final = Shape(
    tags.VOTE,
    Vote,
    2_048,
    {"request": REQUEST_ID, "is_prepared": flag(), "outcomes": OUTCOMES},
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The convenor's last word on a change."""

    request: RequestId
    ruling: Ruling
    outcomes: tuple[Outcome, ...]  # use by use; none if it is aborted
    change: tuple[Change, ...]  # one, if whoever missed its beginning must make it true

    def __post_init__(self) -> None:
        """Check the fields."""
        DECISION.check(self)


DECISION: Final = Shape(
    tags.DECISION,
    Decision,
    MOST,
    {
        "request": REQUEST_ID,
        "ruling": choice(Ruling),
        "outcomes": OUTCOMES,
        "change": many(CHANGE.nested(), 0, 1),
    },
)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The decision is durable here: the convenor may forget it."""

    request: RequestId

    def __post_init__(self) -> None:
        """Check the fields."""
        ACKNOWLEDGED.check(self)


ACKNOWLEDGED: Final = Shape(
    tags.ACKNOWLEDGED, Acknowledged, 256, {"request": REQUEST_ID}
)


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is in doubt here, and these are the records and receipts."""

    operator: OperatorId
    roll: bytes  # 32 bytes, digest over all committed records
    trail: bytes  # 32 bytes, digest over all receipts in their order

    def __post_init__(self) -> None:
        """Check the fields."""
        SETTLED.check(self)


SETTLED: Final = Shape(
    tags.SETTLED,
    Settled,
    256,
    {"operator": OPERATOR, "roll": DIGEST, "trail": DIGEST},
)

Message: TypeAlias = (
    Hello
    | Complained
    | Settled
    | Stance
    | Gone
    | Begin
    | Vote
    | Decision
    | Acknowledged
)

_SHAPES: Final[dict[type[Message], Shape[Message]]] = {
    shape.record: shape  # type: ignore[misc]  # each shape writes its own record
    for shape in (
        HELLO,
        COMPLAINED,
        STANCE,
        GONE,
        BEGIN,
        VOTE,
        DECISION,
        ACKNOWLEDGED,
        SETTLED,
    )
}
_BY_TAG: Final = {shape.tag: shape for shape in _SHAPES.values()}


def write_message(message: Message) -> bytes:
    """Encode any message."""
    return _SHAPES[type(message)].encode(message)


def read_message(encoded: bytes) -> Message:
    """Read whichever message this is. Raises: Malformed."""
    value = cbor.decode(encoded, MOST)
    match value:
        case (str(tag), *_) if tag in _BY_TAG:
            shape = _BY_TAG[tag]
        case _:
            raise Malformed("This is no message between operators.")
    if len(encoded) > shape.most:
        raise Malformed(f"A message {shape.tag} has at most {shape.most} bytes.")
    return shape.read(shape.tag, value)
