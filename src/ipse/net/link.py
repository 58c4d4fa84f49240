"""One link: a TLS connection to one other operator, in frames, never blocking.

`push` writes what the kernel takes and `pull` reads what is there; both return at
once. Who waits, and for whom, is decided one floor up, in `ipse.net.links`.

Whatever ends a link (a closed connection, a bad record, silence) is Unavailable and
names the operator; a frame that breaks a rule is Malformed. After either the link is
of no more use: drop it and meet again.
"""

import select
from collections import deque
from contextlib import suppress
from typing import Final, cast

from OpenSSL import SSL

from ipse.crypto.secret import Secret
from ipse.ground.errors import Malformed, Unavailable
from ipse.ground.names import OperatorId
from ipse.matching.rounds import Message
from ipse.net.frames import HEAD_BYTES, Kind, read_head, write_head

RECORD_BYTES: Final = 16_384
"""A TLS record's content: what one write takes. Source: RFC 8446, section 5.1."""

HUNG_UP: Final[int] = getattr(select, "POLLRDHUP", 0)  # Linux tells it apart
ENDED: Final = select.POLLHUP | select.POLLERR | HUNG_UP
"""Poll events that mean that nobody is at the other end any more."""

READ_BYTES: Final = 1 << 18
"""Bytes asked for in one read; the library never returns more than a record."""


class Frame:
    """A frame that came."""

    __slots__ = ("body", "kind")

    def __init__(self, kind: Kind, length: int) -> None:
        """Make room for a body."""
        self.kind = kind
        self.body = bytearray(length)


class Link(Secret):
    """A connection to `peer`, with the key that only the two ends know."""

    __slots__ = (
        "_closed",
        "_connection",
        "_filled",
        "_frame",
        "_head",
        "_sending",
        "came",
        "pair_key",
        "peer",
        "received_bytes",
        "sent_bytes",
    )

    def __init__(
        self, connection: SSL.Connection, peer: OperatorId, pair_key: bytes
    ) -> None:
        """Take over a connection whose handshake is done."""
        self.peer = peer
        self.pair_key = pair_key
        self.came: deque[Frame] = deque()
        self.sent_bytes = 0
        self.received_bytes = 0
        self._connection = connection
        self._sending: deque[memoryview] = deque()
        self._head = b""
        self._frame: Frame | None = None
        self._filled = 0
        self._closed = False

    def fileno(self) -> int:
        """Return the socket's number, for poll."""
        return int(self._connection.fileno())

    @property
    def has_ended(self) -> bool:
        """The other side is gone, whatever it sent before."""
        poll = select.poll()
        poll.register(self.fileno(), ENDED)
        return bool(poll.poll(0))

    @property
    def is_sending(self) -> bool:
        """Something still waits to be written."""
        return bool(self._sending)

    def send(self, kind: Kind, body: Message) -> None:
        """Queue a frame; nothing is written before `push`."""
        view = memoryview(cast("bytes", body))  # an array is a buffer as well
        view = view.cast("B") if view.nbytes else memoryview(b"")
        room = RECORD_BYTES - HEAD_BYTES
        # the head and the body's start share a record: a small frame is one write
        self._sending.append(memoryview(write_head(kind, len(view)) + view[:room]))
        for start in range(room, len(view), RECORD_BYTES):
            self._sending.append(view[start : start + RECORD_BYTES])
        self.sent_bytes += HEAD_BYTES + len(view)

    def push(self) -> bool:
        """Write what can be written now. Returns: whether anything moved."""
        moved = False
        while self._sending:
            chunk = self._sending[0]
            try:
                written = self._connection.send(chunk)
            except (SSL.WantWriteError, SSL.WantReadError):
                break
            except SSL.Error:
                raise self._lost() from None
            moved = True
            if written < len(chunk):
                self._sending[0] = chunk[written:]
            else:
                self._sending.popleft()
        return moved

    def pull(self, most: int = 1) -> bool:
        """Read what is there, until `most` frames came. Returns: whether any moved."""
        moved = False
        while len(self.came) < most:
            try:
                self._pull_once()
            except (SSL.WantReadError, SSL.WantWriteError):
                break
            except SSL.Error:
                raise self._lost() from None
            moved = True
        return moved

    def _pull_once(self) -> None:
        if self._frame is None:
            self._head += self._connection.recv(HEAD_BYTES - len(self._head))
            if len(self._head) < HEAD_BYTES:
                return
            try:
                kind, length = read_head(self._head)
            except Malformed as fault:
                raise Malformed(f"From operator {self.peer}: {fault}") from None
            self._head = b""
            self._frame, self._filled = Frame(kind, length), 0
        frame = self._frame
        missing = len(frame.body) - self._filled
        if missing:
            view = memoryview(frame.body)[self._filled :]
            read = self._connection.recv_into(view, min(missing, READ_BYTES))
            self._filled += read
            missing -= read
        if not missing:
            self.came.append(frame)
            self.received_bytes += HEAD_BYTES + len(frame.body)
            self._frame = None

    def close(self) -> None:
        """Hang up. The other side sees the end of the connection."""
        if self._closed:
            return
        self._closed = True
        with suppress(SSL.Error):  # it may be gone already; that is what we want
            self._connection.shutdown()
        self._connection.close()

    def _lost(self) -> Unavailable:
        return Unavailable(
            f"Operator {self.peer} is missing: its link ended. Nothing was lost; "
            "try again when it is back."
        )
