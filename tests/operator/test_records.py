"""Whatever a crash cuts off, records, roll and rows say the same afterwards."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np
import pytest

from ipse.ground.errors import Malformed, OutOfTurn
from ipse.ground.names import Epoch, Form, Slot
from ipse.operator.check import check
from ipse.wire.change import Planned
from ipse_lab.failing import Chances, Struck
from ipse_lab.lone import (
    BOTH,
    FACE,
    LoneStore,
    belongs_to,
    lone_store,
    planned,
    row_of,
)

ONE, TWO, THREE, FOUR = (
    planned(1, 0),
    planned(2, 1, BOTH),
    planned(3, 2),
    planned(4, 0, BOTH),
)

Standing: TypeAlias = tuple[set[Planned], int]
"""Who is enrolled, and in which epoch."""

PLAY: tuple[tuple[Callable[[LoneStore], None], Standing], ...] = (
    (lambda store: store.add(ONE, TWO), ({ONE, TWO}, 0)),
    (lambda store: store.abort(THREE), ({ONE, TWO}, 0)),
    (lambda store: store.remove(ONE), ({TWO}, 0)),
    (lambda store: store.add(FOUR, THREE), ({TWO, THREE, FOUR}, 0)),
    (LoneStore.renew, ({TWO, THREE, FOUR}, 1)),
    (lambda store: store.remove(TWO), ({THREE, FOUR}, 1)),
)


def assert_sound(store: LoneStore, folder: Path, standing: Standing) -> None:
    """Everything that is stored is what ought to be, byte for byte."""
    living, epoch = standing
    found = {(record.handle, record.slot) for record in store.ledger.records()}
    assert found == {(one.handle, one.slot) for one in living}
    checked = check(store.ledger, store.segments)
    assert (checked.records, checked.strays) == (len(living), 0)
    assert len(store.records.roll) == len(living)
    assert store.records.roll.epoch == epoch
    for one in living:
        rows = store.records.row(one.forms, one.slot)
        for form in one.forms:
            for name, field in row_of(one.handle, form, epoch).items():
                assert np.array_equal(rows[name][0], field)
    assert store.ledger.wipes() == {}
    assert [each.name for each in (folder / "segments").iterdir()] == [f"{epoch}"]


def test_the_play_ends_as_it_should(tmp_path: Path) -> None:
    with lone_store(tmp_path) as store:
        for step, standing in PLAY:
            step(store)
            assert_sound(store, tmp_path, standing)
    with lone_store(tmp_path, epoch=1) as again:
        assert_sound(again, tmp_path, PLAY[-1][1])


def play(folder: Path, chances: Chances) -> int:
    """Play until something fails. Returns: how many steps ended."""
    ended = 0
    try:
        with lone_store(folder, chances=chances) as store:
            for step, _ in PLAY:
                step(store)
                ended += 1
    except Struck:
        pass
    return ended


@pytest.fixture
def memory() -> Iterator[Path]:
    """Return a folder in memory, if there is one: the disk that fails is played."""
    shared = "/dev/shm"  # noqa: S108 (Linux's; the folder in it is fresh)
    with TemporaryDirectory(dir=shared if Path(shared).is_dir() else None) as name:
        yield Path(name)


@pytest.mark.parametrize("is_before", [True, False])
def test_a_failure_at_any_write_leaves_before_or_after(
    memory: Path, *, is_before: bool
) -> None:
    """Each write fails before it took hold or after; what was not synced may go."""
    whole = Chances()
    (memory / "whole").mkdir()
    assert play(memory / "whole", whole) == len(PLAY)
    assert whole.count > 60
    for number in range(whole.count):
        folder = memory / f"{number}"
        folder.mkdir()
        ended = play(folder, Chances(number, is_before=is_before, seed=number))
        before = PLAY[ended - 1][1] if ended else (set[Planned](), 0)
        after = PLAY[min(ended, len(PLAY) - 1)][1]
        assert_one_of(folder, before, after)


def assert_one_of(folder: Path, before: Standing, after: Standing) -> None:
    """What a crash left is one of the two, and goes on."""
    with lone_store(folder, epoch=epoch_of(folder)) as store:
        for change in store.records.doubts():
            store.records.abort(change)  # nobody committed it
        found = {record.handle for record in store.ledger.records()}
        standing = next(
            (living, epoch)
            for living, epoch in (before, after)
            if epoch == store.epoch and {one.handle for one in living} == found
        )
        assert_sound(store, folder, standing)
        another = planned(9, 7)
        store.add(another)
        assert_sound(store, folder, ({*standing[0], another}, store.epoch))


def epoch_of(folder: Path) -> int:
    """Return the epoch that the ledger says it is."""
    with closing(sqlite3.connect(folder / "store.sqlite")) as ledger:
        query = "SELECT content FROM marks WHERE name = 'belongs to'"
        try:
            found = ledger.execute(query).fetchone()
        except sqlite3.OperationalError:
            return 0  # there is no table yet
    return 1 if found == (belongs_to(Epoch(1)),) else 0


def test_a_search_sees_what_it_began_with(tmp_path: Path) -> None:
    with lone_store(tmp_path) as store:
        store.add(ONE, TWO)
        with store.records.held(Form.FACE) as scan:
            store.remove(ONE)
            store.add(THREE)
            assert scan.alive.tolist() == [True, True]
            for one in (ONE, TWO):
                row = row_of(one.handle, Form.FACE, 0)["face"]
                assert np.array_equal(scan.rows["face"][one.slot], row)
            assert not store.records.roll.is_free(ONE.slot)
            assert store.ledger.wipes() == {ONE.slot: FACE}
            with store.records.held(Form.FACE) as later:
                assert later.alive.tolist() == [False, True, True]
        assert store.records.roll.is_free(Slot(0))
        assert_sound(store, tmp_path, ({TWO, THREE}, 0))


def test_a_search_of_two_forms_sees_who_has_both(tmp_path: Path) -> None:
    with lone_store(tmp_path) as store:
        store.add(ONE, TWO, THREE)
        with store.records.held(*BOTH) as scan:
            assert scan.alive.tolist() == [False, True]
            assert set(scan.rows) == {"face", "voice"}


def test_a_search_that_began_before_the_switch_ends_on_the_old_rows(
    tmp_path: Path,
) -> None:
    with lone_store(tmp_path) as store:
        store.add(ONE)
        before = store.records.roll.digest()
        with store.records.held(Form.FACE) as scan:
            store.renew()
            old, new = (row_of(ONE.handle, Form.FACE, at)["face"] for at in (0, 1))
            assert np.array_equal(scan.rows["face"][0], old)
            with store.records.held(Form.FACE) as later:
                assert np.array_equal(later.rows["face"][0], new)
            assert (tmp_path / "segments" / "0").is_dir()
        assert store.records.roll.digest() != before
        assert_sound(store, tmp_path, ({ONE}, 1))


def test_the_epoch_is_not_switched_while_a_change_is_in_doubt(tmp_path: Path) -> None:
    with lone_store(tmp_path) as store:
        store.prepare(ONE)
        with pytest.raises(OutOfTurn, match="in doubt"):
            store.renew()


def test_a_damaged_row_is_not_committed(tmp_path: Path) -> None:
    with lone_store(tmp_path) as store:
        change = store.prepare(ONE)
        with (tmp_path / "segments" / "0" / "face.rows").open("r+b") as file:
            file.seek(4_100)
            file.write(b"\0\0\0\0")
        with pytest.raises(Malformed, match=r"Row 0 .*damaged"):
            store.records.commit(change)


def test_a_new_ledger_in_the_place_of_the_old_one_is_refused(tmp_path: Path) -> None:
    with lone_store(tmp_path) as store:
        store.add(ONE)
    (tmp_path / "store.sqlite").unlink()
    with pytest.raises(Malformed, match="the ledger never knew"), lone_store(tmp_path):
        pass
    assert any((tmp_path / "segments" / "0" / "face.rows").read_bytes()[4_096:])


def test_a_first_record_that_was_aborted_leaves_a_store_that_opens(
    tmp_path: Path,
) -> None:
    with lone_store(tmp_path) as store:
        store.prepare(ONE)
    with lone_store(tmp_path) as store:
        store.records.abort(*store.records.doubts())
    with lone_store(tmp_path) as store:
        assert_sound(store, tmp_path, (set(), 0))


def test_a_ledger_and_segments_of_two_homes_do_not_open(tmp_path: Path) -> None:
    with lone_store(tmp_path) as store:
        store.add(ONE)
    (tmp_path / "segments" / "0" / "face.rows").unlink()
    with pytest.raises(Malformed, match="cut off"), lone_store(tmp_path):
        pass
