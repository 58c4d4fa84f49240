"""What the records alone say follows from the request and the roll."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from ipse.ground.names import Form, Handle, Instant, Purpose, Slot
from ipse.ground.params import METER_FREE_FAILURES
from ipse.operator.admission import Admitted
from ipse.operator.position import Standing, position_of
from ipse.operator.uses import Tally
from ipse.shares.replicated import Part
from ipse.store.archive import file_url
from ipse.store.ledger import Ledger, Record
from ipse.store.uses import Uses as Stored
from ipse.wire.change import seeded_handle
from ipse.wire.request import VerifiedRequest
from ipse_lab.book import Book
from ipse_lab.examples import NOW, header, request, signed_grant
from ipse_lab.fakes import SettableClock

HANDLE, OTHER, NOBODY = (Handle(letter * 16) for letter in (b"h", b"o", b"n"))
FACE, BOTH = (Form.FACE,), (Form.FACE, Form.VOICE)


def asking(
    purpose: Purpose,
    handle: Handle = HANDLE,
    forms: tuple[Form, ...] = (),
    bodies: int = 1,
) -> Admitted:
    """A request by the example's owner, with as many bodies as are said."""
    asked = replace(header(purpose, forms), handle=handle)
    granted = (signed_grant(),) if asked.grant else ()
    nothing = np.zeros((1, 1), np.uint32)
    parts = tuple(Part(form, nothing, nothing) for form in forms) * bodies
    verified = VerifiedRequest(
        replace(request(), header=asked), bytes(32), granted, b""
    )
    return Admitted(verified, (), parts)


def enrolled(handle: Handle, key: bytes, forms: tuple[Form, ...], slot: int) -> Record:
    return Record(handle, Slot(slot), key, forms, Instant(0))


OWN = asking(Purpose.STATUS).header.owner_key
FOREIGN = bytes(32)
ROLL = Book(
    enrolled(HANDLE, OWN, FACE, 0),
    enrolled(OTHER, FOREIGN, BOTH, 1),
    enrolled(seeded_handle(HANDLE, 2), OWN, FACE, 2),
).roll


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    """Uses of a ledger in which nothing was used."""
    url = file_url(tmp_path_factory.mktemp("position") / "ledger")
    with closing(Ledger(url, "nobody's", SettableClock(NOW))) as ledger:
        yield ledger.uses


def tally_of(stored: Stored, *, is_metered: bool = True) -> Tally:
    return Tally(stored, NOW, is_metered)


def test_tries_of_one_record_are_counted_in_a_job_as_if_they_failed(
    stored: Stored,
) -> None:
    """Whatever the convenor calls together, the meter is asked before each."""
    tally, free = tally_of(stored), tally_of(stored, is_metered=False)
    said = [tally.try_once(HANDLE) for _ in range(METER_FREE_FAILURES + 3)]
    allowed = METER_FREE_FAILURES + 1
    assert said[:allowed] == [""] * allowed
    assert all("try again in 60 seconds" in why_not for why_not in said[allowed:])
    assert tally.try_once(OTHER) == ""
    assert [free.try_once(HANDLE) for _ in range(100)] == [""] * 100


def test_who_is_refused_by_the_meter_keeps_the_use_of_the_grant(
    stored: Stored,
) -> None:
    tally = tally_of(stored)
    while not tally.try_once(HANDLE):
        pass
    asked = asking(Purpose.VERIFY, HANDLE, FACE)
    position = position_of(asked, ROLL, tally)
    assert position.standing is Standing.REFUSED
    assert "without a match too often" in position.detail
    for signed in asked.request.granted:
        assert [tally.use(signed) for _ in range(3)] == [""] * 3


def test_a_grant_is_counted_within_a_job(stored: Stored) -> None:
    """The example's grant is for three uses."""
    tally = tally_of(stored)
    asked = asking(Purpose.VERIFY, HANDLE, FACE)
    standings = [position_of(asked, ROLL, tally).standing for _ in range(4)]
    assert standings == [Standing.READY] * 3 + [Standing.REFUSED]
    unused = tally_of(stored)
    assert position_of(asked, ROLL, unused).standing is Standing.READY


@pytest.mark.parametrize(
    ("admitted", "standing"),
    [
        (asking(Purpose.ENROL, HANDLE, FACE), Standing.KNOWN),
        (asking(Purpose.ENROL, NOBODY, FACE), Standing.READY),
        (asking(Purpose.SEED, HANDLE, FACE, bodies=2), Standing.READY),
        (asking(Purpose.SEED, HANDLE, FACE, bodies=3), Standing.REFUSED),
        (asking(Purpose.BITS, NOBODY, FACE), Standing.READY),
        (asking(Purpose.VERIFY, HANDLE, FACE), Standing.READY),
        (asking(Purpose.VERIFY, HANDLE, BOTH), Standing.REFUSED),
        (asking(Purpose.VERIFY, NOBODY, FACE), Standing.UNKNOWN),
        (asking(Purpose.VERIFY, OTHER, FACE), Standing.UNKNOWN),
        (asking(Purpose.STATUS), Standing.KNOWN),
        (asking(Purpose.STATUS, OTHER), Standing.UNKNOWN),
        (asking(Purpose.ERASE), Standing.READY),
        (asking(Purpose.ERASE, OTHER), Standing.UNKNOWN),
        (asking(Purpose.WITHDRAW), Standing.READY),
        (asking(Purpose.WITHDRAW, OTHER), Standing.UNKNOWN),
        (asking(Purpose.LEDGER), Standing.UNKNOWN),
    ],
    ids=[
        "enrolled already",
        "enrols",
        "seeds two",
        "seeds one that is there",
        "asks for bits",
        "verifies",
        "verifies more than was enrolled",
        "verifies nobody",
        "verifies another's",
        "asks for its status",
        "asks for another's",
        "erases",
        "erases another's",
        "withdraws a grant",
        "withdraws another's",
        "asks for receipts, and has none",
    ],
)
def test_how_a_request_stands(
    admitted: Admitted, standing: Standing, stored: Stored
) -> None:
    position = position_of(admitted, ROLL, tally_of(stored))
    assert position.standing is standing
    assert bool(position.detail) is (standing is Standing.REFUSED)
