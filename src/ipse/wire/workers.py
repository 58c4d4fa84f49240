"""What operators tell each other about the workers that search for them.

    Crew      how many workers an operator has, and those that now wait for their twins
    Worker    one of them: its number, where it listens, its certificate for this once

Both go over the operators' own links, as a round of a computation: that is what a
certificate is believed for. `ipse.operator.spread` says when.
"""

from dataclasses import dataclass
from typing import Final

from ipse.ground.errors import Malformed
from ipse.ground.names import OperatorId
from ipse.wire import limits, tags
from ipse.wire.fields import many, octets, whole
from ipse.wire.kinds import OPERATOR, PEER_ADDRESS
from ipse.wire.record import Shape


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that waits for its twins."""

    number: int  # from 0: which stripe it searches
    address: str  # host:port
    certificate: bytes  # X.509, DER, drawn for this meeting

    def __post_init__(self) -> None:
        """Check the fields."""
        WORKER.check(self)


WORKER: Final = Shape(
    tags.WORKER,
    Worker,
    limits.WORKER,
    {
        "number": whole(0, limits.WORKERS - 1),
        "address": PEER_ADDRESS,
        "certificate": octets(1, limits.CERTIFICATE),
    },
)


@dataclass(frozen=True, slots=True)
class Crew:
    """One operator's workers, as far as they wait for their twins."""

    operator: OperatorId
    size: int  # workers of this operator; 0 searches in the operator's own process
    waiting: tuple[Worker, ...]  # by number

    def __post_init__(self) -> None:
        """Check the fields, and that each worker of the crew is named once."""
        CREW.check(self)
        numbers = [worker.number for worker in self.waiting]
        if numbers != sorted(set(numbers)) or any(n >= self.size for n in numbers):
            raise Malformed("A crew names each of its workers once, by number.")


CREW: Final = Shape(
    tags.CREW,
    Crew,
    limits.CREW,
    {
        "operator": OPERATOR,
        "size": whole(0, limits.WORKERS),
        "waiting": many(WORKER.nested(), 0, limits.WORKERS),
    },
)
