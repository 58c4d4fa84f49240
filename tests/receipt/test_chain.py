"""A chain counts what was tried, and each receipt says how often that failed."""

from dataclasses import replace

import pytest

from ipse.ground.names import Instant, Outcome, Purpose
from ipse.ground.params import METER_TERM_MS
from ipse.receipt.chain import Chain, Place, add, begin_chain, follow_trail, meter_of
from ipse.receipt.meter import UNTRIED, tried
from ipse.wire.change import USE, Use
from ipse.wire.receipt import NOTHING_BEFORE, Receipt, receipt_digest
from ipse_lab.examples import NOW, records

PLACE = Place("example", bytes(32))
EXAMPLE: Use = records()[USE.tag]
VERIFY = replace(EXAMPLE, operation=Purpose.VERIFY)
ENROL = replace(EXAMPLE, operation=Purpose.ENROL, granted=())
FAILURES = (Outcome.NOT_MATCHED, Outcome.MALFORMED, Outcome.INTERRUPTED)


def written(*uses: tuple[Use, Outcome, Instant]) -> tuple[list[Receipt], Chain]:
    chain, receipts = begin_chain(EXAMPLE.owner_key), []
    for use, outcome, at in uses:
        receipt, chain = add(chain, use, outcome, at, PLACE)
        receipts.append(receipt)
    return receipts, chain


def test_receipts_name_the_one_before_them() -> None:
    receipts, chain = written(
        (ENROL, Outcome.ENROLLED, NOW), (VERIFY, Outcome.MATCHED, NOW)
    )
    assert [each.number for each in receipts] == [1, 2]
    assert receipts[0].previous == NOTHING_BEFORE
    assert receipts[1].previous == receipt_digest(receipts[0])
    assert (chain.number, chain.head) == (2, receipt_digest(receipts[1]))


@pytest.mark.parametrize("outcome", FAILURES)
def test_whatever_is_no_match_is_a_failed_try(outcome: Outcome) -> None:
    receipts, chain = written((VERIFY, outcome, NOW), (VERIFY, Outcome.MATCHED, NOW))
    assert [each.tries for each in receipts] == [1, 1]
    failed = tried(UNTRIED, NOW, is_match=False)
    assert chain.meter == tried(failed, NOW, is_match=True)


def test_what_is_no_verification_is_no_try() -> None:
    receipts, chain = written(
        (ENROL, Outcome.ENROLLED, NOW), (ENROL, Outcome.PRESENTED, NOW)
    )
    assert [each.tries for each in receipts] == [0, 0]
    assert (chain.meter.tries, chain.meter.failures) == (0, 0)


def test_whoever_has_all_receipts_has_the_meter() -> None:
    receipts, chain = written(
        (ENROL, Outcome.ENROLLED, NOW),
        *((VERIFY, outcome, NOW) for outcome in (Outcome.MATCHED, *FAILURES)),
        (VERIFY, Outcome.NOT_MATCHED, Instant(NOW + METER_TERM_MS)),
    )
    assert meter_of(receipts) == chain.meter
    assert meter_of([]) == UNTRIED


def test_a_new_term_begins_at_none() -> None:
    later = Instant(NOW + METER_TERM_MS)
    receipts, _ = written(
        (VERIFY, Outcome.NOT_MATCHED, NOW), (ENROL, Outcome.PRESENTED, later)
    )
    assert [each.tries for each in receipts] == [1, 0]


def test_the_trail_tells_every_order_from_every_other() -> None:
    one, other = bytes([1] * 32), bytes([2] * 32)
    there = follow_trail(follow_trail(bytes(32), one), other)
    back = follow_trail(follow_trail(bytes(32), other), one)
    assert len({there, back, follow_trail(bytes(32), one)}) == 3
