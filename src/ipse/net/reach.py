"""Is anybody there? Asked before a library is, whose own patience is minutes."""

import socket

from ipse.ground.errors import Unavailable
from ipse.net.doorway import CONNECT_S, split_address


def expect_listener(address: str, what: str) -> None:
    """Return if somebody listens at `host:port`. Raises: Unavailable: nobody does."""
    try:
        socket.create_connection(split_address(address), timeout=CONNECT_S).close()
    except OSError:
        raise Unavailable(
            f"Nobody listens at {address}, where {what} should be: start it first, or "
            "give its address."
        ) from None
