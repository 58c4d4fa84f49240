"""The lobby: requests that were admitted and wait for their job and their verdict.

    enter    from the door's threads: a request waits until its deadline for an answer
    seat     the table takes a request: from now on it ends with the job
    answer   the table has a verdict
    fail     the table says why there is none
    leave    the door has waited long enough: the request goes, unless it is seated

Bounded: a full lobby refuses, so that nobody can make an operator remember more than
it chose to. A restart empties it; wallets ask again.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from ipse.crypto.secret import Secret
from ipse.ground.errors import IpseError, Unavailable
from ipse.ground.names import Instant, RequestId
from ipse.operator.admission import Admitted
from ipse.wire.verdict import Verdict

MOST: Final = 256
"""Requests that wait at once: four full jobs (ipse.operator.schedule), some 30 ms of
verifications, and some seconds of enrolments into a large network."""


class Waiting(Secret):
    """One request, and the answer that somebody waits for."""

    __slots__ = ("admitted", "deadline", "is_seated", "verdict")

    def __init__(self, admitted: Admitted, deadline: Instant) -> None:
        """Wait."""
        self.admitted = admitted
        self.deadline = deadline
        self.verdict: Future[Verdict] = Future()
        self.is_seated = False


class Lobby:
    """All that wait, in the order of their arrival."""

    def __init__(self, most: int = MOST) -> None:
        """Open an empty lobby."""
        self._most = most
        self._lock = threading.Lock()
        self._waiting: dict[RequestId, Waiting] = {}
        self._ring: Callable[[], None] = lambda: None

    def on_arrival(self, ring: Callable[[], None]) -> None:
        """Have a bell rung whenever somebody enters."""
        self._ring = ring

    def enter(self, admitted: Admitted, deadline: Instant) -> Future[Verdict]:
        """Let a request wait. Raises: Unavailable: the lobby is full.

        After the deadline nobody waits for the answer any more.
        """
        with self._lock:
            if len(self._waiting) >= self._most:
                raise Unavailable(
                    "Too many requests are waiting here: nothing was lost, try again "
                    "in a minute."
                )
            waiting = self._waiting[admitted.id] = Waiting(admitted, deadline)
        self._ring()
        return waiting.verdict

    def everyone(self) -> tuple[Waiting, ...]:
        """Return who waits and is not seated, first come first."""
        with self._lock:
            return tuple(
                waiting for waiting in self._waiting.values() if not waiting.is_seated
            )

    def seat(self, request: RequestId) -> Admitted | None:
        """Take a request to the table, if it still waits."""
        with self._lock:
            waiting = self._waiting.get(request)
            if waiting is None:
                return None
            waiting.is_seated = True
            return waiting.admitted

    def leave(self, request: RequestId) -> bool:
        """Let a request go. Returns: False if it is seated, and so will be answered."""
        with self._lock:
            waiting = self._waiting.get(request)
            if waiting is not None and waiting.is_seated:
                return False
            self._waiting.pop(request, None)
            return True

    def answer(self, request: RequestId, verdict: Verdict) -> None:
        """Give a request its verdict."""
        waiting = self._pop(request)
        if waiting is not None and waiting.verdict.set_running_or_notify_cancel():
            waiting.verdict.set_result(verdict)

    def fail(self, request: RequestId, error: IpseError) -> None:
        """Tell a request why there is no verdict."""
        waiting = self._pop(request)
        if waiting is not None and waiting.verdict.set_running_or_notify_cancel():
            waiting.verdict.set_exception(error)

    def fail_seated(self, error: IpseError) -> None:
        """Tell whoever is at the table that the table broke up."""
        with self._lock:
            seated = [key for key, one in self._waiting.items() if one.is_seated]
        for request in seated:
            self.fail(request, error)

    def fail_all(self, error: IpseError) -> None:
        """Tell everybody that this operator stops."""
        with self._lock:
            everyone = list(self._waiting)
        for request in everyone:
            self.fail(request, error)

    def _pop(self, request: RequestId) -> Waiting | None:
        with self._lock:
            return self._waiting.pop(request, None)
