"""The caller: asks one operator's door over HTTPS, on a connection that it keeps.

    ask --no connection yet, or it ended--> connect --> send, read
        --it is open------------------------------------^

Meeting anew takes two round trips more, TCP's and TLS's. What is sent is sent once: a
connection that the other side closed is noticed before anything is sent, and one that
breaks halfway is the asker's to judge.

The only trust root is the operator's certificate in the charter: no authority of the
web can stand in for it, and no operator for another.
"""

import base64
import select
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Final

from ipse.ground.errors import Malformed
from ipse.net.doorway import split_address

CONNECT_S: Final = 5.0
"""Seconds for a connection."""

KEPT_S: Final = 20.0
"""Seconds that an idle connection is used again. Less than a door keeps it
(`ipse.net.http`), so that nobody sends into one that is just being closed."""

FAULTS: Final = (OSError, HTTPException)
"""What asking may raise: no connection, another certificate, silence, or no HTTP."""


class Unreached(ConnectionError):
    """Nobody was met at the address, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class Came:
    """An answer, whatever it is worth."""

    status: int  # HTTP's
    kind: str  # media type, without parameters
    content: bytes


class Caller:
    """Asks one operator. One thread at a time may `ask`; any may `hang_up`."""

    def __init__(self, address: str, certificate: bytes) -> None:
        """Be ready to call; nobody is called before `ask`.

        Args:
            address: `https://host:port`.
            certificate: the operator's, DER.
        """
        host, port = split_address(address.removeprefix("https://"))
        self._connection = HTTPSConnection(host, port, context=pinned(certificate))
        self._used_s = 0.0
        self._is_over = False

    def ask(
        self,
        path: str,
        content: bytes,
        headers: dict[str, str],
        most: int,
        wait_s: float,
    ) -> Came:
        """Send one request, and return what came.

        Args:
            path: what is asked for.
            content: what is sent.
            headers: of HTTP, with the media types.
            most: bytes that an answer may have.
            wait_s: how long each step may take.

        Raises:
            Malformed: the answer has more than `most` bytes.
            Unreached: nothing was sent.
            ssl.SSLCertVerificationError: nor was it, to whoever is there.
            OSError, HTTPException: it broke off, or was too slow (TimeoutError).
        """
        return self._exchange("POST", path, content, headers, most, wait_s)

    def fetch(self, path: str, most: int, wait_s: float) -> Came:
        """Get what is at a path. As `ask`, with nothing to send."""
        return self._exchange("GET", path, None, {}, most, wait_s)

    def _exchange(
        self,
        verb: str,
        path: str,
        content: bytes | None,
        headers: dict[str, str],
        most: int,
        wait_s: float,
    ) -> Came:
        try:
            self._connect(wait_s)
            self._connection.request(verb, path, content, headers)
            with self._connection.getresponse() as answer:
                came = _received(answer, most)
        except BaseException:  # whatever it was: nothing is left open, and it goes on
            self._connection.close()
            raise
        self._used_s = time.monotonic()
        return came

    def hang_up(self) -> None:
        """End the call, for good: whoever waits for an answer gets an error."""
        self._is_over = True
        sock = self._connection.sock
        if sock is not None:
            with suppress(OSError):  # it ended by itself
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, when nobody asks."""
        self._connection.close()

    def _connect(self, wait_s: float) -> None:
        """Use the connection if it is still there, or make one."""
        connection = self._connection
        if connection.sock is not None and self._has_ended(connection.sock):
            connection.close()
        if connection.sock is None:
            connection.timeout = min(CONNECT_S, wait_s)
            try:
                connection.connect()
            except ssl.SSLCertVerificationError:
                raise
            except OSError as fault:
                raise Unreached(str(fault)) from fault
        if self._is_over:
            raise ConnectionAbortedError("We hung up.")
        connection.sock.settimeout(wait_s)

    def _has_ended(self, sock: socket.socket) -> bool:
        """Say whether an idle connection is too old, or says something: its end."""
        if time.monotonic() - self._used_s > KEPT_S:
            return True
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))


def _received(answer: HTTPResponse, most: int) -> Came:
    read = answer.read(most + 1)
    if len(read) > most:
        raise Malformed(f"An answer has at most {most} bytes.")
    kind = answer.headers.get("content-type", "").split(";")[0]
    return Came(answer.status, kind, read)


def pinned(certificate: bytes) -> ssl.SSLContext:
    """Trust this certificate and nothing else in the world.

    The names in the certificate are not compared with the address: the charter says
    which certificate belongs at which address, and that is stricter.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    body = base64.encodebytes(certificate).decode("ascii")
    context.load_verify_locations(
        cadata=f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"
    )
    return context
