"""The watch: how time passes for a pair of links, and who wakes whoever waits.

    now      seconds, which never run backwards
    sleep    until a link can move or has ended, a bell rings, or time is up
    ring     from any thread

Everything that links know of time they know from here. So a simulator can let an hour
of theirs pass at once (`ipse_lab.network`), and the links are the same.
"""

import select
import socket
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from ipse.net.link import ENDED, HUNG_UP, Link

PATIENCE_S: Final = 3e-4
"""Seconds in which a round looks again and again, and lets others run between, before
it sleeps. To be woken costs the sender tens of microseconds on a virtual machine, as
much as all else in a small round. Measured with none, 0.05, 0.1 and 0.3 ms, in turns:
3.6, 4.0, 4.1 and 4.3 million comparisons a second of one probe with 10,000 rows; a
search of 64 probes takes as long with any of them."""


@dataclass(frozen=True, slots=True)
class Woken:
    """Why a sleep ended; neither, if a link can move or time is up."""

    is_rung: bool
    ended: tuple[Link, ...]  # nobody is at their other end any more


class Watch(Protocol):
    """Tells the time, and sleeps."""

    patience_s: float
    """Seconds in which it is worth looking again before one sleeps."""

    def now(self) -> float:
        """Return the present, in seconds since some moment."""
        ...

    def sleep(self, deadline: float, hearing: Collection[Link]) -> Woken:
        """Sleep until something can move: of the links, those that are heard now.

        A neighbour may be far ahead: whom we don't hear now must not wake us, unless
        its link ends. Links that have something to send wake us when they can.
        """
        ...

    def ring(self) -> None:
        """End the present sleep, or the next one."""
        ...

    def close(self) -> None:
        """Watch no more."""
        ...


class Polling:
    """A watch over two real links."""

    def __init__(self, following: Link, previous: Link) -> None:
        """Watch these links."""
        self.patience_s = PATIENCE_S
        self._links = (following, previous)
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)  # noqa: FBT003 (the library's signature)
        self._bell.setblocking(False)  # noqa: FBT003 (the library's signature)
        self._poll = select.poll()
        for link in self._links:
            self._poll.register(link.fileno(), select.POLLIN)
        self._poll.register(self._ear.fileno(), select.POLLIN)

    def now(self) -> float:
        """Return the monotonic clock's seconds."""
        return time.monotonic()

    def sleep(self, deadline: float, hearing: Collection[Link]) -> Woken:
        """See Watch."""
        for link in self._links:
            events = HUNG_UP | (select.POLLIN if link in hearing else 0)
            events |= select.POLLOUT if link.is_sending else 0
            self._poll.modify(link.fileno(), events)
        left_ms = max(0, int((deadline - time.monotonic()) * 1_000)) + 1
        ready = dict(self._poll.poll(left_ms))
        is_rung = self._ear.fileno() in ready
        if is_rung:
            self._ear.recv(4_096)
        ended = [link for link in self._links if ready.get(link.fileno(), 0) & ENDED]
        return Woken(is_rung, tuple(ended))

    def ring(self) -> None:
        """See Watch."""
        with suppress(OSError):  # already ringing, or hung up: both are fine
            self._bell.send(b"\0")

    def close(self) -> None:
        """See Watch."""
        self._ear.close()
        self._bell.close()
