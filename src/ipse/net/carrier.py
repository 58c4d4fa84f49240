"""The carrier: what a link needs below it. Bytes in order, to one peer, never blocking.

The real one is a TLS connection (`ipse.net.channel`). A simulated one
(`ipse_lab.network.wire`) lets time pass between its two ends, and may be cut in the
middle of a frame.
"""

from typing import Protocol


class Carrier(Protocol):
    """One connection."""

    @property
    def is_sending(self) -> bool:
        """Something was written and has not left yet."""
        ...

    def fileno(self) -> int:
        """Return the socket's number, for poll."""
        ...

    def write(self, content: memoryview) -> None:
        """Take bytes, which may be changed afterwards; `push` sends them."""
        ...

    def push(self) -> bool:
        """Send what can leave now. Returns: whether anything moved.

        Raises: OSError: the other side went away.
        """
        ...

    def read_into(self, place: memoryview) -> int:
        """Read what is there, as far as there is room. Returns: bytes; 0 for none yet.

        Raises: OSError: the other side went away.
        """
        ...

    def close(self) -> None:
        """Hang up. The other side sees the end of the connection."""
        ...
