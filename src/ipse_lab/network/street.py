"""The street: where three operators meet, and what lies between them.

    a Doorstep each   --both wait, and nothing lies between them-->   a wire

It stands for `ipse.net.doorway` and the TLS handshake: whoever waits is met as soon as
the other waits as well and the path between them is open. A path may be slow, blocked,
or cut; a process that dies hangs up on everybody.
"""

import random
from collections.abc import Callable
from functools import partial
from itertools import combinations, count
from typing import Final

from ipse.ground.names import OPERATORS, OperatorId
from ipse.net.doorway import following, previous
from ipse.net.link import Link
from ipse.net.links import Links
from ipse_lab.network.stage import Killed, Stage
from ipse_lab.network.wire import End, Sleeper, Speech, Way, wire

LATENCY_S: Final = (0.0002, 0.02)
"""Seconds that a byte travels: within a room, and across a continent."""

HANDSHAKE: Final = 3
"""Latencies until hands are shaken: TCP's round, TLS's, and the greeting."""

LOOK_S: Final = 1.0
"""Seconds after which somebody who waits looks around by himself."""

Pair = tuple[OperatorId, OperatorId]
PAIRS: Final[tuple[Pair, ...]] = tuple(combinations(OPERATORS, 2))


class Street:
    """All paths between operators."""

    def __init__(
        self,
        stage: Stage,
        dice: random.Random,
        speech_of: Callable[[OperatorId, OperatorId], Speech],
    ) -> None:
        """Lay the paths; `speech_of` says how somebody speaks to somebody else."""
        self._stage = stage
        self._ways = {
            (one, other): Way(dice.uniform(*LATENCY_S))
            for one in OPERATORS
            for other in OPERATORS
            if one != other
        }
        self._speech_of = speech_of
        self._blocked_s = dict.fromkeys(PAIRS, 0.0)  # until when
        self._waiting: dict[OperatorId, Doorstep] = {}
        self._open: dict[Pair, tuple[End, End]] = {}
        self._meeting: set[Pair] = set()
        self._numbers = count()

    # --- what happens to it -----------------------------------------------------------

    def cut(self, pair: Pair, *, is_torn: bool) -> bool:
        """End the wire between two. Returns: whether there was one."""
        ends = self._open.pop(pair, None)
        if ends is None or ends[0].is_ended or ends[1].is_ended:
            return False
        ends[0].cut(is_torn=is_torn)
        return True

    def block(self, pair: Pair, for_s: float) -> None:
        """Let nothing through for a while: what is under way is lost."""
        self._blocked_s[pair] = self._stage.now_s + for_s
        self.cut(pair, is_torn=False)
        self._stage.after(for_s, self.arrange)

    def stall(self, way: Pair, for_s: float) -> None:
        """Hold up all that leaves in one direction, for a while."""
        self._ways[way].stalled_until_s = self._stage.now_s + for_s

    def open_up(self) -> None:
        """Let everything through."""
        self._blocked_s = dict.fromkeys(PAIRS, 0.0)
        for way in self._ways.values():
            way.stalled_until_s = 0.0
        self.arrange()

    def fall_silent(self, operator: OperatorId) -> None:
        """Let an operator's process be gone."""
        self._waiting.pop(operator, None)
        for pair, ends in list(self._open.items()):
            if operator in pair:
                ends[pair.index(operator)].fall_silent()
                del self._open[pair]

    # --- meeting ----------------------------------------------------------------------

    def wait(self, doorstep: "Doorstep") -> None:
        """Let somebody wait for both neighbours."""
        self._waiting[doorstep.operator] = doorstep
        self.arrange()

    def stop_waiting(self, operator: OperatorId) -> None:
        """Let somebody be met no more."""
        self._waiting.pop(operator, None)

    def arrange(self) -> None:
        """Let those meet who can."""
        for pair in PAIRS:
            if pair not in self._meeting and self._can_meet(pair):
                self._meeting.add(pair)
                takes_s = HANDSHAKE * self._ways[pair].latency_s
                self._stage.after(takes_s, partial(self._meet, pair))

    def _can_meet(self, pair: Pair) -> bool:
        one, other = (self._waiting.get(operator) for operator in pair)
        return (
            one is not None
            and other is not None
            and not one.has(other.operator)
            and not other.has(one.operator)
            and self._blocked_s[pair] <= self._stage.now_s
        )

    def _meet(self, pair: Pair) -> None:
        self._meeting.discard(pair)
        if not self._can_meet(pair):
            return
        one, other = pair
        ways = self._ways[one, other], self._ways[other, one]
        left, right = wire(self._stage, ways, pair, next(self._numbers))
        left[0].speech = self._speech_of(one, other)
        right[0].speech = self._speech_of(other, one)
        self._open[pair] = left[0], right[0]
        self._waiting[one].take(other, *left)
        self._waiting[other].take(one, *right)


class Doorstep:
    """Where one process waits for its neighbours (`ipse.operator.room.Meeting`)."""

    def __init__(self, operator: OperatorId, street: Street, stage: Stage) -> None:
        """Wait for nobody yet."""
        self.operator = operator
        self._street = street
        self._stage = stage
        self._met: dict[OperatorId, tuple[End, Link]] = {}
        self._wake: Callable[[], None] = lambda: None

    @property
    def present(self) -> frozenset[OperatorId]:
        """See Meeting."""
        return frozenset(self._met)

    def has(self, peer: OperatorId) -> bool:
        """Say whether there is a wire to somebody."""
        met = self._met.get(peer)
        if met is not None and met[0].is_ended:
            del self._met[peer]
            return False
        return met is not None

    def take(self, peer: OperatorId, end: End, link: Link) -> None:
        """Take a new wire."""
        end.stir = self._stir
        self._met[peer] = end, link
        self._wake()

    def _stir(self) -> None:
        self._wake()

    def wait(self) -> Links:
        """See Meeting."""
        actor = self._stage.acting
        if actor is None:
            raise Killed
        self._met.clear()
        self._wake = actor.wake
        after, before = following(self.operator), previous(self.operator)
        self._street.wait(self)
        while not (self.has(after) and self.has(before)):
            self._street.arrange()
            actor.sleep(self._stage.now_s + LOOK_S)
        self._street.stop_waiting(self.operator)
        self._wake = lambda: None
        sleeper = Sleeper(self._stage)
        for peer, (end, link) in self._met.items():
            end.stir = sleeper.stir
            sleeper.ends[peer], sleeper.links[peer] = end, link
        return Links(self._met[after][1], self._met[before][1], sleeper)

    def leave(self) -> None:
        """See Meeting."""
        self._met.clear()
