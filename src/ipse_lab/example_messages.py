"""One example of every message between operators of the example network."""

from typing import Final

from ipse.ground.names import (
    OPERATORS,
    Epoch,
    Instant,
    OperatorId,
    Outcome,
    RequestId,
    Slot,
)
from ipse.wire import peer, tags, workers
from ipse_lab.fakes import CountedEntropy

NOW: Final = Instant(1_700_000_000_000)
_DICE: Final = CountedEntropy("messages")
REQUEST: Final = RequestId(bytes(range(16)))
DIGESTS: Final = tuple(_DICE.draw(32) for _ in range(5))

STANCES: Final = tuple(
    peer.Stance(operator, REQUEST, *DIGESTS[:3]) for operator in OPERATORS
)
SEATED: Final = peer.Seated(STANCES, (Slot(0), Slot(4_711)))

WORKER: Final = workers.Worker(1, "192.0.2.7:40017", b"a certificate, in DER")

MESSAGES: Final[dict[str, object]] = {
    tags.HELLO: peer.Hello(
        "example", DIGESTS[4], Epoch(7), OperatorId(2), _DICE.draw(32 + 1_136)
    ),
    tags.STANCE: STANCES[0],
    tags.GONE: peer.Gone(REQUEST),
    tags.SEATED: SEATED,
    tags.BEGIN: peer.Begin(9, NOW, DIGESTS[3], DIGESTS[4], (SEATED,)),
    tags.VOTE: peer.Vote(REQUEST, is_prepared=True, outcomes=(Outcome.MATCHED,)),
    tags.ACKNOWLEDGED: peer.Acknowledged(REQUEST),
    tags.SETTLED: peer.Settled(OperatorId(3), DIGESTS[1], DIGESTS[4]),
    tags.WORKER: WORKER,
    tags.CREW: workers.Crew(OperatorId(2), 4, (WORKER,)),
}
"""By tag."""
