"""An operator's crew: who was placed, what rows each holds, who is lost.

    begin    with new links: place who is missing, and ship all their stripes
    wait     have some wait for their twins; who does not answer is replaced
    meet     have them meet
    scan     ship what changed since the last scan, then have all search
    forget   have erased rows overwritten, at once

Rows travel one way for all (`ipse.operator.holdings`). A worker says what sum the rows
that came have now, and is dismissed if it is another.

Whoever fails is lost until the three crews have gathered again
(`ipse.operator.spread`); whoever does not even answer then is dismissed, and another
worker is placed, with no rows. If none can be had, the operator searches by itself
for a while.

Where workers are is not known here, but to a cluster (`ipse.operator.placing`).
"""

import logging
import time
from collections import deque
from collections.abc import Collection, Mapping
from typing import Final, TypeVar

import numpy as np

from ipse.ground.errors import IpseError
from ipse.ground.names import Form, Slot
from ipse.ground.params import ROTATIONS
from ipse.matching.spread import stripes
from ipse.matching.zero_test import Sums
from ipse.operator import trial
from ipse.operator.holdings import Holdings, Source
from ipse.operator.placing import Cluster, Hand, Pending
from ipse.operator.spread import Question, Twins
from ipse.operator.stripe import Stripe, expect_sum, sum_of
from ipse.shares.replicated import Part
from ipse.wire.workers import Worker

BEGIN_S: Final = 60.0
"""Seconds in which a whole crew is placed. Two take about five on two processors."""

PLACE_S: Final = 20.0
"""Seconds in which a worker is replaced, while two other operators wait."""

ANSWER_S: Final = 3.0
"""Seconds in which a worker that is alive says where it waits."""

MEET_S: Final = 8.0
"""Seconds in which three twins come together."""

LEAST_SCAN_S: Final = 5.0
MOST_SCAN_S: Final = 25.0
"""Seconds for a scan: at least, for a machine that is busy with other things; at most,
below a round's patience (`net.drive`), for two other operators wait."""

SLOWEST: Final = 1e8
"""Products a second that a worker must do not to count as standing still: a hundredth
of what one does."""

LOOK_S: Final = 0.2
"""Seconds after which whoever waits for workers looks whether the operator stops."""

SHIP_S: Final = 20.0
"""Seconds for a chunk of rows."""

IN_FLIGHT: Final = 4
"""Chunks of rows on their way at once: 32 MiB, whatever a stripe has."""

REST_S: Final = 60.0
LONGEST_REST_S: Final = 3_600.0
"""Seconds for which an operator that can't place a worker tries no more: at first, and
at most. Each rest is twice the one before, for each try keeps a search waiting."""

_log = logging.getLogger(__name__)
Result = TypeVar("Result")


class PlacedWorkers:
    """The workers of one operator: `ipse.operator.spread.Workers`."""

    def __init__(self, cluster: Cluster, size: int, source: Source) -> None:
        """Take up an empty crew."""
        self._cluster = cluster
        self._size = size
        self._source = source
        self._hands: dict[int, Hand] = {}
        self._holdings = Holdings(source, size)
        self._lost = set(range(size))
        self._scans = trial.JOB
        self._is_over = False
        self._rest_s = REST_S
        self._rests_until = 0.0  # on the monotonic clock

    def begin(self, forms: Collection[Form]) -> None:
        """Begin with new links of the operators: place who is missing, ship rows."""
        self._lost = set(range(self._size))
        self._scans = trial.JOB
        if self.size and self._answers(range(self._size), BEGIN_S):
            for form in forms:
                self._supply(form)
            _log.info("%d workers hold their rows", self._size)

    def close(self) -> None:
        """End all."""
        self._cluster.close()

    @property
    def size(self) -> int:
        """How many there are; 0 while the crew rests."""
        is_at_rest = self._is_over or time.monotonic() < self._rests_until
        return 0 if is_at_rest else self._size

    @property
    def lost(self) -> frozenset[int]:
        """Those that have no links to their twins."""
        return frozenset(self._lost)

    def wait(self, numbers: Collection[int]) -> tuple[Worker, ...]:
        """Have workers hang up and wait, new ones where some do not answer."""
        self._lost |= set(numbers)
        if not self.size:
            return ()
        return self._answers(numbers, PLACE_S)

    def meet(self, twins: Mapping[int, Twins]) -> None:
        """Have workers meet their twins; who fails is lost."""
        asked = {}
        for number, introduced in twins.items():
            told = {
                other: (twin.address, twin.certificate, twin.seed)
                for other, twin in introduced.items()
            }
            asked[number] = self._hands[number].ask(Stripe.meet, told, MEET_S)
        self._lost -= set(self._answered(asked, MEET_S + trial.ROUND_S))

    def scan(self, question: Question, numbers: Collection[int]) -> Mapping[int, Sums]:
        """Have workers search their stripes. Returns: the sums of who was not lost."""
        part, alive = question.part, self._source.roll.alive(question.part.form)
        self._scans += 1  # at all three operators alike
        self._supply(part.form)
        components = (part.first, part.second)
        cut = stripes(len(alive), self._size)
        living = {n: alive[cut[n].start : cut[n].stop] for n in numbers}
        asked = {
            number: self._hands[number].ask(
                Stripe.scan,
                self._scans,
                part.form,
                components,
                lanes,
                question.threshold,
                _scan_s(len(lanes), part),
            )
            for number, lanes in living.items()
            if lanes.any() and number not in self._lost
        }
        longest = max((len(lanes) for lanes in living.values()), default=0)
        found = self._answered(asked, _scan_s(longest, part) + ANSWER_S)
        self._lost |= set(asked) - set(found)
        # a stripe without a living row is searched by none of the three twins
        nothing = np.zeros(len(part.first), np.uint64)
        empty = {
            n: Sums(nothing, nothing) for n, one in living.items() if not one.any()
        }
        return empty | {number: Sums(*both) for number, both in found.items()}

    def forget(self, slots: Collection[Slot]) -> None:
        """Have erased rows overwritten; who does not say so is dismissed."""
        gone = [int(slot) for slot in slots]
        asked = {
            number: hand.ask(Stripe.clear, gone) for number, hand in self._hands.items()
        }
        for number in set(asked) - set(self._answered(asked, ANSWER_S)):
            self._dismiss(number)

    def interrupt(self) -> None:
        """Wait for nobody any more. May be called from any thread."""
        self._is_over = True

    # --- placing ------------------------------------------------------------------

    def _answers(self, numbers: Collection[int], within_s: float) -> tuple[Worker, ...]:
        """Have workers wait, and replace who does not answer."""
        asked = {
            number: self._hands[number].ask(Stripe.wait)
            for number in numbers
            if number in self._hands
        }
        found = self._answered(asked, ANSWER_S)
        missing = set(numbers) - set(found)
        if self._is_over:
            return ()
        try:
            for number in missing:
                self._dismiss(number)
                self._hands[number] = self._cluster.place(number)
        except IpseError as fault:
            _log.warning("a worker can't be placed: %s", fault)
        else:
            asked = {number: self._hands[number].ask(Stripe.wait) for number in missing}
            found |= self._answered(asked, within_s)
        if set(found) != set(numbers):
            self._rest()
            return ()
        self._rest_s = REST_S
        return tuple(Worker(number, *found[number]) for number in sorted(found))

    def _rest(self) -> None:
        _log.warning("workers can't be had: this operator searches by itself")
        for number in tuple(self._hands):
            self._dismiss(number)
        self._rests_until = time.monotonic() + self._rest_s
        self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)

    def _dismiss(self, number: int) -> None:
        """End a worker, and with it what it holds."""
        self._lost.add(number)
        self._holdings.forget(number)
        hand = self._hands.pop(number, None)
        if hand is not None:
            hand.dismiss()

    def _answered(
        self, asked: Mapping[int, Pending[Result]], within_s: float
    ) -> dict[int, Result]:
        """Return the answers of those that gave one in time."""
        deadline = time.monotonic() + within_s
        found = {}
        for number, pending in asked.items():
            while not pending.is_there(LOOK_S):
                if self._is_over or time.monotonic() > deadline:
                    break
            try:
                found[number] = pending.result(0.0)
            except IpseError as fault:
                _log.warning("worker %d: %s", number, fault)
        return found

    # --- shipping -----------------------------------------------------------------

    def _supply(self, form: Form) -> None:
        """Bring every worker's rows up to date; who does not have them is dismissed."""
        on_the_way: deque[tuple[int, Pending[bytes], bytes]] = deque()
        for number, hand in tuple(self._hands.items()):
            due = self._holdings.due(number, form)
            if due.is_anew:
                hand.ask(Stripe.hold, form, due.stripe.start, len(due.stripe))
            if len(due.gone):
                hand.ask(Stripe.clear, due.gone.tolist())
            for slots, rows in due.chunks:
                pending = hand.ask(Stripe.take, form, slots, rows)
                on_the_way.append((number, pending, sum_of(slots, rows)))
                if len(on_the_way) == IN_FLIGHT:
                    self._expect(*on_the_way.popleft())
        for number, pending, expected in on_the_way:
            self._expect(number, pending, expected)

    def _expect(self, number: int, pending: Pending[bytes], expected: bytes) -> None:
        try:
            expect_sum(pending.result(SHIP_S), expected)
        except IpseError as fault:
            _log.warning("worker %d has no rows: %s", number, fault)
            self._dismiss(number)


def _scan_s(rows: int, part: Part) -> float:
    """Return how long a scan of some rows may take, in seconds."""
    turns = ROTATIONS if part.form is Form.CODE else 1
    products = rows * part.first.size * turns
    return min(MOST_SCAN_S, LEAST_SCAN_S + products / SLOWEST)
