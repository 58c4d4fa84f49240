"""What is kept of a record's uses is read back as it was, from either archive."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ipse.ground.names import Handle, Instant, RequestId
from ipse.receipt.chain import Chain
from ipse.receipt.meter import UNTRIED, Meter, Term
from ipse.store.ledger import Ledger
from ipse.store.uses import Kept, Leaf, Used, Written
from ipse_lab.fakes import SettableClock

REQUEST = RequestId(b"r" * 16)
HANDLE, OTHER = Handle(b"h" * 16), Handle(b"o" * 16)
METER = Meter(Term(700), 480, 32, Instant(2**41), Instant(2**42))
CHAIN = Chain(b"k" * 32, 2**33, b"d" * 32, METER)
USED = Used(HANDLE, 3, is_withdrawn=False, is_standing=True, not_after=Instant(9_000))
NOTHING = Written(Instant(1), {}, {}, (), ())


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    one = Ledger(url, "network 0 1", SettableClock(Instant(0)))
    yield one
    one.close()


def settle(ledger: Ledger, written: Written) -> None:
    ledger.settle(REQUEST, written=written)


def test_a_chain_and_its_meter_are_what_was_written_last(
    ledger: Ledger, url: str
) -> None:
    fresh = replace(CHAIN, meter=UNTRIED)
    settle(ledger, replace(NOTHING, chains={HANDLE: fresh, OTHER: fresh}))
    settle(ledger, replace(NOTHING, chains={HANDLE: CHAIN}))
    ledger.close()
    again = Ledger(url, "network 0 1", SettableClock(Instant(0)))
    nobody = Handle(b"n" * 16)
    found = again.uses.chains([HANDLE, OTHER, nobody])
    assert found == {HANDLE: CHAIN, OTHER: fresh}
    again.close()


def test_what_was_used_of_a_grant_is_what_was_written_last(ledger: Ledger) -> None:
    digest = b"g" * 32
    for used in (USED, replace(USED, uses=4, is_withdrawn=True)):
        settle(ledger, replace(NOTHING, grants={digest: used}))
        assert ledger.uses.grants([digest, bytes(32)]) == {digest: used}


def test_grants_that_hold_long_are_counted_until_they_are_over(ledger: Ledger) -> None:
    others = replace(USED, is_standing=False), replace(USED, handle=OTHER)
    grants = {bytes([n] * 32): used for n, used in enumerate((USED, *others))}
    settle(ledger, replace(NOTHING, grants=grants))
    assert ledger.uses.standing(HANDLE, USED.not_after) == 1
    assert ledger.uses.standing(HANDLE, Instant(USED.not_after + 1)) == 0


def test_receipts_and_leaves_come_in_order_and_in_pieces(ledger: Ledger) -> None:
    receipts = tuple(Kept(HANDLE, n, bytes([n])) for n in range(1, 6))
    leaves = tuple(Leaf(n, bytes([n] * 32), bytes([n + 9] * 32)) for n in range(5))
    settle(ledger, replace(NOTHING, receipts=receipts, leaves=leaves))
    assert ledger.uses.receipts(HANDLE, 2, 3) == [b"\x02", b"\x03", b"\x04"]
    assert ledger.uses.receipts(OTHER, 1, 3) == []
    assert ledger.uses.since(3, 9) == [leaves[3].leaf, leaves[4].leaf]
    assert ledger.uses.end() == (5, leaves[-1].trail)


@pytest.mark.parametrize(("later", "is_known"), [(0, True), (1, False)])
def test_a_grant_is_forgotten_by_a_change_after_its_end_and_by_no_clock(
    ledger: Ledger, later: int, *, is_known: bool
) -> None:
    digest, ends = b"g" * 32, USED.not_after
    settle(ledger, replace(NOTHING, grants={digest: USED}))
    ledger.see(REQUEST, Instant(90_000), now=Instant(50_000))  # a clock that is ahead
    assert ledger.uses.grants([digest]) == {digest: USED}
    settle(ledger, replace(NOTHING, at=Instant(ends + later)))
    assert bool(ledger.uses.grants([digest])) is is_known
