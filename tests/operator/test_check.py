"""A check finds what opening a home trusts."""

from pathlib import Path

import pytest

from ipse.ground.errors import IpseError, Malformed, Misbehaved
from ipse.ground.names import OPERATORS, Form, RequestId
from ipse.operator.check import Checked, check, check_log
from ipse.operator.roll import SUM
from ipse.store.ledger import Record
from ipse.tlog.logs import log_of
from ipse_lab.examples import charter
from ipse_lab.logs import numbered
from ipse_lab.lone import BOTH, FACE, OWNER_KEY, lone_store, planned, row_of
from ipse_lab.witnesses import Three

REQUEST = RequestId(bytes(16))
ONE_OF_THREE = OPERATORS[0]
ONE, TWO = planned(1, 0, BOTH), planned(2, 1)


def test_what_is_in_order_is_counted(tmp_path: Path) -> None:
    with lone_store(tmp_path) as store:
        assert check(store.ledger, store.segments) == Checked(0, 0)
        store.add(ONE, TWO)
        assert check(store.ledger, store.segments) == Checked(2, 0)


@pytest.mark.parametrize("name", [("face", 0), ("voice", 0), SUM])
def test_a_page_that_does_not_fit_the_records_is_found(
    tmp_path: Path, name: tuple[str, int]
) -> None:
    with lone_store(tmp_path) as store:
        store.add(ONE, TWO)
        page = store.ledger.pages()[name]
        store.ledger.settle(REQUEST, pages={name: bytes([page[0] ^ 4]) + page[1:]})
        with pytest.raises(Malformed, match=r"roll is not what .*restore"):
            check(store.ledger, store.segments)


def test_a_record_that_is_missing_is_found(tmp_path: Path) -> None:
    with lone_store(tmp_path) as store:
        store.add(ONE, TWO)
        since = store.records.roll.get(TWO.handle)
        assert since is not None
        gone = Record(TWO.handle, TWO.slot, OWNER_KEY, FACE, since.since)
        store.ledger.settle(REQUEST, removed=(gone,))
        with pytest.raises(Malformed, match="restore"):
            check(store.ledger, store.segments)


@pytest.mark.parametrize("file", ["face.rows", "voice.rows", "face.sums"])
def test_a_row_that_rots_is_found_though_it_was_read_before(
    tmp_path: Path, file: str
) -> None:
    with lone_store(tmp_path) as store:
        store.add(ONE, TWO)
        with store.records.held(Form.FACE), store.records.held(Form.VOICE):
            pass
        with (tmp_path / "segments" / "0" / file).open("r+b") as opened:
            opened.seek(4_100 if file.endswith("rows") else 0)
            opened.write(b"\0\0\0\0")
        with pytest.raises(Malformed, match=r"Row 0 .*damaged.*backup"):
            check(store.ledger, store.segments)


def logged(tmp_path: Path) -> Three:
    """Return three operators, the first of which has logged 300 leaves."""
    three = Three(tmp_path)
    three.leaves[ONE_OF_THREE].listed = numbered(300)
    publisher = three.publisher(ONE_OF_THREE)
    while publisher.turn():
        pass
    return three


def checked(three: Three) -> int:
    log = log_of(charter(), ONE_OF_THREE)
    return check_log(three.log(ONE_OF_THREE), log, three.leaves[ONE_OF_THREE])


def test_a_log_that_is_in_order_is_counted(tmp_path: Path) -> None:
    assert checked(Three(tmp_path / "new")) == 0
    three = logged(tmp_path)
    assert checked(three) == 300
    three.leaves[ONE_OF_THREE].listed += [b"not logged yet"]
    assert checked(three) == 300


def test_a_log_that_rots_is_found_in_any_file(tmp_path: Path) -> None:
    three = logged(tmp_path)
    files = [
        path for path in three.place(ONE_OF_THREE, "log").rglob("*") if path.is_file()
    ]
    assert len(files) == 7
    for path in files:
        good = path.read_bytes()
        path.write_bytes(good[:20] + bytes([good[20] ^ 1]) + good[21:])
        with pytest.raises(IpseError):
            checked(three)
        path.write_bytes(good)
    assert checked(three) == 300


def test_a_ledger_that_says_otherwise_than_the_log_is_found(tmp_path: Path) -> None:
    three = logged(tmp_path)
    three.leaves[ONE_OF_THREE].listed[3] = b"another"
    with pytest.raises(Misbehaved, match="tile/entries/000 and the ledger differ"):
        checked(three)


def test_a_row_that_nobody_names_is_overwritten_if_asked_and_one_in_doubt_never(
    tmp_path: Path,
) -> None:
    with lone_store(tmp_path) as store:
        store.add(ONE)
        store.prepare(TWO)
        stray = row_of(TWO.handle, Form.VOICE, 0)
        rows = {name: field.reshape(1, -1) for name, field in stray.items()}
        store.segments.write(planned(3, 9).slot, Form.VOICE, rows)
        filled = store.segments.generation.filled
        assert filled(Form.VOICE).sum() == 2
        assert check(store.ledger, store.segments) == Checked(1, 1)
        assert filled(Form.VOICE).sum() == 2
        assert check(store.ledger, store.segments, overwrite=True) == Checked(1, 1)
        assert filled(Form.VOICE).sum() == 1
        assert filled(Form.FACE).sum() == 2
