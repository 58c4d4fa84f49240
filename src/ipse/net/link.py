"""One link: a TLS connection to one other operator, in frames, never blocking.

`push` writes what the kernel takes and `pull` reads what is there; both return at
once. Who waits, and for whom, is decided one floor up, in `ipse.net.links`.

Whatever ends a link (a closed connection, a bad record, silence) is Unavailable and
names the operator; a frame that breaks a rule is Malformed. After either the link is
of no more use: drop it and meet again.
"""

import select
from collections import deque
from typing import Final, cast

from OpenSSL import SSL

from ipse.crypto.secret import Secret
from ipse.ground.errors import Malformed, Unavailable
from ipse.ground.names import OperatorId
from ipse.matching.rounds import Message
from ipse.net.carrier import Carrier
from ipse.net.channel import RECORD_BYTES
from ipse.net.frames import HEAD_BYTES, Kind, read_head, write_head

FIRST_BYTES: Final = RECORD_BYTES - HEAD_BYTES
"""Bytes of a body that are joined to its head: a small frame is one record."""

HUNG_UP: Final[int] = getattr(select, "POLLRDHUP", 0)  # Linux tells it apart
ENDED: Final = select.POLLHUP | select.POLLERR | HUNG_UP
"""Poll events that mean that nobody is at the other end any more."""

SPARE: Final = 16
"""Bodies that are kept to be filled again: fresh memory costs more than reading."""


class Frame:
    """A frame that came."""

    __slots__ = ("body", "kind")

    def __init__(self, kind: Kind, body: bytearray) -> None:
        """Take a body that is to be filled."""
        self.kind = kind
        self.body = body


class Link(Secret):
    """A connection to `peer`, with the key that only the two ends know."""

    __slots__ = (
        "_channel",
        "_closed",
        "_filled",
        "_frame",
        "_head",
        "_record",
        "_spare",
        "came",
        "pair_key",
        "peer",
        "received_bytes",
        "sent_bytes",
    )

    def __init__(self, channel: Carrier, peer: OperatorId, pair_key: bytes) -> None:
        """Take over a channel whose handshake is done."""
        self.peer = peer
        self.pair_key = pair_key
        self.came: deque[Frame] = deque()
        self.sent_bytes = 0
        self.received_bytes = 0
        self._channel = channel
        self._record = memoryview(bytearray(RECORD_BYTES))
        self._head = b""
        self._frame: Frame | None = None
        self._filled = 0
        self._closed = False
        self._spare: list[bytearray] = []

    def fileno(self) -> int:
        """Return the socket's number, for poll."""
        return self._channel.fileno()

    @property
    def has_ended(self) -> bool:
        """The other side is gone, whatever it sent before."""
        poll = select.poll()
        poll.register(self.fileno(), ENDED)
        return bool(poll.poll(0))

    @property
    def is_sending(self) -> bool:
        """Something still waits to be written."""
        return self._channel.is_sending

    def send(self, kind: Kind, body: Message) -> None:
        """Seal a frame, whose body may be changed afterwards; `push` writes it."""
        view = memoryview(cast("bytes", body))  # an array is a buffer as well
        view = view.cast("B") if view.nbytes else memoryview(b"")
        head = write_head(kind, len(view))
        try:
            self._channel.write(memoryview(head + view[:FIRST_BYTES]))
            if len(view) > FIRST_BYTES:
                self._channel.write(view[FIRST_BYTES:])
        except SSL.Error:
            raise self._lost() from None
        self.sent_bytes += HEAD_BYTES + len(view)

    def push(self) -> bool:
        """Write what can be written now. Returns: whether anything moved."""
        if not self._channel.is_sending:
            return False
        try:
            return self._channel.push()
        except OSError:
            raise self._lost() from None

    def pull(self, most: int = 1) -> bool:
        """Read on until `most` frames came, or more. Returns: whether any moved."""
        moved = False
        try:
            while len(self.came) < most and self._pull_once():
                moved = True
        except (SSL.Error, OSError):
            raise self._lost() from None
        return moved

    def give_back(self, body: bytearray) -> None:
        """Fill a body again that nobody reads any more."""
        if len(self._spare) < SPARE:
            self._spare.append(body)

    def _pull_once(self) -> bool:
        """Read a record: a part of a large body, or whatever frames it holds."""
        frame = self._frame
        if frame and len(frame.body) - self._filled >= RECORD_BYTES:
            read = self._channel.read_into(memoryview(frame.body)[self._filled :])
            self._fill(frame, read)
        else:
            read = self._channel.read_into(self._record)
            self._cut(self._record[:read])
        return bool(read)

    def _cut(self, plain: memoryview) -> None:
        """Cut a record into frames, of which the first and the last may be parts."""
        while plain:
            frame = self._frame
            if frame is None:
                missing = HEAD_BYTES - len(self._head)
                self._head += plain[:missing]
                plain = plain[missing:]
                if len(self._head) < HEAD_BYTES:
                    break
                frame = self._begun()
            part = plain[: len(frame.body) - self._filled]
            frame.body[self._filled : self._filled + len(part)] = part
            plain = plain[len(part) :]
            self._fill(frame, len(part))

    def _begun(self) -> Frame:
        """Begin the frame whose head is there."""
        try:
            kind, length = read_head(self._head)
        except Malformed as fault:
            raise Malformed(f"From operator {self.peer}: {fault}") from None
        self._head = b""
        self._frame, self._filled = Frame(kind, self._room(length)), 0
        return self._frame

    def _fill(self, frame: Frame, count: int) -> None:
        """Count what was read of a frame; the last of it makes it come."""
        self._filled += count
        if self._filled == len(frame.body):
            self.came.append(frame)
            self.received_bytes += HEAD_BYTES + len(frame.body)
            self._frame = None

    def _room(self, length: int) -> bytearray:
        for index, body in enumerate(self._spare):
            if len(body) == length:
                return self._spare.pop(index)
        if len(self._spare) == SPARE:
            self._spare.pop(0)  # of a length that is asked for no more
        return bytearray(length)

    def close(self) -> None:
        """Hang up. The other side sees the end of the connection."""
        if not self._closed:
            self._closed = True
            self._channel.close()

    def _lost(self) -> Unavailable:
        return Unavailable(
            f"Operator {self.peer} is missing: its link ended. Nothing was lost; "
            "try again when it is back."
        )
