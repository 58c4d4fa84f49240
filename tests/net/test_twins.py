"""Twins meet on what their operators told, under a key that is new each time."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ipse.ground.errors import Unavailable
from ipse.ground.names import OPERATORS, Instant, OperatorId
from ipse.keys import certificate as tls
from ipse.keys.system import SystemEntropy
from ipse.net.doorway import Doorway
from ipse.net.links import Links
from ipse.net.twins import SEED_BYTES, Meeting, Twin

NOW = Instant(1_800_000_000_000)
WITHIN_S = 2.0
ONE, TWO, _ = OPERATORS

Tell = Callable[[OperatorId, OperatorId, Twin], Twin]
"""What one operator's worker is told of another's, if not the truth."""


def the_truth(_whom: OperatorId, _of: OperatorId, twin: Twin) -> Twin:
    return twin


def meeting_of(operator: OperatorId, context: bytes = b"charter, worker") -> Meeting:
    entropy = SystemEntropy()
    key = tls.tls_key(entropy.draw(tls.SCALAR_BYTES))
    serial = entropy.draw(tls.SERIAL_BYTES)
    certificate = tls.certify(key, "test", operator, NOW, serial)
    return Meeting(
        operator, "127.0.0.1:0", tls.read_key(key), certificate, context, entropy, {}
    )


def meet(tell: Tell = the_truth, context: bytes = b"charter, worker") -> list[Links]:
    """Have three workers meet; return the links of those that did."""
    meetings = {
        n: meeting_of(n, context if n == ONE else b"charter, worker") for n in OPERATORS
    }
    doorways = {n: Doorway(meeting) for n, meeting in meetings.items()}
    for n, meeting in meetings.items():
        meeting.twins = {
            other: tell(
                n,
                other,
                Twin(
                    f"127.0.0.1:{doorways[other].port}",
                    meetings[other].certificate,
                    bytes([n + other]) * SEED_BYTES,
                ),
            )
            for other in OPERATORS
            if other != n
        }
    deadline = time.monotonic() + WITHIN_S
    with ThreadPoolExecutor(3) as pool:
        met = list(pool.map(lambda one: one.wait(deadline), doorways.values()))
    for doorway in doorways.values():
        doorway.shut()
    return [links for links in met if links is not None]


def pair_keys(links: list[Links]) -> list[tuple[bytes, bytes]]:
    """Return for each pair of neighbours the key that either end has."""
    keys = [
        (one.next.pair_key, links[(seat + 1) % 3].prev.pair_key)
        for seat, one in enumerate(links)
    ]
    for one in links:
        one.close()
    return keys


def test_each_pair_has_a_key_of_its_own_and_no_meeting_repeats_one() -> None:
    keys = pair_keys(meet()) + pair_keys(meet())
    assert all(here == there for here, there in keys)
    assert len({here for here, _ in keys}) == len(keys)


def test_who_was_given_another_seed_has_another_key() -> None:
    def otherwise(whom: OperatorId, of: OperatorId, twin: Twin) -> Twin:
        return replace(twin, seed=bytes(32)) if (whom, of) == (ONE, TWO) else twin

    (here, there), *others = pair_keys(meet(otherwise))
    assert here != there
    assert all(one == other for one, other in others)


def test_a_key_is_bound_to_charter_and_worker() -> None:
    keys = pair_keys(meet(context=b"charter, another worker"))
    assert [here == there for here, there in keys] == [False, True, False]


def test_whoever_shows_another_certificate_is_turned_away() -> None:
    stranger = meeting_of(TWO).certificate

    def otherwise(whom: OperatorId, of: OperatorId, twin: Twin) -> Twin:
        is_changed = (whom, of) == (ONE, TWO)
        return replace(twin, certificate=stranger) if is_changed else twin

    (third,) = meet(otherwise)
    assert (third.next.peer, third.prev.peer) == (ONE, TWO), "the others met nobody"
    third.close()


def test_a_worker_that_was_not_told_of_is_met_nowhere() -> None:
    with pytest.raises(Unavailable, match="No worker of operator 2"):
        meeting_of(ONE).address(TWO)
