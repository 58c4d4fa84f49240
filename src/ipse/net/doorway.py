"""Where an operator waits for its two neighbours, for as long as it takes.

Seat p dials seat p + 1 and is dialled by seat p - 1 (modulo 3). Both happen at once,
because in a ring each would otherwise wait for the next one::

    1 --dials--> 2 --dials--> 3 --dials--> 1

A call that fails is repeated for ever, with a growing pause. Whoever knocks and is
not the neighbour is turned away and forgotten. `present` says who has come, for
those who must be told who is missing.
"""

import logging
import socket
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from ipse.ground.errors import IpseError, Unavailable
from ipse.ground.names import OPERATORS, OperatorId
from ipse.net.link import Link
from ipse.net.links import Links
from ipse.net.watch import Polling

FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 1.0
CONNECT_S: Final = 5.0
KNOCK_S: Final = 0.05
"""Seconds after which a waiting doorway looks around."""

MOST_CALLERS: Final = 16
"""Callers whose handshakes go on at once. A silent stranger keeps nobody waiting."""

_log = logging.getLogger(__name__)


def following(operator: OperatorId) -> OperatorId:
    """Return the operator in the next seat."""
    return OPERATORS[operator % len(OPERATORS)]


def previous(operator: OperatorId) -> OperatorId:
    """Return the operator in the seat before."""
    return OPERATORS[operator - 2]


def split_address(address: str) -> tuple[str, int]:
    """Split `host:port`, with or without the brackets of an IPv6 host."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


class Party(Protocol):
    """Who stands in the doorway: an operator, or one of its workers."""

    @property
    def operator(self) -> OperatorId:
        """Whose it is."""
        ...

    def address(self, operator: OperatorId) -> str:
        """Return where the others are, and where to listen; port 0 is any free one."""
        ...

    def meet(self, sock: socket.socket, peer: OperatorId, *, dialled: bool) -> Link:
        """Make a link of a connection, or raise why the other is turned away."""
        ...


class Doorway:
    """Listens for the previous seat, dials the next."""

    def __init__(self, party: Party) -> None:
        """Open the listening socket. Raises: Unavailable: the address is in use."""
        self._party = party
        self._present: dict[OperatorId, Link] = {}
        self._closing = threading.Event()
        self._came: SimpleQueue[Link] = SimpleQueue()
        self._callers = threading.Semaphore(MOST_CALLERS)
        own = party.address(party.operator)
        host, port = split_address(own)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._ear = socket.create_server((host, port), family=family, backlog=8)
        except OSError as fault:
            raise Unavailable(
                f"Operator {party.operator} can't listen at {own} "
                f"({fault.strerror}): stop what uses it, or change the charter."
            ) from None
        self._ear.settimeout(KNOCK_S)

    @property
    def present(self) -> frozenset[OperatorId]:
        """Operators whose link is up, as far as is known."""
        return frozenset(self._present)

    @property
    def port(self) -> int:
        """Where the socket listens."""
        return int(self._ear.getsockname()[1])

    def wait(self, deadline: float | None = None) -> Links | None:
        """Wait until both neighbours are here.

        Args:
            deadline: on the monotonic clock, in seconds; without one, for ever.

        Returns: None at the deadline, and when closing.
        """
        before, after = self._neighbours
        self._present.clear()
        complete = threading.Event()
        dialling = threading.Thread(
            target=self._keep_dialled, args=(complete,), name="dial", daemon=True
        )
        dialling.start()
        links: Links | None = None
        while not self._closing.is_set():
            if deadline is not None and time.monotonic() > deadline:
                break
            self._take_in()
            if not self._is_here(before):
                self._accept(before)
            elif self._is_here(after):
                both = self._present[after], self._present[before]
                links = Links(*both, Polling(*both))
                break
            else:
                self._closing.wait(KNOCK_S)
        complete.set()
        dialling.join()
        if links is None or self._closing.is_set():
            self._take_in()
            for link in self._present.values():
                link.close()
            return None
        return links

    def leave(self) -> None:
        """Note that the links are gone."""
        self._present.clear()

    def close(self) -> None:
        """Wait no more. May be called from any thread."""
        self._closing.set()

    def shut(self) -> None:
        """Close the listening socket."""
        self._ear.close()

    def _accept(self, peer: OperatorId) -> None:
        """Let the next caller in, to be heard in a thread of its own."""
        try:
            sock, _ = self._ear.accept()
        except OSError:
            return  # nobody knocked
        if self._callers.acquire(blocking=False):
            threading.Thread(
                target=self._hear, args=(sock, peer), name="caller", daemon=True
            ).start()
        else:
            sock.close()

    def _hear(self, sock: socket.socket, peer: OperatorId) -> None:
        try:
            self._came.put(self._party.meet(sock, peer, dialled=False))
        except IpseError as fault:
            _log.warning("turned a caller away: %s", fault)
        finally:
            self._callers.release()

    def _take_in(self) -> None:
        """Take up who was heard; who calls again has lost its first link."""
        with suppress(Empty):
            while True:
                link = self._came.get_nowait()
                if self._is_here(link.peer):
                    self._present[link.peer].close()
                self._present[link.peer] = link

    def _keep_dialled(self, complete: threading.Event) -> None:
        """Dial the next seat until it is here, and again if it goes while we wait."""
        _, after = self._neighbours
        pause = FIRST_PAUSE_S
        while not (self._closing.is_set() or complete.is_set()):
            if self._is_here(after):
                complete.wait(KNOCK_S)
            elif self._dial(after):
                pause = FIRST_PAUSE_S
            else:
                self._closing.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)

    def _dial(self, peer: OperatorId) -> bool:
        try:
            sock = socket.create_connection(
                split_address(self._party.address(peer)), timeout=CONNECT_S
            )
            self._present[peer] = self._party.meet(sock, peer, dialled=True)
        except IpseError as fault:
            _log.warning("no link to operator %d: %s", peer, fault)
            return False
        except OSError:
            return False  # it is not there yet
        return True

    def _is_here(self, peer: OperatorId) -> bool:
        link = self._present.get(peer)
        if link is not None and link.has_ended:
            del self._present[peer]
            link.close()
            return False
        return link is not None

    @property
    def _neighbours(self) -> tuple[OperatorId, OperatorId]:
        own = self._party.operator
        return previous(own), following(own)
