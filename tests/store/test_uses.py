"""What is known of grants follows from changes alone: it is the same at all three."""

from collections.abc import Iterator

import pytest

from ipse.ground.names import HANDLE_BYTES, REQUEST_ID_BYTES, Handle, Instant, RequestId
from ipse.store.ledger import Ledger
from ipse.store.uses import Used, Written
from ipse_lab.fakes import SettableClock

GRANT = bytes(32)
ENDS = Instant(1_000)
USED = Used(
    Handle(bytes(HANDLE_BYTES)),
    1,
    is_withdrawn=False,
    is_standing=False,
    not_after=ENDS,
)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger(url, "network 0 1", SettableClock(Instant(0)))
    yield opened
    opened.close()


def request(number: int) -> RequestId:
    return RequestId(number.to_bytes(REQUEST_ID_BYTES))


@pytest.mark.parametrize(("later", "is_known"), [(ENDS, True), (ENDS + 1, False)])
def test_a_grant_is_forgotten_by_a_change_after_its_end_and_by_no_clock(
    ledger: Ledger, later: int, *, is_known: bool
) -> None:
    ledger.settle(request(1), written=Written(Instant(1), {GRANT: USED}, {}, (), ()))
    ledger.see(request(2), Instant(9_000), now=Instant(5_000))  # a clock that is ahead
    assert ledger.uses.grants([GRANT]) == {GRANT: USED}
    ledger.settle(request(3), written=Written(Instant(later), {}, {}, (), ()))
    assert bool(ledger.uses.grants([GRANT])) is is_known
