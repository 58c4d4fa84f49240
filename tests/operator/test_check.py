"""A check finds what opening a home trusts."""

from pathlib import Path

import pytest

from ipse.ground.errors import Malformed
from ipse.ground.names import Form, RequestId
from ipse.operator.check import Checked, check
from ipse.operator.roll import SUM
from ipse.store.ledger import Record
from ipse_lab.lone import BOTH, FACE, OWNER_KEY, lone_store, planned, row_of

REQUEST = RequestId(bytes(16))
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
