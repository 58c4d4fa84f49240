"""Both links of an operator: to the next seat, and to the one before.

`exchange` sends to both neighbours and receives from both at once, whatever the
sizes: each turn writes what fits and reads what came, and only when nothing moved it
waits, so that a ring of large messages can't block. Computations that overlap `post`
their rounds in one order and `collect` them in the same. `send` and `receive` are for
the messages outside computations. What a neighbour said before it knew that a
computation began comes before its first round: it is kept for the next `receive`.

One thread uses a pair of links. Another may call `wake` to make `receive` return.
"""

import os
from collections import deque
from typing import Final

from ipse.ground.errors import Malformed, Misbehaved, Unavailable
from ipse.ground.names import OperatorId
from ipse.matching.rounds import Came, Received, Round
from ipse.net.frames import Kind
from ipse.net.link import Frame, Link
from ipse.net.watch import Watch
from ipse.wire.peer import Message, read_message, write_message

MOST_KEPT: Final = 4_096
"""Messages of one neighbour that are kept during a computation: many times what a full
lobby has to say."""

AHEAD: Final = 8
"""Frames of one neighbour that are read before they are asked for: at least as many as
computations that overlap (`ipse.net.drive`)."""


class Links:
    """The links to both neighbours, and a way to be woken."""

    def __init__(self, following: Link, previous: Link, watch: Watch) -> None:
        """Take over two links, to the next seat and to the previous one."""
        self.next = following
        self.prev = previous
        self.last_job = 0
        self._watch = watch
        self._kept: dict[OperatorId, deque[Frame]] = {
            link.peer: deque() for link in (following, previous)
        }

    def after(self, seconds: float) -> float:
        """Return the moment so many seconds from now, as a deadline."""
        return self._watch.now() + seconds

    def to(self, operator: OperatorId) -> Link:
        """Return the link to an operator."""
        return self.next if self.next.peer == operator else self.prev

    def exchange(self, round_: Round, deadline: float) -> Received:
        """Send and receive one round.

        Args:
            round_: what to send, and how many bytes to expect.
            deadline: from `after`.

        Raises:
            Unavailable: an operator is missing, or silent until the deadline.
            Misbehaved: what came is not what belongs here.
        """
        self.post(round_)
        received = self.collect(round_, deadline)
        self.flush(deadline)
        return received

    def post(self, round_: Round) -> None:
        """Send a round's messages, as far as the kernel takes them now.

        They are sealed when this returns, and may be changed; what is left leaves with
        the next call of any kind. Raises: Unavailable: an operator is missing.
        """
        for link, message in (
            (self.next, round_.to_next),
            (self.prev, round_.to_prev),
        ):
            if message is not None:
                link.send(Kind.ROUND, message)
                link.push()

    def collect(self, round_: Round, deadline: float) -> Received:
        """Wait for what a round expects, of rounds that were posted in this order.

        Raises: as `exchange`.
        """
        idle_s = self.after(self._watch.patience_s)
        while awaited := self._missing(round_):
            moved = self.next.push() | self.prev.push()
            for link in awaited:
                moved |= link.pull()
            if moved:
                idle_s = self.after(self._watch.patience_s)
            elif self._watch.now() < idle_s:
                os.sched_yield()
            # whoever is ahead is read as well, or it could not send on
            elif not (self.next.pull(AHEAD) or self.prev.pull(AHEAD)):
                hearing = [
                    link for link in (self.next, self.prev) if len(link.came) < AHEAD
                ]
                self._wait(deadline, [link.peer for link in awaited], hearing)
        return Received(
            _take(self.next, round_.from_next), _take(self.prev, round_.from_prev)
        )

    def give_back(self, received: Received) -> None:
        """Use the memory of what was received again: nobody reads it any more."""
        for link, came in (
            (self.next, received.from_next),
            (self.prev, received.from_prev),
        ):
            if isinstance(came, bytearray):
                link.give_back(came)

    def _missing(self, round_: Round) -> list[Link]:
        """Return the links that a round still waits for."""
        missing = []
        if round_.from_next and not self._has_round(self.next):
            missing.append(self.next)
        if round_.from_prev and not self._has_round(self.prev):
            missing.append(self.prev)
        return missing

    def _has_round(self, link: Link) -> bool:
        """Say whether a round came; what was said before it is put aside."""
        kept = self._kept[link.peer]
        while link.came and link.came[0].kind is Kind.MESSAGE:
            if len(kept) >= MOST_KEPT:
                raise Misbehaved(f"Operator {link.peer} talks instead of computing.")
            kept.append(link.came.popleft())
        return bool(link.came)

    def send(self, operator: OperatorId, message: Message) -> None:
        """Queue a message; it leaves with the next `receive`, `flush` or `exchange`."""
        self.to(operator).send(Kind.MESSAGE, write_message(message))

    def flush(self, deadline: float) -> None:
        """Write all that is queued."""
        while waiting := [
            link.peer for link in (self.next, self.prev) if link.is_sending
        ]:
            if not any([self.next.push(), self.prev.push()]):
                self._wait(deadline, waiting, [])

    def receive(
        self,
        deadline: float,
        *,
        of: OperatorId | None = None,
        until_woken: bool = False,
    ) -> tuple[OperatorId, Message] | None:
        """Return the next message of either neighbour, or only `of` one.

        Returns: None at the deadline, or when woken if `until_woken`.

        Raises:
            Unavailable: an operator is missing.
            Malformed: what came is no message.
        """
        awaited = [link for link in (self.next, self.prev) if of in (None, link.peer)]
        for link in awaited:
            if self._kept[link.peer]:
                return link.peer, _read(link, self._kept[link.peer].popleft())
        while True:
            moved = any([self.next.push(), self.prev.push()])
            for link in awaited:
                moved |= link.pull()
                if link.came:
                    return link.peer, _read(link, link.came.popleft())
            if moved:
                continue
            if self._watch.now() >= deadline:
                return None
            if self._sleep(deadline, awaited) and until_woken:
                return None

    def wake(self) -> None:
        """Make `receive` return. May be called from any thread."""
        self._watch.ring()

    def close(self) -> None:
        """Hang up on both neighbours."""
        self.next.close()
        self.prev.close()
        self._watch.close()

    def _wait(
        self, deadline: float, waiting: list[OperatorId], awaited: list[Link]
    ) -> None:
        if self._watch.now() >= deadline:
            names = " and ".join(f"operator {peer}" for peer in sorted(set(waiting)))
            raise Unavailable(
                f"Waited too long for {names}. Nothing was lost; try again later."
            )
        self._sleep(deadline, awaited)

    def _sleep(self, deadline: float, awaited: list[Link]) -> bool:
        """Sleep until something can move. Returns: whether the bell rang."""
        woken = self._watch.sleep(deadline, awaited)
        for link in woken.ended:
            link.pull(most=len(link.came) + 1)  # finds the end, and says whose
        return woken.is_rung


def _take(link: Link, expected: int) -> Came:
    if not expected:
        return b""
    frame = link.came.popleft()
    if frame.kind is not Kind.ROUND or len(frame.body) != expected:
        raise Misbehaved(
            f"Operator {link.peer} sent {len(frame.body)} bytes where a round of "
            f"{expected} belongs: the request was dropped, nothing was lost."
        )
    return frame.body


def _read(link: Link, frame: Frame) -> Message:
    if frame.kind is not Kind.MESSAGE:
        raise Misbehaved(f"Operator {link.peer} sent a round where a message belongs.")
    try:
        return read_message(bytes(frame.body))
    except Malformed as fault:
        raise Malformed(f"From operator {link.peer}: {fault}") from None
