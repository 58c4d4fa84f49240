"""A channel: one TLS connection, sealed in memory and carried in large pieces.

    what is written  --TLS-->  records in memory  --few writes-->  socket
    what is read     <--TLS--  records in memory  <--few reads---  socket

TLS cuts everything into records of 16 KB. Where it writes each to the socket by itself,
and reads each in two steps, the kernel is called twenty times for a message that takes
two calls here; on loopback that is a fifth of what a link costs (docs/adr/0006).

Nothing blocks. Who waits, and for whom, is decided above, in `ipse.net.links`.
"""

import socket
from collections import deque
from contextlib import suppress
from typing import Final

from OpenSSL import SSL

from ipse.crypto.secret import Secret

RECORD_BYTES: Final = 16_384
"""A TLS record's content. Source: RFC 8446, section 5.1."""

PIECE_BYTES: Final = 1 << 18
"""Bytes that are sealed, written and read at once: they stay in a core's cache."""

MOST_PIECES: Final = 8
"""Pieces that are handed to the socket in one call."""

PARTIAL_WRITE: Final = 1
"""SSL_MODE_ENABLE_PARTIAL_WRITE, which would end each write after one record."""


class Ended(ConnectionError):
    """The other side is gone."""


class Channel(Secret):
    """A connection whose ends know each other once hands are shaken."""

    __slots__ = (
        "_is_drained",
        "_scratch",
        "_sealed",
        "_sock",
        "_tls",
    )

    def __init__(
        self, context: SSL.Context, sock: socket.socket, *, dialled: bool
    ) -> None:
        """Take over a TCP connection that doesn't block."""
        context.clear_mode(PARTIAL_WRITE)
        self._sock = sock
        self._tls = SSL.Connection(context, None)
        if dialled:
            self._tls.set_connect_state()
        else:
            self._tls.set_accept_state()
        self._sealed: deque[memoryview] = deque()
        self._scratch = memoryview(bytearray(PIECE_BYTES))
        self._is_drained = True  # TLS has nothing that it was not asked for

    @property
    def tls(self) -> SSL.Connection:
        """What was agreed: group, certificate, exporter."""
        return self._tls

    @property
    def is_sending(self) -> bool:
        """Something still waits for the socket to take it."""
        return bool(self._sealed)

    def fileno(self) -> int:
        """Return the socket's number, for poll."""
        return self._sock.fileno()

    def shake_hands(self) -> bool:
        """Go on with the handshake. Returns: whether it is done.

        Raises:
            Ended, OSError: the other side went away.
            SSL.Error: it is not what it should be.
        """
        while True:
            try:
                self._tls.do_handshake()
            except SSL.WantReadError:
                self._seal()
                if not any([self.push(), self._fetch()]):
                    return False
            except SSL.Error:
                self._seal()  # the other side is told why
                with suppress(OSError):
                    self.push()
                raise
            else:
                self._seal()
                self.push()
                return True

    def write(self, content: memoryview) -> None:
        """Seal bytes, which may be changed afterwards; `push` sends them."""
        for start in range(0, len(content), PIECE_BYTES):
            self._tls.send(content[start : start + PIECE_BYTES])
            self._seal()

    def push(self) -> bool:
        """Give the socket what it takes now. Returns: whether anything moved.

        Raises: OSError: the other side went away.
        """
        moved = False
        while self._sealed:
            try:
                taken = self._sock.sendmsg(list(self._sealed)[:MOST_PIECES])
            except BlockingIOError:
                break
            moved = True
            while self._sealed and taken >= len(self._sealed[0]):
                taken -= len(self._sealed.popleft())
            if taken:
                self._sealed[0] = self._sealed[0][taken:]
        return moved

    def read_into(self, place: memoryview) -> int:
        """Read the next record, if it is there. Returns: its bytes; 0 for none yet.

        Shapes: place has room for RECORD_BYTES or more.
        Raises: Ended, OSError, SSL.Error: the other side went away, or sent nonsense.
        """
        while not self._is_drained or self._fetch():
            try:
                return self._tls.recv_into(place, RECORD_BYTES)
            except SSL.WantReadError:
                self._is_drained = True
        return 0

    def close(self) -> None:
        """Hang up. The other side sees the end of the connection."""
        with suppress(SSL.Error, OSError):  # it may be gone already
            self._tls.shutdown()
            self._seal()
            self.push()
        self._sock.close()

    def _seal(self) -> None:
        """Take up what TLS has to send."""
        try:
            self._sealed.append(memoryview(self._tls.bio_read(2 * PIECE_BYTES)))
        except SSL.WantReadError:
            return  # nothing

    def _fetch(self) -> bool:
        """Hand TLS what the socket has. Returns: whether it had something."""
        try:
            count = self._sock.recv_into(self._scratch)
        except BlockingIOError:
            return False
        if not count:
            raise Ended
        self._tls.bio_write(self._scratch[:count])
        self._is_drained = False
        return True
