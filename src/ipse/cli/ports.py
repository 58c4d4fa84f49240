"""Where a new local network listens: the usual ports, or any that are free."""

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipse.operator.local import Ports


def choose_ports() -> "tuple[Ports, ...]":
    """Return the usual ports if nobody listens on any of them, else free ones."""
    from ipse.operator.local import Ports, default_ports

    usual = default_ports()
    try:
        with ExitStack() as stack:
            for ports in usual:
                for number in (ports.owners, ports.peers):
                    stack.enter_context(_listener(number))
    except OSError:
        with ExitStack() as stack:
            free = [
                stack.enter_context(_listener(0)).getsockname()[1]
                for _ in range(2 * len(usual))
            ]
        return tuple(map(Ports, free[::2], free[1::2]))
    return usual


def _listener(number: int) -> socket.socket:
    from ipse.operator.local import HOST

    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, number))
    except OSError:
        listener.close()
        raise
    return listener
