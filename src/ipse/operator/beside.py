"""Beside: what is done while a computation goes on, and is done before it opens a bit.

    begin    it begins, once
    end      it is done now; raises what it raised

A use is put in doubt so: the disk takes as long as some rounds do.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias

Task: TypeAlias = Callable[[], None]
Start: TypeAlias = Callable[[Task], Task]
"""Starts a task. Returns: what waits for its end, and raises what it raised."""


class Beside:
    """One task beside a computation."""

    def __init__(self, task: Task, start: Start) -> None:
        """Begin nothing yet."""
        self._task = task
        self._start = start
        self._wait: Task | None = None

    def begin(self) -> None:
        """Begin, unless it was begun."""
        if self._wait is None:
            self._wait = self._start(self._task)

    def end(self) -> None:
        """Wait until it is done; it is begun at the latest now."""
        self.begin()
        self.join()

    def join(self) -> None:
        """Wait until it is done, if it was begun."""
        if self._wait is not None:
            self._wait()


class OwnThread:
    """Starts tasks in a thread that waits for them, one after the other."""

    def __init__(self) -> None:
        """Start the thread with the first task."""
        self._pool = ThreadPoolExecutor(1, "beside")

    def __call__(self, task: Task) -> Task:
        """Start a task."""
        return self._pool.submit(task).result

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown()


def at_once(task: Task) -> Task:
    """Do a task on the spot: for whoever plays three operators in one thread."""
    task()
    return _nothing


def _nothing() -> None:
    pass


NOTHING_BESIDE: Final = Beside(_nothing, at_once)
