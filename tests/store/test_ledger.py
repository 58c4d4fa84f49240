"""What the ledger said it stored is there after any end of the process."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ipse.ground.errors import Malformed, Refused, Unavailable
from ipse.ground.names import Form, Handle, Instant, OperatorId, RequestId, Slot
from ipse.store.ledger import Ledger, Record
from ipse_lab.fakes import SettableClock

REQUEST, OTHER = RequestId(b"r" * 16), RequestId(b"s" * 16)
TWO, THREE = OperatorId(2), OperatorId(3)
BOTH = (Form.FACE, Form.VOICE)
RECORD = Record(Handle(b"h" * 16), Slot(2**40), b"k" * 32, BOTH, Instant(2**41))


def opened(url: str, belongs_to: str = "network 0 1") -> Ledger:
    return Ledger(url, belongs_to, SettableClock(Instant(0)))


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    one = opened(url)
    yield one
    one.close()


def reopened(ledger: Ledger, url: str) -> Ledger:
    ledger.close()
    return opened(url)


def test_a_record_is_read_back(ledger: Ledger, url: str) -> None:
    ledger.doubt(REQUEST, b"change")
    assert ledger.doubts() == {REQUEST: b"change"}
    pages = {("face", 1): b"\x00\xff", ("sum", 0): b"sum"}
    ledger.settle(REQUEST, added=(RECORD,), unheard=(TWO, THREE), pages=pages)
    again = reopened(ledger, url)
    assert list(again.records()) == [RECORD]
    assert again.find(RECORD.handle) == RECORD
    assert again.pages() == pages
    assert again.doubts() == {}
    assert again.decisions() == {REQUEST: (TWO, THREE)}
    again.close()


def test_a_page_has_its_last_content(ledger: Ledger) -> None:
    ledger.settle(REQUEST, pages={("face", 0): b"one", ("face", 1): b"two"})
    ledger.settle(REQUEST, pages={("face", 1): b"three", ("voice", 1): b"four"})
    assert ledger.pages() == {
        ("face", 0): b"one",
        ("face", 1): b"three",
        ("voice", 1): b"four",
    }


def test_what_is_removed_is_to_be_wiped_until_it_is(ledger: Ledger, url: str) -> None:
    ledger.settle(REQUEST, added=(RECORD,))
    ledger.settle(OTHER, removed=(RECORD,))
    assert ledger.find(RECORD.handle) is None
    again = reopened(ledger, url)
    assert again.wipes() == {RECORD.slot: RECORD.forms}
    again.wiped((RECORD.slot,))
    assert again.wipes() == {}
    again.close()


def test_any_of_many_handles_is_found(ledger: Ledger) -> None:
    ledger.settle(REQUEST, added=(RECORD,))
    strangers = [Handle(number.to_bytes(16)) for number in range(10_000)]
    assert not ledger.knows_any(strangers)
    assert not ledger.knows_any(())
    assert ledger.knows_any((*strangers, RECORD.handle))


def test_all_of_many_records_are_read_by_slot(ledger: Ledger) -> None:
    many = [
        replace(RECORD, handle=Handle(number.to_bytes(16)), slot=Slot(9_999 - number))
        for number in range(10_000)
    ]
    ledger.settle(REQUEST, added=many)
    assert list(ledger.records()) == many[::-1]


def test_records_are_found_by_their_slots(ledger: Ledger) -> None:
    slots = [Slot(slot) for slot in range(0, 30_000, 3)]
    records = [
        replace(RECORD, handle=Handle(slot.to_bytes(16)), slot=slot) for slot in slots
    ]
    ledger.settle(REQUEST, added=records)
    assert ledger.at(slots[::-1][:3]) == records[-3:]
    assert ledger.at([Slot(1), Slot(3)]) == [records[1]]
    assert ledger.at(slots) == records
    assert ledger.at([]) == []


def test_a_decision_is_forgotten_after_the_last_ear(ledger: Ledger) -> None:
    ledger.settle(REQUEST, unheard=(TWO, THREE))
    ledger.hear(REQUEST, TWO)
    ledger.hear(REQUEST, TWO)
    assert ledger.decisions() == {REQUEST: (THREE,)}
    ledger.hear(REQUEST, THREE)
    ledger.hear(REQUEST, THREE)
    assert ledger.decisions() == {}


def test_a_change_that_cannot_be_whole_is_not_there_at_all(ledger: Ledger) -> None:
    ledger.settle(REQUEST, added=(RECORD,), pages={("sum", 0): b"one"})
    ledger.doubt(OTHER, b"change")
    other = replace(RECORD, handle=Handle(b"i" * 16))  # in the same slot
    fresh = replace(RECORD, handle=Handle(b"j" * 16), slot=Slot(9))
    with pytest.raises(Unavailable, match="could not store the decision") as raised:
        ledger.settle(
            OTHER, added=(fresh, other), unheard=(TWO,), pages={("sum", 0): b"two"}
        )
    assert str(RECORD.slot) not in str(raised.value)
    assert list(ledger.records()) == [RECORD]
    assert ledger.pages() == {("sum", 0): b"one"}
    assert OTHER in ledger.doubts()
    assert ledger.decisions() == {}


def test_a_request_is_seen_once_until_it_is_over(ledger: Ledger, url: str) -> None:
    ledger.see(REQUEST, Instant(1_000), Instant(0))
    again = reopened(ledger, url)
    with pytest.raises(Refused, match="sent before"):
        again.see(REQUEST, Instant(1_000), Instant(1_000))
    again.see(REQUEST, Instant(3_000), Instant(3_000))  # the old one was forgotten
    again.close()


SEEN = """
import os, sys
from ipse.store.ledger import Ledger
from ipse_lab.fakes import SettableClock
ledger = Ledger(sys.argv[1], "network 0 1", SettableClock(0))
for number in range(50):
    ledger.see(number.to_bytes(16), 1_000, 0)
os.kill(os.getpid(), 9)
"""


def test_a_killed_process_forgets_no_request(url: str) -> None:
    killed = subprocess.run([sys.executable, "-c", SEEN, url], check=False)
    assert killed.returncode == -9
    ledger = opened(url)
    for number in range(50):
        with pytest.raises(Refused, match="sent before"):
            ledger.see(RequestId(number.to_bytes(16)), Instant(1_000), Instant(0))
    ledger.close()


def test_a_ledger_of_another_is_refused(ledger: Ledger, url: str) -> None:
    ledger.close()
    with pytest.raises(Malformed, match=r"belongs to.*own home or database"):
        opened(url, "network 0 2")


def test_a_ledger_has_one_process(ledger: Ledger, url: str) -> None:
    with pytest.raises(Unavailable, match="in use by another process: stop that one"):
        opened(url)
    assert ledger.doubts() == {}


def test_the_next_epoch_is_the_ledgers_from_then_on(ledger: Ledger, url: str) -> None:
    ledger.settle(REQUEST, added=(RECORD,))
    ledger.renew("network 1 1")
    ledger.close()
    with pytest.raises(Malformed, match="belongs to"):
        opened(url)
    again = opened(url, "network 1 1")
    assert list(again.records()) == [RECORD]
    again.close()
