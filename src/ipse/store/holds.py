"""Holds: what readers still read is not overwritten under them.

    hold       a reader begins; what it sees now stays as it is
    after_all  something is done once everyone who holds now has let go; at once, if
               nobody does
    release    a reader ends, and does what waited for it alone

A reader that begins later does not delay what was asked before: it was begun on the
new state, and does not look at the old one.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Holds:
    """Who reads, and what waits for them."""

    def __init__(self) -> None:
        """Nobody reads."""
        self._lock = threading.Lock()
        self._next = 0
        self._held: set[int] = set()
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep what there is now, for as long as the context lasts.

        Raises: at its end, what something that waited for it raised.
        """
        with self._lock:
            number = self._next
            self._next += 1
            self._held.add(number)
        try:
            yield
        finally:
            with self._lock:
                self._held.remove(number)
            self._catch_up()

    def after_all(self, action: Callable[[], None]) -> None:
        """Do something when nobody reads any more who reads now."""
        with self._lock:
            self._waiting.append((self._next, action))
        self._catch_up()

    def _catch_up(self) -> None:
        while True:
            with self._lock:
                oldest = min(self._held, default=self._next)
                if not self._waiting or self._waiting[0][0] > oldest:
                    return
                _, action = self._waiting.popleft()
            action()
