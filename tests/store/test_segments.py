"""Rows are where and what they were, for their operator and epoch, or refused."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from ipse.crypto.ring import Words
from ipse.ground.errors import Malformed, OutOfTurn
from ipse.ground.names import Epoch, Form, OperatorId, Slot
from ipse.shares.shamir import FIELDS
from ipse.store.segment import HEADER_BYTES
from ipse.store.segments import Segments

FORMS = tuple(Form)
FACE = (Form.FACE,)
CHARTER = bytes(range(32))


def opened(
    folder: Path, *, charter: bytes = CHARTER, epoch: int = 0, operator: int = 1
) -> Segments:
    return Segments(
        folder,
        FORMS,
        charter=charter,
        epoch=Epoch(epoch),
        operator=OperatorId(operator),
    )


def rows_of(form: Form, seed: int, count: int = 1) -> dict[str, Words]:
    dice = np.random.default_rng(seed)
    return {
        field.name: dice.integers(
            1,
            np.iinfo(field.dtype).max,
            (count, field.length),
            field.dtype,
            endpoint=True,
        )
        for field in FIELDS[form]
    }


def face(seed: int, count: int = 1) -> Words:
    return rows_of(Form.FACE, seed, count)["face"]


@pytest.mark.parametrize("form", FORMS)
def test_rows_are_read_back_after_a_restart(tmp_path: Path, form: Form) -> None:
    slots = [Slot(0), Slot(5), Slot(5_000 if form is not Form.CODE else 40)]
    segments = opened(tmp_path)
    for slot in slots:
        segments.write(slot, form, rows_of(form, slot))
    segments.sync((form,))
    segments.close()
    again = opened(tmp_path)
    alive = np.zeros(slots[-1] + 1, np.bool_)
    alive[slots] = True
    with again.held() as held:
        scanned = held.rows((form,), alive)
        for slot in slots:
            row = again.row((form,), slot)
            for name, expected in rows_of(form, slot).items():
                assert np.array_equal(row[name], expected)
                assert np.array_equal(scanned[name][slot], expected[0])
        assert all(len(field) == slots[-1] + 1 for field in scanned.values())
    again.close()


def test_a_row_that_was_copied_stays(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(0), Form.FACE, rows_of(Form.FACE, 1))
    row = segments.row(FACE, Slot(0))["face"]
    segments.wipe((Slot(0),), FACE)
    assert np.array_equal(row, face(1))
    segments.close()


def test_an_erased_row_is_zeros_on_the_disk(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(1), Form.FACE, rows_of(Form.FACE, 1))
    done: list[str] = []
    segments.wipe((Slot(1), Slot(10**6)), FACE, lambda: done.append("zeros"))
    assert done == ["zeros"]
    content = (tmp_path / "0" / "face.rows").read_bytes()
    assert not any(content[HEADER_BYTES:])
    segments.close()


def test_a_row_that_is_read_is_erased_when_it_is_not(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(0), Form.FACE, rows_of(Form.FACE, 1, 3))
    with segments.held() as held:
        rows = held.rows(FACE, np.ones(3, np.bool_))["face"]
        segments.wipe((Slot(1),), FACE)
        segments.write(Slot(3), Form.FACE, rows_of(Form.FACE, 2, 9_000))  # grows
        with segments.held():
            pass  # began after the erasure was asked for: it delays nothing
        assert np.array_equal(rows, face(1, 3))
    assert rows.any(axis=1).tolist() == [True, False, True]
    segments.close()


def test_readers_and_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Scans run all the time, while rows are appended, erased and renewed."""
    segments = opened(tmp_path)
    alive = np.ones(64, np.bool_)
    segments.write(Slot(0), Form.FACE, rows_of(Form.FACE, 0, 64))
    is_over = threading.Event()
    faults: list[BaseException] = []
    scans: list[int] = []

    def scan() -> None:
        try:
            while not is_over.is_set():
                with segments.held() as held:
                    rows = held.rows(FACE, alive)["face"]
                    one = rows.copy()
                    assert np.array_equal(one, face(0, 64)) or np.array_equal(
                        one, face(1, 64)
                    )
                    assert np.array_equal(one, rows)
                    scans.append(1)
        except BaseException as fault:  # noqa: BLE001 (told below)
            faults.append(fault)

    threads = [threading.Thread(target=scan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(60):
        first = Slot(64 + 500 * number)
        segments.write(first, Form.FACE, rows_of(Form.FACE, number, 500))
        segments.wipe((first, Slot(first + 1)), FACE)
        if number == 30:
            renewal = segments.renew(bytes(32), Epoch(1))
            renewal.write(Slot(0), Form.FACE, rows_of(Form.FACE, 1, 64))
            renewal.expect_whole({Form.FACE: alive})
            segments.switch(renewal)
    is_over.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(scans) > 10
    assert [each.name for each in tmp_path.iterdir()] == ["1"]
    segments.close()


@pytest.mark.parametrize("file", ["face.rows", "face.sums"])
def test_a_flipped_bit_is_found_and_its_row_named(tmp_path: Path, file: str) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(0), Form.FACE, rows_of(Form.FACE, 0, 3))
    segments.close()
    path = tmp_path / "0" / file
    content = bytearray(path.read_bytes())
    content[HEADER_BYTES + 300 if file == "face.rows" else 9] ^= 1
    path.write_bytes(content)
    again = opened(tmp_path)
    again.row(FACE, Slot(0))
    with pytest.raises(Malformed, match=r"Row 1 .* damaged.*backup"):
        again.row(FACE, Slot(1))
    with again.held() as held:
        held.rows(FACE, np.array([True, False, True]))
        with pytest.raises(Malformed, match=r"Row 1 .* damaged.*backup"):
            held.rows(FACE, np.ones(3, np.bool_))
    again.close()


def test_a_row_that_is_written_again_is_checked_again(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(0), Form.FACE, rows_of(Form.FACE, 0))
    segments.row(FACE, Slot(0))
    segments.write(Slot(0), Form.FACE, rows_of(Form.FACE, 1))
    with (tmp_path / "0" / "face.rows").open("r+b") as file:
        file.seek(HEADER_BYTES)
        file.write(b"\0\0")
    with pytest.raises(Malformed, match="damaged"):
        segments.row(FACE, Slot(0))
    segments.close()


def test_a_creation_that_was_cut_off_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "0" / "face.rows"
    for left in (b"", b"\0" * 9, b"ipse seg", bytes(HEADER_BYTES)):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(left)
        opened(tmp_path).close()
        assert path.read_bytes().startswith(b"ipse segment 2\n")


def test_a_header_that_was_lost_is_not_made_up(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(0), Form.FACE, rows_of(Form.FACE, 0))
    segments.close()
    with (tmp_path / "0" / "face.rows").open("r+b") as file:
        file.write(bytes(HEADER_BYTES))
    with pytest.raises(Malformed, match="not this operator's"):
        opened(tmp_path)


def test_a_truncated_file_is_found(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(3), Form.FACE, rows_of(Form.FACE, 3))
    segments.close()
    for file, left in (("face.rows", HEADER_BYTES + 256), ("face.sums", 8)):
        path = tmp_path / "0" / file
        content = path.read_bytes()
        path.write_bytes(content[:left])
        again = opened(tmp_path)
        with pytest.raises(Malformed, match=r"cut off|damaged"):
            again.row(FACE, Slot(3))
        again.close()
        path.write_bytes(content)


def test_a_row_moved_to_another_slot_is_found(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(0), Form.FACE, rows_of(Form.FACE, 0, 2))
    segments.close()
    for file, size, start in (("face.rows", 256, HEADER_BYTES), ("face.sums", 8, 0)):
        path = tmp_path / "0" / file
        content = bytearray(path.read_bytes())
        one, two = slice(start, start + size), slice(start + size, start + 2 * size)
        content[one], content[two] = content[two], content[one]
        path.write_bytes(content)
    again = opened(tmp_path)
    with pytest.raises(Malformed, match="damaged"):
        again.row(FACE, Slot(0))
    again.close()


@pytest.mark.parametrize(
    "other", [{"charter": bytes(32)}, {"operator": 2}], ids=["network", "operator"]
)
def test_shares_of_another_network_or_operator_are_refused(
    tmp_path: Path, other: dict[str, object]
) -> None:
    opened(tmp_path).close()
    with pytest.raises(Malformed, match="not this operator's for this network and"):
        opened(tmp_path, **other)  # type: ignore[arg-type]  # one field at a time


def test_shares_of_another_epoch_are_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with pytest.raises(Malformed, match="of another epoch than 1"):
        opened(tmp_path, epoch=1)
    (tmp_path / "0").rename(tmp_path / "1")
    with pytest.raises(Malformed, match="not this operator's for this network and"):
        opened(tmp_path, epoch=1)


def test_a_row_of_another_shape_is_not_written(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    for rows in (np.zeros((1, 127), np.uint16), np.zeros((1, 128), np.uint32)):
        with pytest.raises(Malformed, match="another shape"):
            segments.write(Slot(0), Form.FACE, {"face": rows})
    segments.close()


def test_an_epoch_that_does_not_follow_is_not_begun(tmp_path: Path) -> None:
    segments = opened(tmp_path, epoch=3)
    with pytest.raises(OutOfTurn, match="does not follow"):
        segments.renew(CHARTER, Epoch(3))
    segments.close()


def test_only_the_renewal_begun_last_becomes_the_present(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    first = segments.renew(CHARTER, Epoch(1))
    first.write(Slot(0), Form.FACE, rows_of(Form.FACE, 1))
    second = segments.renew(CHARTER, Epoch(1))
    assert not second.generation.filled(Form.FACE).any()
    with pytest.raises(OutOfTurn, match="over"):
        segments.switch(first)
    segments.switch(second)
    with pytest.raises(OutOfTurn, match="over"):
        segments.switch(second)
    segments.close()


def test_what_is_left_of_other_epochs_is_destroyed(tmp_path: Path) -> None:
    segments = opened(tmp_path, epoch=1)
    segments.renew(CHARTER, Epoch(2)).write(Slot(0), Form.FACE, rows_of(Form.FACE, 1))
    segments.close()
    again = opened(tmp_path, epoch=1)
    again.discard_others()
    assert [each.name for each in tmp_path.iterdir()] == ["1"]
    again.close()


FULL = """
import resource, sys
from pathlib import Path
from ipse.ground.errors import Unavailable
sys.path.insert(0, {here!r})
from test_segments import opened, rows_of, FACE, Form, Slot
segments = opened(Path({folder!r}))
segments.write(Slot(0), Form.FACE, rows_of(Form.FACE, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 21, 1 << 21))
try:
    segments.write(Slot(1 << 20), Form.FACE, rows_of(Form.FACE, 1))
except Unavailable as full:
    print(full)
segments.row(FACE, Slot(0))
segments.write(Slot(1), Form.FACE, rows_of(Form.FACE, 1))
segments.row(FACE, Slot(1))
"""


def test_a_full_disk_is_a_sentence_and_loses_no_row(tmp_path: Path) -> None:
    script = FULL.format(here=str(Path(__file__).parent), folder=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "disk is full" in done.stdout
    assert "nothing was lost" in done.stdout
    again = opened(tmp_path)
    again.row(FACE, Slot(0))
    again.close()
