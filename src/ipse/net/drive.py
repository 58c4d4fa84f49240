"""The drivers: what moves computations and machines, and the only place that does.

A computation yields rounds; `run` takes each across the links and hands back what
came, and performs errands in between. A machine is a pure step; `move` stores its new
state and then performs the effects, in this order, so that a crash between the two is
safe to repeat.
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from ipse.matching.rounds import Errand, Undertaking
from ipse.net.links import Links

ROUND_S: Final = 30.0
"""Seconds that one round may take before the silent operator counts as missing."""

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
            if isinstance(asked, Errand):
                asked = computation.send(asked.perform())
            else:
                received = links.exchange(asked, time.monotonic() + round_s)
                rounds += 1
                asked = computation.send(received)
    except StopIteration as end:
        _log.debug("computed: rounds %d, bytes %d", rounds, _sent_bytes(links) - sent)
        result: Result = end.value
        return result
    finally:
        computation.close()


def _sent_bytes(links: Links) -> int:
    return links.next.sent_bytes + links.prev.sent_bytes


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
