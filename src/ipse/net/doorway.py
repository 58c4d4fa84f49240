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
from typing import Final

from ipse.ground.errors import IpseError, Unavailable
from ipse.ground.names import OPERATORS, OperatorId
from ipse.net.handshake import Identity, meet
from ipse.net.link import Link
from ipse.net.links import Links

FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 1.0
CONNECT_S: Final = 5.0
KNOCK_S: Final = 0.2
"""Seconds after which a waiting doorway looks whether it should close."""

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


class Doorway:
    """Listens for the previous seat, dials the next."""

    def __init__(self, identity: Identity) -> None:
        """Open the listening socket. Raises: Unavailable: the address is in use."""
        self._identity = identity
        self._present: dict[OperatorId, Link] = {}
        self._closing = threading.Event()
        own = identity.charter.charter.entry(identity.operator)
        host, port = split_address(own.peer_address)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._ear = socket.create_server((host, port), family=family, backlog=8)
        except OSError as fault:
            raise Unavailable(
                f"Operator {identity.operator} can't listen at {own.peer_address} "
                f"({fault.strerror}): stop what uses it, or change the charter."
            ) from None
        self._ear.settimeout(KNOCK_S)

    @property
    def present(self) -> frozenset[OperatorId]:
        """Operators whose link is up, as far as is known."""
        return frozenset(self._present)

    def wait(self) -> Links | None:
        """Wait until both neighbours are here. Returns: None when closing."""
        own = self._identity.operator
        self._present.clear()
        dialling = threading.Thread(target=self._dial, name="dial", daemon=True)
        dialling.start()
        while not self._closing.is_set() and previous(own) not in self._present:
            self._accept(previous(own))
        dialling.join()
        if self._closing.is_set():
            for link in self._present.values():
                link.close()
            return None
        return Links(self._present[following(own)], self._present[previous(own)])

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
        try:
            sock, _ = self._ear.accept()
        except OSError:
            return  # nobody knocked
        try:
            self._present[peer] = meet(self._identity, sock, peer, dialled=False)
        except IpseError as fault:
            _log.warning("turned a caller away: %s", fault)

    def _dial(self) -> None:
        peer = following(self._identity.operator)
        entry = self._identity.charter.charter.entry(peer)
        pause = FIRST_PAUSE_S
        while not self._closing.is_set():
            try:
                sock = socket.create_connection(
                    split_address(entry.peer_address), timeout=CONNECT_S
                )
                self._present[peer] = meet(self._identity, sock, peer, dialled=True)
            except IpseError as fault:
                _log.warning("no link to operator %d: %s", peer, fault)
            except OSError:
                pass  # it is not there yet; the pause grows
            else:
                return
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
