"""The stage: virtual time, and actors of whom one acts at a time.

    stage.after(2.0, event)          something happens in two virtual seconds
    actor = stage.enter(name, play)  somebody acts, from now on, in a thread of its own
    stage.acting.sleep(until)        the actor who acts waits; an hour passes at once
    actor.wake()                     ends its sleep
    actor.kill()                     it never acts again: `Killed` is raised where it is

The code of operators and wallets blocks, as code with a thread of its own may. Here
each has such a thread, and a baton: whoever has it runs until it sleeps. So what
happens follows from the seed alone, however the machine below is loaded.
"""

import hashlib
import heapq
import threading
from collections.abc import Callable
from itertools import count
from typing import Final

MOST_EVENTS: Final = 400_000
"""Events after which a run counts as one that goes round in circles: the busiest of
ten thousand runs had a tenth of that."""


class Killed(BaseException):
    """This actor is dead. Not an Exception, so that nobody takes it for a fault."""


class Endless(AssertionError):
    """Time stands still, and yet something happens again and again."""


class Actor:
    """Somebody who acts in blocking code."""

    def __init__(self, stage: "Stage", name: str, play: Callable[[], None]) -> None:
        """Be ready to begin."""
        self.name = name
        self.is_over = False
        self.fault: BaseException | None = None  # what nobody expected
        self._stage = stage
        self._play = play
        self._is_killed = False
        self._naps = 0  # so far: a wake-up call for an earlier one is void
        self._is_asleep = False
        self._go = threading.Lock()
        self._go.acquire()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def sleep(self, until_s: float) -> None:
        """Wait until a moment, or until woken. Raises: Killed."""
        if self._is_killed:
            raise Killed
        self._naps += 1
        nap = self._naps
        self._is_asleep = True
        self._stage.at(max(until_s, self._stage.now_s), lambda: self._end(nap))
        self._stage.take_back()
        self._go.acquire()
        if self._is_killed:
            raise Killed

    def wake(self) -> None:
        """End the present sleep, if there is one."""
        if self._is_asleep:
            nap = self._naps
            self._stage.after(0.0, lambda: self._end(nap))

    def kill(self) -> None:
        """Let it act no more."""
        self._is_killed = True
        if not self._is_asleep:
            return  # it acts, and finds out when it would sleep
        if self._stage.acting is None:
            self._end(self._naps)
        else:
            self.wake()

    def begin(self) -> None:
        """Act for the first time."""
        self._thread.start()
        self._stage.give(self, self._go)

    def _end(self, nap: int) -> None:
        if self._is_asleep and nap == self._naps:
            self._is_asleep = False
            self._stage.give(self, self._go)

    def _run(self) -> None:
        self._go.acquire()
        try:
            if not self._is_killed:
                self._play()
        except Killed:
            pass
        except BaseException as fault:  # noqa: BLE001 (it is reported by the play)
            self.fault = fault
        self.is_over = True
        self._stage.take_back()


class Stage:
    """Where it all happens."""

    def __init__(self) -> None:
        """Begin at second 0."""
        self.now_s = 0.0
        self.notes: list[str] = []
        self.is_noting = False  # keep the notes, beside their digest
        self._digest = hashlib.sha256()
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._back = threading.Lock()
        self._back.acquire()
        self._acting: Actor | None = None
        self._actors: list[Actor] = []
        self._events = 0

    @property
    def acting(self) -> Actor | None:
        """Who acts now; nobody while an event happens."""
        return self._acting

    @property
    def digest(self) -> str:
        """What was noted so far, as 16 digits: two runs that agree here are one."""
        return self._digest.hexdigest()[:16]

    def note(self, what: str) -> None:
        """Write down what happened."""
        line = f"{self.now_s:11.6f} {what}"
        self._digest.update(line.encode() + b"\n")
        if self.is_noting:
            self.notes.append(line)

    def after(self, delay_s: float, event: Callable[[], None]) -> None:
        """Have something happen later. In the same moment: in the order of asking."""
        self.at(self.now_s + max(0.0, delay_s), event)

    def at(self, moment_s: float, event: Callable[[], None]) -> None:
        """Have something happen at a moment, which is not over."""
        heapq.heappush(self._coming, (moment_s, next(self._numbers), event))

    def enter(self, name: str, play: Callable[[], None]) -> Actor:
        """Let somebody act, from the next moment on."""
        actor = Actor(self, name, play)
        self._actors.append(actor)
        self.after(0.0, actor.begin)
        return actor

    def run(self, is_over: Callable[[], bool], until_s: float) -> bool:
        """Let things happen. Returns: whether it was over before that moment.

        Raises: Endless.
        """
        while not is_over():
            if not self._coming or self._coming[0][0] > until_s:
                self.now_s = max(self.now_s, until_s)
                return False
            self._events += 1
            if self._events > MOST_EVENTS:
                raise Endless(f"{MOST_EVENTS} events, and it is not over")
            at_s, _, event = heapq.heappop(self._coming)
            self.now_s = max(self.now_s, at_s)
            event()
        return True

    @property
    def faults(self) -> tuple[BaseException, ...]:
        """What nobody expected, of all actors."""
        return tuple(one.fault for one in self._actors if one.fault is not None)

    def close(self) -> None:
        """End all actors."""
        for actor in self._actors:
            actor.kill()

    # --- the baton --------------------------------------------------------------------

    def give(self, actor: Actor, go: threading.Lock) -> None:
        """Let an actor act until it sleeps, or is over."""
        before, self._acting = self._acting, actor
        go.release()
        self._back.acquire()
        self._acting = before

    def take_back(self) -> None:
        """Give up the baton."""
        self._back.release()
