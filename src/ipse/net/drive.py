"""The drivers: what moves computations and machines, and the only place that does.

A computation yields rounds; `run` takes each across the links and hands back what
came, and performs errands in between. A machine is a pure step; `move` stores its new
state and then performs the effects, in this order, so that a crash between the two is
safe to repeat.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from ipse.matching.rounds import (
    Blocks,
    Computation,
    Errand,
    Received,
    Round,
    Undertaking,
)
from ipse.net.links import Links

ROUND_S: Final = 30.0
"""Seconds that one round may take before the silent operator counts as missing."""

AT_ONCE: Final = 3
"""Blocks that are under way at once: one computes while the messages of others travel
and their other ends compute. More would only keep more in memory: with 2 to 4 the
figures of `ipse bench match` differ by less than their spread."""

_log = logging.getLogger(__name__)

Result = TypeVar("Result")
State = TypeVar("State")
Event = TypeVar("Event")
Effect = TypeVar("Effect")


def run(
    computation: Undertaking[Result], links: Links, round_s: float = ROUND_S
) -> Result:
    """Run one seat of a secret computation over real links.

    Raises: what `Links.exchange` or an errand raises; the computation can't be
        resumed then.
    """
    rounds, sent = 0, _sent_bytes(links)
    try:
        asked = next(computation)
        while True:
            match asked:
                case Errand():
                    asked = computation.send(asked.perform())
                case Blocks():
                    results, longest = _overlap(asked, links, round_s)
                    rounds += longest
                    asked = computation.send(results)
                case Round():
                    received = links.exchange(asked, links.after(round_s))
                    rounds += 1
                    asked = computation.send(received)
                    links.give_back(received)
    except StopIteration as end:
        _log.debug("computed: rounds %d, bytes %d", rounds, _sent_bytes(links) - sent)
        result: Result = end.value
        return result
    finally:
        computation.close()


def _sent_bytes(links: Links) -> int:
    return links.next.sent_bytes + links.prev.sent_bytes


def _overlap(blocks: Blocks, links: Links, round_s: float) -> tuple[list[object], int]:
    """Run blocks, some at once: in turn each takes up what came and posts its next.

    The turns are the same at all three seats, and so is the order of their messages.

    Returns: what each returned, in order, and the rounds of the longest.
    """
    turns = _Turns(blocks, links)
    try:
        while block := turns.next():
            received = links.collect(block.posted, links.after(round_s))
            turns.go_on(block, received)
            links.give_back(received)
        links.flush(links.after(round_s))
    finally:
        turns.close()
    return [result for _, result in sorted(turns.results.items())], turns.longest


@dataclass(slots=True)
class _Block:
    """A block on its way."""

    number: int
    computation: Computation[object]
    rounds: int = 0
    posted: Round = field(default_factory=Round)


class _Turns:
    """Blocks under way; whose turn it is comes first."""

    def __init__(self, blocks: Blocks, links: Links) -> None:
        self._left = enumerate(blocks.computations)
        self._links = links
        self._under_way: deque[_Block] = deque()
        self.results: dict[int, object] = {}
        self.longest = 0  # rounds

    def next(self) -> _Block | None:
        """Begin what may be under way besides, and return whose turn it is."""
        while len(self._under_way) < AT_ONCE:
            begun = next(self._left, None)
            if begun is None:
                break
            self.go_on(_Block(*begun), None)
        return self._under_way.popleft() if self._under_way else None

    def go_on(self, block: _Block, came: Received | None) -> None:
        """Move a block by one round, or to its end."""
        computation = block.computation
        try:
            asked = next(computation) if came is None else computation.send(came)
        except StopIteration as end:
            self.results[block.number] = end.value
            self.longest = max(self.longest, block.rounds)
            return
        self._links.post(asked)
        block.posted = asked
        block.rounds += 1
        self._under_way.append(block)

    def close(self) -> None:
        """Give up what is under way, if anything is."""
        for block in self._under_way:
            block.computation.close()


def move(
    step: Callable[[State, Event], tuple[State, Iterable[Effect]]],
    state: State,
    event: Event,
    *,
    store: Callable[[State], None],
    perform: Callable[[Effect], None],
) -> State:
    """Move a machine by one event: store the new state, then perform the effects."""
    following, effects = step(state, event)
    if following != state:
        store(following)
    for effect in effects:
        perform(effect)
    return following


def until_stopped(machine: Callable[[], None], stop: Callable[[], None]) -> None:
    """Run a thread's whole work; whatever nobody expected is logged and stops it."""
    try:
        machine()
    except Exception:  # noqa: BLE001 (the one place: it logs and stops the machine)
        _log.exception("an unforeseen fault: stopping")
    finally:
        stop()
