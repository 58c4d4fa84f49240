"""A cluster of threads: workers in this very process, that can be made to die.

    ThreadCluster(post, at_scan)     `ipse.operator.placing.Cluster`
    cluster.kill(number)             as SIGKILL does: its connections end, it is silent

They are the workers of `ipse.operator.stripe`, over real sockets and real TLS; only
where they run is invented. Ray places the same in processes (`ipse.operator.cluster`).
"""

import os
import socket
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Concatenate, Generic, ParamSpec, TypeVar

from ipse.ground.errors import Unavailable
from ipse.operator.stripe import Post, Stripe

P = ParamSpec("P")
Result = TypeVar("Result")


def no_accident(_number: int) -> None:
    """Let a scan begin."""


class ThreadPending(Generic[Result]):
    """What a thread was asked."""

    def __init__(self, future: Future[Result], hand: "ThreadHand") -> None:
        """Wait for a future of a hand."""
        self._future = future
        self._hand = hand

    def is_there(self, within_s: float) -> bool:
        """Wait until there is an answer."""
        return bool(futures.wait([self._future], within_s).done)

    def result(self, timeout_s: float) -> Result:
        """Wait for the answer. Raises: Unavailable: the worker is dead, or slow."""
        try:
            found = self._future.result(timeout_s)
        except TimeoutError:
            raise Unavailable("A worker is too slow.") from None
        if self._hand.is_dead:
            raise Unavailable("A worker is dead.")
        return found


class ThreadHand:
    """A worker in a thread."""

    def __init__(self, post: Post, at_scan: Callable[[int], None]) -> None:
        """Place it."""
        self.stripe = Stripe(post)
        self.is_dead = False
        self._number = post.number
        self._at_scan = at_scan
        self._pool = ThreadPoolExecutor(1, f"worker-{post.number}")

    def ask(
        self,
        task: Callable[Concatenate[Stripe, P], Result],
        *given: P.args,
        **named: P.kwargs,
    ) -> ThreadPending[Result]:
        """Ask it for something, after all before."""

        def answer() -> Result:
            if task is Stripe.scan:
                self._at_scan(self._number)
            if self.is_dead:
                raise Unavailable("A worker is dead.")
            return task(self.stripe, *given, **named)

        return ThreadPending(self._pool.submit(answer), self)

    def die(self) -> None:
        """Answer nobody from now on; twins see their connections end."""
        self.is_dead = True
        links = self.stripe._links  # noqa: SLF001 (what the kernel does to a dead process's sockets)
        for link in (links.next, links.prev) if links else ():
            with suppress(OSError), _again(link.fileno()) as ended:
                ended.shutdown(socket.SHUT_RDWR)

    def dismiss(self) -> None:
        """End it."""
        if not self.is_dead:
            self.die()
        with suppress(RuntimeError):  # dismissed before
            self._pool.submit(self.stripe.hang_up)
        self._pool.shutdown(wait=False)

    def wait_until_over(self) -> None:
        """Return once nothing of it runs."""
        self._pool.shutdown()


def _again(number: int) -> socket.socket:
    """Return a second name for an open socket; it may be closed already."""
    return socket.socket(fileno=os.dup(number))


class ThreadCluster:
    """Places workers in threads."""

    def __init__(
        self,
        post: Post,
        at_scan: Callable[[int], None] = no_accident,
        *,
        has_room: bool = True,
    ) -> None:
        """Take up an empty cluster; `post` is any worker's."""
        self.hands: dict[int, ThreadHand] = {}
        self._all: list[ThreadHand] = []
        self.has_room = has_room
        self._post = post
        self._at_scan = at_scan

    def place(self, number: int) -> ThreadHand:
        """Start a worker. Raises: Unavailable: there is no room."""
        if not self.has_room:
            raise Unavailable("There is no room for a worker.")
        post = replace(self._post, number=number)
        hand = self.hands[number] = ThreadHand(post, self._at_scan)
        self._all.append(hand)
        return hand

    @property
    def placed(self) -> int:
        """How many workers were placed so far."""
        return len(self._all)

    def kill(self, number: int) -> None:
        """End a worker that nobody dismissed."""
        self.hands[number].die()

    def close(self) -> None:
        """End all workers."""
        for hand in self._all:
            hand.dismiss()
        for hand in self._all:
            hand.wait_until_over()
