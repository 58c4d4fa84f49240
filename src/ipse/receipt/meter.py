"""The meter: how often a record may be tried, so that its template doesn't leak away.

Accepted or not is one bit about the enrolled template, and some hundreds of bits are
all of it (`ipse drill oracle`). So the three operators count, record by record::

    tries     every verification that was begun
    failures  those that did not end in a match: not-matched, malformed, interrupted
    term      METER_TERM_MS of time, numbered from 1970; in the next both start from 0

    allowed, unless  failures = METER_FAILURES, or tries = METER_TRIES, in this term
                     or a delay runs

    delay     after a failure, and the longer the more failures are fresh; one failure
              a METER_FADE_MS goes stale

A match is a try as well: whoever asks what will almost surely match learns little from
each answer and much from hundreds. And a match makes nothing good: else whoever can
make one would make one after every failure.

Time is what the three operators agreed on for the job. If it runs backward the term
stays, and no delay ends sooner.

Pure: the state comes in and goes out. Specification: docs/spec/operator.md, section 9.
"""

from dataclasses import dataclass
from typing import Final, NewType

from ipse.ground.errors import Refused
from ipse.ground.names import Instant
from ipse.ground.params import (
    METER_DELAY_DOUBLINGS,
    METER_FADE_MS,
    METER_FAILURES,
    METER_FIRST_DELAY_MS,
    METER_FREE_FAILURES,
    METER_LONGEST_DELAY_MS,
    METER_TERM_MS,
    METER_TRIES,
)

Term = NewType("Term", int)
"""Number of a stretch of METER_TERM_MS since 1970: the meter counts within one."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What was tried against one record. Kept with it, the same at all three."""

    term: Term  # of the counts; the latest that was seen
    tries: int  # in this term, 0 to METER_TRIES
    failures: int  # in this term, 0 to METER_FAILURES
    stale_at: Instant  # when the last failure will have gone stale
    open_from: Instant  # when a delay ends


UNTRIED: Final = Meter(Term(0), 0, 0, Instant(0), Instant(0))
"""The meter of a record that is new."""


def brought_to(meter: Meter, at: Instant) -> Meter:
    """Begin a new term if one has begun; an earlier one never comes back."""
    term = Term(at // METER_TERM_MS)
    if term <= meter.term:
        return meter
    return Meter(term, 0, 0, meter.stale_at, meter.open_from)


def allowed_from(meter: Meter, at: Instant) -> Instant:
    """Say when a try may begin: now, or later."""
    present = brought_to(meter, at)
    opens = Instant(max(present.open_from, at))
    if present.failures < METER_FAILURES and present.tries < METER_TRIES:
        return opens
    return Instant(max(opens, (present.term + 1) * METER_TERM_MS))


def require_allowed(meter: Meter, at: Instant) -> None:
    """See whether a try may begin.

    Raises: Refused: with the reason, and when a try is allowed again.
    """
    if (opens := allowed_from(meter, at)) == at:
        return
    present = brought_to(meter, at)
    term, wait = _worded(METER_TERM_MS), _worded(opens - at)
    if present.failures >= METER_FAILURES:
        raise Refused(
            f"This record was tried {present.failures} times without a match in "
            f"{term}, and that is the most: try again in {wait}, or erase and enrol "
            "again."
        )
    if present.tries >= METER_TRIES:
        raise Refused(
            f"This record was used {present.tries} times in {term}, and that is the "
            f"most: try again in {wait}."
        )
    raise Refused(
        f"This record was tried without a match too often: try again in {wait}. "
        f"{METER_FAILURES - present.failures} of {METER_FAILURES} such tries are left "
        f"in {term}."
    )


def tried(meter: Meter, at: Instant, *, is_match: bool) -> Meter:
    """Count one try that was allowed and is over."""
    present = brought_to(meter, at)
    if is_match:
        return Meter(
            present.term,
            present.tries + 1,
            present.failures,
            present.stale_at,
            present.open_from,
        )
    stale_at = Instant(max(present.stale_at, at) + METER_FADE_MS)
    fresh = -(-(stale_at - at) // METER_FADE_MS)  # rounded up
    return Meter(
        present.term,
        present.tries + 1,
        present.failures + 1,
        stale_at,
        Instant(max(present.open_from, at + delay_after(fresh))),
    )


def delay_after(fresh: int) -> int:
    """Milliseconds to wait after a failure that makes so many fresh ones."""
    if fresh <= METER_FREE_FAILURES:
        return 0
    doublings = METER_DELAY_DOUBLINGS * (fresh - METER_FREE_FAILURES - 1)
    # a clock that ran back makes many failures fresh: no number grows beyond its use
    return min(METER_FIRST_DELAY_MS << min(doublings, 64), METER_LONGEST_DELAY_MS)


def worded(meter: Meter, at: Instant) -> str:
    """Say what is spent, and when the next try may begin."""
    present, opens = brought_to(meter, at), allowed_from(meter, at)
    begins = "now" if opens == at else f"in {_worded(opens - at)}"
    return (
        f"{present.failures} of {METER_FAILURES} failed tries and {present.tries} of "
        f"{METER_TRIES} in all are spent in these {_worded(METER_TERM_MS)}; the next "
        f"may begin {begins}."
    )


def _worded(milliseconds: int) -> str:
    """Say a time in the largest unit of which there are two at least, rounded up."""
    for name, unit in (("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000)):
        if milliseconds >= 2 * unit:
            return f"{-(-milliseconds // unit)} {name}"
    return f"{max(1, -(-milliseconds // 1_000))} seconds"
