"""A worker is shipped what it lacks, and no more."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.names import Epoch, Form
from ipse.ground.params import LENGTH
from ipse.operator import holdings
from ipse.operator.holdings import Due, Holdings
from ipse_lab.searchers import KeptRecords

WORKERS = 3


def rows_of(slots: list[int]) -> dict[str, npt.NDArray[np.uint16]]:
    """Rows that tell their slot."""
    tellers = np.array(slots, np.uint16)[:, np.newaxis] + 1
    return {"face": np.repeat(tellers, LENGTH[Form.FACE], axis=1)}


class Mirror:
    """What workers hold, if they do as they are told."""

    def __init__(self, records: KeptRecords) -> None:
        """Begin with workers that hold nothing."""
        self.records = records
        self.holdings = Holdings(records, WORKERS)
        self.held: dict[int, npt.NDArray[np.uint16]] = {}
        self.shipped = 0  # rows so far

    def supply(self) -> list[Due]:
        """Bring all up to date."""
        told = []
        for number in range(WORKERS):
            due = self.holdings.due(number, Form.FACE)
            if due.is_anew:
                shape = (len(due.stripe), LENGTH[Form.FACE])
                self.held[number] = np.zeros(shape, np.uint16)
            self.held[number][due.gone - due.stripe.start] = 0
            for slots, rows in due.chunks:
                self.held[number][slots - due.stripe.start] = rows["face"]
                self.shipped += len(slots)
            told.append(due)
        return told

    def expect_equal(self) -> None:
        """Compare what is held, end to end, with the living rows."""
        alive = self.records.roll.alive(Form.FACE)
        held = np.concatenate([self.held[number] for number in range(WORKERS)])
        expected = np.zeros_like(held)
        with self.records.held(Form.FACE) as scan:
            expected[: len(alive)][alive] = scan.rows["face"][alive]
        assert np.array_equal(held, expected)


slots = st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True)


@given(st.lists(slots, min_size=1, max_size=6))
def test_workers_hold_the_living_rows_after_any_changes(
    changes: list[list[int]],
) -> None:
    records = KeptRecords()
    mirror = Mirror(records)
    living: set[int] = set()
    for touched in changes:
        gone = sorted(living & set(touched))
        new = sorted(set(touched) - living)
        records.erase(gone)
        if new:
            records.add(Form.FACE, new, rows_of(new))
        living = (living - set(gone)) | set(new)
        if living:
            mirror.supply()
            mirror.expect_equal()


def test_what_is_held_is_not_shipped_again() -> None:
    records = KeptRecords()
    everyone = list(range(59))
    records.add(Form.FACE, everyone, rows_of(everyone))
    mirror = Mirror(records)
    mirror.supply()
    assert mirror.shipped == 59
    mirror.supply()
    assert mirror.shipped == 59
    records.erase([7])
    records.add(Form.FACE, [59], rows_of([59]))
    told = mirror.supply()
    assert mirror.shipped == 60
    assert [due.gone.tolist() for due in told] == [[7], [], []]
    assert not any(due.is_anew for due in told)


def test_who_is_gone_is_shipped_its_stripe_anew() -> None:
    records = KeptRecords()
    everyone = list(range(9))
    records.add(Form.FACE, everyone, rows_of(everyone))
    mirror = Mirror(records)
    mirror.supply()
    mirror.holdings.forget(1)
    told = mirror.supply()
    assert [due.is_anew for due in told] == [False, True, False]
    assert mirror.shipped == 12
    mirror.expect_equal()


def test_another_epoch_s_rows_are_shipped_anew() -> None:
    records = KeptRecords()
    everyone = list(range(9))
    records.add(Form.FACE, everyone, rows_of(everyone))
    mirror = Mirror(records)
    mirror.supply()
    records.roll.epoch = Epoch(records.roll.epoch + 1)
    assert all(due.is_anew for due in mirror.supply())
    assert mirror.shipped == 18


def test_rows_that_no_record_names_never_leave() -> None:
    records = KeptRecords()
    records.add(Form.FACE, [0, 1, 2], rows_of([0, 1, 2]))
    records.erase([0])
    records._rows["face"][0] = 99
    mirror = Mirror(records)
    mirror.supply()
    assert mirror.shipped == 2
    mirror.expect_equal()


def test_a_chunk_is_bounded(monkeypatch: object) -> None:
    records = KeptRecords()
    everyone = list(range(30))
    records.add(Form.FACE, everyone, rows_of(everyone))
    row_bytes = 2 * LENGTH[Form.FACE]
    monkeypatch.setattr(holdings, "CHUNK_BYTES", 4 * row_bytes)  # type: ignore[attr-defined]  # pytest's
    due = Holdings(records, 1).due(0, Form.FACE)
    assert [len(slots) for slots, _ in due.chunks] == [4] * 7 + [2]
