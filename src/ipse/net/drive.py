"""The drivers: what moves computations and machines, and the only place that does.

A computation yields rounds; `run` takes each across the links and hands back what
came. A machine is a pure step; `move` stores its new state and then performs the
effects, in this order, so that a crash between the two is safe to repeat.
"""

import time
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from ipse.matching.rounds import Computation
from ipse.net.links import Links

ROUND_S: Final = 60.0
"""Seconds that one round may take before the silent operator counts as missing."""

Result = TypeVar("Result")
State = TypeVar("State")
Event = TypeVar("Event")
Effect = TypeVar("Effect")


def run(
    computation: Computation[Result], links: Links, round_s: float = ROUND_S
) -> Result:
    """Run one seat of a secret computation over real links.

    Raises: what `Links.exchange` raises; the computation can't be resumed then.
    """
    try:
        round_ = next(computation)
        while True:
            received = links.exchange(round_, time.monotonic() + round_s)
            round_ = computation.send(received)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        computation.close()


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
