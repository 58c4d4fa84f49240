"""Wires: connections between two operators that carry bytes through virtual time.

    one end  --write, push-->  on its way for `latency_s`  -->  the other end reads

Bytes come in order and once, as TCP and TLS promise. What may happen to them is what
may happen to those: they come late, and the connection ends, in the middle of a frame
or before a byte of it. Frames, links and rounds above are the real ones (`ipse.net`).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from ipse.crypto.digest import digest
from ipse.ground.names import OperatorId
from ipse.net.channel import RECORD_BYTES, Ended
from ipse.net.link import Link
from ipse.net.watch import Woken
from ipse_lab.network.stage import Killed, Stage

Speech = Callable[[bytes], bytes]
"""What becomes of bytes that an operator sends: a lie, or the same."""


class Sleeper:
    """A watch (`ipse.net.watch`) whose seconds are the stage's."""

    def __init__(self, stage: Stage) -> None:
        """Watch over what is stirred."""
        self.patience_s = 0.0  # to look again brings nothing while nobody else acts
        self._stage = stage
        self._is_rung = False
        self._wake: Callable[[], None] = lambda: None
        self.ends: dict[OperatorId, End] = {}
        self.links: dict[OperatorId, Link] = {}

    def now(self) -> float:
        """See Watch."""
        return self._stage.now_s

    def sleep(self, deadline: float, hearing: Collection[Link]) -> Woken:
        """See Watch."""
        actor = self._stage.acting
        if actor is None:
            raise Killed
        if not self._can_move(hearing):
            self._wake = actor.wake
            actor.sleep(deadline)
            self._wake = lambda: None
        is_rung, self._is_rung = self._is_rung, False
        ended = (link for peer, link in self.links.items() if self.ends[peer].is_ended)
        return Woken(is_rung, tuple(ended))

    def ring(self) -> None:
        """See Watch."""
        self._is_rung = True
        self._wake()

    def stir(self) -> None:
        """Look up: something came, or ended."""
        self._wake()

    def close(self) -> None:
        """See Watch."""

    def _can_move(self, hearing: Collection[Link]) -> bool:
        return (
            self._is_rung
            or any(end.is_ended for end in self.ends.values())
            or any(self.ends[link.peer].has_bytes for link in hearing)
        )


@dataclass(slots=True)
class Way:
    """One direction of a wire, as it is now."""

    latency_s: float
    stalled_until_s: float = 0.0


class End:
    """One end of a wire: what a link needs below it (`ipse.net.carrier`)."""

    def __init__(self, stage: Stage, way: Way, stir: Callable[[], None]) -> None:
        """Be one end; `way` leads from here to the other one."""
        self.speech: Speech = lambda content: content
        self.stir = stir
        self.is_ended = False  # the end of what came was seen, or is next
        self._stage = stage
        self._way = way
        self._other: End = self
        self._outbox = bytearray()
        self._inbox = bytearray()
        self._arrives_s = 0.0  # when the last of what was pushed is there
        self._is_closed = False

    def join(self, other: "End") -> None:
        """Be the two ends of one wire."""
        self._other, other._other = other, self  # noqa: SLF001 (both are ends of this wire)

    @property
    def has_bytes(self) -> bool:
        """Something came and was not read yet."""
        return bool(self._inbox)

    # --- for the link -----------------------------------------------------------------

    @property
    def is_sending(self) -> bool:
        """See Carrier."""
        return bool(self._outbox)

    def fileno(self) -> int:
        """Have none: nobody polls a wire."""
        return -1

    def write(self, content: memoryview) -> None:
        """See Carrier."""
        self._outbox += self.speech(bytes(content))

    def push(self) -> bool:
        """See Carrier."""
        if self.is_ended and not self._inbox:
            raise Ended
        if not self._outbox:
            return False
        sent = bytes(self._outbox)
        self._outbox.clear()
        self._send(lambda: self._other.arrive(sent))
        return True

    def read_into(self, place: memoryview) -> int:
        """See Carrier."""
        if self._inbox:
            count = min(len(place), len(self._inbox), RECORD_BYTES)
            place[:count] = self._inbox[:count]
            del self._inbox[:count]
            return count
        if self.is_ended:
            raise Ended
        return 0

    def close(self) -> None:
        """See Carrier."""
        if not self._is_closed:
            self._is_closed = True
            if self._outbox and not self.is_ended:
                self.push()
            self._send(self._other.end)

    # --- for whoever plays the network ------------------------------------------------

    def arrive(self, content: bytes) -> None:
        """Take what came, unless the wire was cut meanwhile."""
        if not self.is_ended:
            self._inbox += content
            self.stir()

    def end(self) -> None:
        """See the end of the connection, after all that came before."""
        self.is_ended = True
        self.stir()

    def cut(self, *, is_torn: bool) -> None:
        """End both ways now; what is under way is lost, and a frame may be torn."""
        for one in (self, self._other):
            if is_torn:
                one.tear()
            one.end()

    def tear(self) -> None:
        """Lose the last of what came and was not read yet."""
        del self._inbox[len(self._inbox) // 2 :]

    def fall_silent(self) -> None:
        """Die with the process that held it: what the kernel has still leaves."""
        self._outbox.clear()
        self._is_closed = True
        self.is_ended = True
        self._send(self._other.end)

    def _send(self, event: Callable[[], None]) -> None:
        leaves_s = max(self._stage.now_s, self._way.stalled_until_s)
        self._arrives_s = max(self._arrives_s, leaves_s + self._way.latency_s)
        self._stage.at(self._arrives_s, event)


def wire(
    stage: Stage,
    ways: tuple[Way, Way],
    names: tuple[OperatorId, OperatorId],
    number: int,
) -> tuple[tuple[End, Link], tuple[End, Link]]:
    """Connect two operators, with a key that no other connection has."""
    left, right = (End(stage, way, lambda: None) for way in ways)
    left.join(right)
    one, other = names
    key = digest("ipse/simulated-pair-key/1", number.to_bytes(8, "big"))
    return (left, Link(left, other, key)), (right, Link(right, one, key))
