"""Rows are where and what they were, for their operator and epoch, or refused."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ipse.crypto.ring import Words
from ipse.ground.errors import Malformed
from ipse.ground.names import Epoch, Form, OperatorId, Slot
from ipse.shares.shamir import FIELDS
from ipse.store.segments import HEADER_BYTES, Segments

FORMS = tuple(Form)
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


def row_of(form: Form, seed: int) -> dict[str, Words]:
    dice = np.random.default_rng(seed)
    return {
        field.name: dice.integers(
            0, np.iinfo(field.dtype).max, field.length, field.dtype, endpoint=True
        )
        for field in FIELDS[form]
    }


@pytest.mark.parametrize("form", FORMS)
def test_rows_are_read_back_after_a_restart(tmp_path: Path, form: Form) -> None:
    slots = [Slot(0), Slot(5), Slot(5_000 if form is not Form.CODE else 40)]
    segments = opened(tmp_path)
    for slot in slots:
        segments.write(slot, form, row_of(form, slot))
    segments.sync((form,))
    segments.close()
    again = opened(tmp_path)
    for slot in slots:
        again.expect_intact(slot, (form,))
        for name, field in again.row((form,), slot).items():
            assert np.array_equal(field[0], row_of(form, slot)[name])
    assert len(again.rows((form,), slots[-1])[FIELDS[form][0].name]) == slots[-1]
    again.close()


def test_a_row_that_is_rewritten_is_seen_at_once(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(3), Form.FACE, row_of(Form.FACE, 1))
    view = segments.rows((Form.FACE,), 4)["face"]
    segments.write(Slot(3), Form.FACE, row_of(Form.FACE, 2))
    assert np.array_equal(view[3], row_of(Form.FACE, 2)["face"])
    segments.close()


def test_an_erased_row_is_zeros_on_the_disk(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(1), Form.FACE, row_of(Form.FACE, 1))
    segments.erase(Slot(1), (Form.FACE,))
    segments.sync((Form.FACE,))
    segments.close()
    content = (tmp_path / "face.rows").read_bytes()
    assert not any(content[HEADER_BYTES:])


def test_rows_that_nobody_names_are_wiped(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    for slot in range(3):
        segments.write(Slot(slot), Form.FACE, row_of(Form.FACE, slot))
    segments.wipe_all_but({Slot(1)})
    rows = segments.rows((Form.FACE,), 3)["face"]
    assert rows.any(axis=1).tolist() == [False, True, False]
    segments.close()


@pytest.mark.parametrize("file", ["face.rows", "face.sums"])
def test_a_flipped_bit_is_found_and_its_row_named(tmp_path: Path, file: str) -> None:
    segments = opened(tmp_path)
    for slot in range(3):
        segments.write(Slot(slot), Form.FACE, row_of(Form.FACE, slot))
    segments.close()
    content = bytearray((tmp_path / file).read_bytes())
    place = HEADER_BYTES + 300 if file == "face.rows" else 9
    content[place] ^= 1
    (tmp_path / file).write_bytes(content)
    again = opened(tmp_path)
    again.expect_intact(Slot(0), (Form.FACE,))
    with pytest.raises(Malformed, match=r"Row 1 .* damaged.*backup"):
        again.expect_intact(Slot(1), (Form.FACE,))
    again.close()


def test_a_truncated_file_is_found(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.write(Slot(3), Form.FACE, row_of(Form.FACE, 3))
    segments.close()
    content = (tmp_path / "face.rows").read_bytes()
    (tmp_path / "face.rows").write_bytes(content[: HEADER_BYTES + 256])
    again = opened(tmp_path)
    with pytest.raises(Malformed, match="damaged"):
        again.expect_intact(Slot(3), (Form.FACE,))
    again.close()


def test_a_row_moved_to_another_slot_is_found(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    for slot in range(2):
        segments.write(Slot(slot), Form.FACE, row_of(Form.FACE, slot))
    segments.close()
    for file, size, start in (("face.rows", 256, HEADER_BYTES), ("face.sums", 8, 0)):
        content = bytearray((tmp_path / file).read_bytes())
        one, two = slice(start, start + size), slice(start + size, start + 2 * size)
        content[one], content[two] = content[two], content[one]
        (tmp_path / file).write_bytes(content)
    again = opened(tmp_path)
    with pytest.raises(Malformed, match="damaged"):
        again.expect_intact(Slot(0), (Form.FACE,))
    again.close()


@pytest.mark.parametrize(
    "other",
    [{"charter": bytes(32)}, {"epoch": 1}, {"operator": 2}],
    ids=["network", "epoch", "operator"],
)
def test_shares_of_another_network_epoch_or_operator_are_refused(
    tmp_path: Path, other: dict[str, object]
) -> None:
    opened(tmp_path).close()
    with pytest.raises(Malformed, match="not this operator's for this network and"):
        opened(tmp_path, **other)  # type: ignore[arg-type]  # one field at a time


def test_a_row_of_another_shape_is_not_written(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    with pytest.raises(Malformed, match="another shape"):
        segments.write(Slot(0), Form.FACE, {"face": np.zeros(127, np.uint16)})
    segments.close()


FULL = """
import resource, sys
from pathlib import Path
from ipse.ground.errors import Unavailable
sys.path.insert(0, {here!r})
from test_segments import opened, row_of, Form, Slot
segments = opened(Path({folder!r}))
segments.write(Slot(0), Form.FACE, row_of(Form.FACE, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 21, 1 << 21))
try:
    segments.write(Slot(1 << 20), Form.FACE, row_of(Form.FACE, 1))
except Unavailable as full:
    print(full)
segments.expect_intact(Slot(0), (Form.FACE,))
segments.write(Slot(1), Form.FACE, row_of(Form.FACE, 1))
segments.expect_intact(Slot(1), (Form.FACE,))
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
    again.expect_intact(Slot(0), (Form.FACE,))
    again.close()
