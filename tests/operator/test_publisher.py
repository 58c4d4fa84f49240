"""Whatever a crash cuts off, a log says the same afterwards, and goes on."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader

from ipse.ground.errors import Malformed, Misbehaved, Unavailable, Unproven
from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator.publisher import AT_ONCE
from ipse.operator.sequencer import Halted, Published, Signed
from ipse.tlog.checkpoint import Checkpoint, write_checkpoint
from ipse.tlog.logs import log_of
from ipse.tlog.note import Note, Signature, read_note, write_note
from ipse.tlog.tiles import Tile
from ipse.tlog.trust import check_cosigned, check_signed
from ipse_lab.examples import charter, keyrings
from ipse_lab.failing import Chances, FailingDisk, Struck
from ipse_lab.logs import MemoryLog
from ipse_lab.witnesses import Three

ONE, TWO, THREE = OPERATORS
LOG = log_of(charter(), ONE)
SIZES = (3, 255, 1, 1, 300)
"""Leaves that come between turns: within a tile, up to its edge, over it."""


def leaves(size: int) -> list[bytes]:
    return [f"leaf {number}".encode().ljust(32) for number in range(size)]


def published(three: Three, operator: OperatorId = ONE) -> Checkpoint:
    note = three.log(operator).published()
    assert note is not None
    return check_cosigned(note, log_of(charter(), operator)).signed.checkpoint


def turn(three: Three, operator: OperatorId = ONE) -> None:
    publisher = three.publisher(operator)
    while publisher.turn():
        pass


def test_a_log_is_published_from_its_first_moment(tmp_path: Path) -> None:
    three = Three(tmp_path)
    for operator in OPERATORS:
        turn(three, operator)
        assert published(three, operator).size == 0


def test_what_the_ledger_holds_is_published_in_its_order(tmp_path: Path) -> None:
    three = Three(tmp_path)
    publisher = three.publisher(ONE)
    size = 0
    for more in SIZES:
        size += more
        three.leaves[ONE].listed[:] = leaves(size)
        while publisher.turn():
            pass
        assert published(three) == sound(size)
    theirs = TilesReader(LocalBackend(three.place(ONE, "log")))
    assert theirs.get_checkpoint().size == size
    assert theirs.calculate_root_hash() == sound(size).root
    assert [theirs.get_entry(n) for n in range(size)] == leaves(size)


def sound(size: int) -> Checkpoint:
    """Return what a log of the first leaves must say."""
    memory = MemoryLog(entries=leaves(size))
    return Checkpoint(LOG.origin, size, memory.reader().root)


def test_partial_tiles_go_when_the_full_one_is_published(tmp_path: Path) -> None:
    three = Three(tmp_path)
    publisher = three.publisher(ONE)
    for size in (1, 100, 255, 256, 257, 700):
        three.leaves[ONE].listed[:] = leaves(size)
        while publisher.turn():
            pass
    tiles = three.place(ONE, "log") / "tile"
    partial = {str(path.relative_to(tiles)) for path in tiles.rglob("*.p/*")}
    # of level 1 all widths stay: its tile is not full yet
    assert partial == {
        "entries/002.p/188",
        "0/002.p/188",
        "1/000.p/1",
        "1/000.p/2",
    }


def test_a_log_that_is_far_behind_catches_up_in_steps(tmp_path: Path) -> None:
    three = Three(tmp_path)
    publisher = three.publisher(ONE)
    publisher.turn()
    three.leaves[ONE].listed = leaves(AT_ONCE + 10)
    sizes = []
    while publisher.turn():
        sizes.append(published(three).size)
    assert sizes == [AT_ONCE, AT_ONCE + 10]


@pytest.mark.parametrize("absent", [TWO, THREE])
def test_without_a_witness_nothing_is_published_and_nothing_lost(
    tmp_path: Path, absent: OperatorId
) -> None:
    three = Three(tmp_path)
    turn(three)
    three.absent.add(absent)
    publisher = three.publisher(ONE)
    publisher.turn()
    three.leaves[ONE].listed = leaves(5)
    assert not publisher.turn()
    assert published(three).size == 0
    three.absent.clear()
    while publisher.turn():
        pass
    assert published(three) == sound(5)


@pytest.fixture
def memory() -> Iterator[Path]:
    """Return a folder in memory, if there is one: the disk that fails is played."""
    shared = "/dev/shm"  # noqa: S108 (Linux's; the folder in it is fresh)
    with TemporaryDirectory(dir=shared if Path(shared).is_dir() else None) as name:
        yield Path(name)


def play(folder: Path, chances: Chances) -> Three:
    """Let a log grow until its disk fails. Returns: the three, with good disks."""
    disk = FailingDisk(chances)
    three = Three(folder, disk)
    with suppress(Struck):
        publisher = three.publisher(ONE)
        size = 0
        while publisher.turn():
            pass
        for more in SIZES:
            size += more
            three.leaves[ONE].listed[:] = leaves(size)
            while publisher.turn():
                pass
    disk.lose_power()
    again = Three(folder)
    again.leaves[ONE].listed = three.leaves[ONE].listed
    return again


@pytest.mark.parametrize("is_before", [True, False])
def test_a_failure_at_any_write_leaves_a_log_that_goes_on(
    memory: Path, *, is_before: bool
) -> None:
    """Each write fails before it took hold or after; what was not synced may go."""
    whole = Chances()
    play(memory / "whole", whole)
    assert whole.count > 60
    for number in range(whole.count):
        three = play(
            memory / f"{number}", Chances(number, is_before=is_before, seed=number)
        )
        remembered = [_remembered(three, each) for each in (TWO, THREE)]
        note = three.log(ONE).published()
        if note is not None:
            before = check_cosigned(note, LOG).signed.checkpoint
            assert before == sound(before.size)
        turn(three)
        now = published(three)
        assert now == sound(len(three.leaves[ONE].listed))
        # whatever a witness ever saw is a beginning of what there is now
        assert all(each is None or each == sound(each.size) for each in remembered)
        assert all(each is None or each.size <= now.size for each in remembered)


def _remembered(three: Three, operator: OperatorId) -> Checkpoint | None:
    path = three.place(operator, "witness") / str(ONE)
    return check_signed(path.read_bytes(), LOG).checkpoint if path.exists() else None


def test_a_restored_log_signs_nothing_before_it_is_whole_again(tmp_path: Path) -> None:
    """Both witnesses saw seven entries; the copy has five, and another sixth."""
    three = Three(tmp_path)
    three.leaves[ONE].listed = leaves(5)
    turn(three)
    kept = {
        path: path.read_bytes()
        for path in three.place(ONE, "log").rglob("*")
        if path.is_file()
    }
    three.leaves[ONE].listed = leaves(7)
    turn(three)
    for path, content in kept.items():
        path.write_bytes(content)
    three.leaves[ONE].listed = [*leaves(5), b"another sixth"]
    publisher = three.publisher(ONE)
    for _ in range(3):
        assert not publisher.turn()
    assert isinstance(publisher.state, Signed)
    assert three.log(ONE).signed() == kept[three.place(ONE, "log") / "signed"]


def test_a_lost_log_is_written_anew_from_the_ledger(tmp_path: Path) -> None:
    """It is the same log: the witnesses see it grow from where they were."""
    three = Three(tmp_path)
    three.leaves[ONE].listed = leaves(AT_ONCE + 300)
    turn(three)
    for more in (0, 5):
        shutil.rmtree(three.place(ONE, "log"))
        three.leaves[ONE].listed = leaves(AT_ONCE + 300 + more)
        turn(three)
        assert published(three) == sound(AT_ONCE + 300 + more)


def test_a_ledger_that_is_another_is_not_logged(tmp_path: Path) -> None:
    three = Three(tmp_path)
    three.leaves[ONE].listed = leaves(5)
    turn(three)
    for other in (leaves(4), [*leaves(4), b"other"]):
        three.leaves[ONE].listed = other
        with pytest.raises(Misbehaved, match="Entry 4 of the log is not in the ledger"):
            three.publisher(ONE)


def test_a_log_that_forked_is_told_so_and_stops(tmp_path: Path) -> None:
    """Somebody with the key signed another history, and a witness saw that one."""
    three = Three(tmp_path)
    three.leaves[ONE].listed = leaves(5)
    publisher = three.publisher(ONE)
    publisher.turn()
    other = MemoryLog(entries=[*leaves(6), b"other"]).reader()
    text = write_checkpoint(Checkpoint(LOG.origin, 7, other.root))
    line = Signature(LOG.key.name, LOG.key.id, keyrings()[0].sign_note(text))
    (three.place(TWO, "witness") / "1").write_bytes(write_note(Note(text, (line,))))
    three.leaves[ONE].listed = leaves(7)
    publisher.turn()
    publisher.turn()
    assert isinstance(publisher.state, Halted)
    assert "operator 2 holds evidence" in publisher.state.why.lower()
    assert not publisher.turn()
    assert published(three).size == 5


def test_a_damaged_log_is_not_gone_on_with(tmp_path: Path) -> None:
    three = Three(tmp_path)
    three.leaves[ONE].listed = leaves(5)
    turn(three)
    log = three.place(ONE, "log")
    tile = log / Tile(0, 0, 5).path
    good = tile.read_bytes()
    tile.write_bytes(bytes([good[0] ^ 1]) + good[1:])
    with pytest.raises(Malformed, match="not those of its checkpoint of 5 entries"):
        three.publisher(ONE)
    tile.write_bytes(good[:-1])
    with pytest.raises(Malformed, match=r"tile/0/000\.p/5 has 159 bytes"):
        three.publisher(ONE)
    tile.unlink()
    with pytest.raises(Unavailable, match=r"no tile/0/000\.p/5"):
        three.publisher(ONE)
    tile.write_bytes(good)
    note = (log / "signed").read_bytes()
    (log / "signed").write_bytes(note.replace(b"\n5\n", b"\n6\n"))
    with pytest.raises(Unproven, match="does not hold"):
        three.publisher(ONE)


def test_another_s_log_is_not_gone_on_with(tmp_path: Path) -> None:
    three = Three(tmp_path)
    turn(three)
    three.place(TWO, "log").parent.mkdir(exist_ok=True)
    three.place(ONE, "log").rename(three.place(TWO, "log"))
    with pytest.raises(Unproven, match="of ipse/example/1, and not of ipse/example/2"):
        three.publisher(TWO)


def test_a_full_disk_is_told_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = Three(tmp_path)
    turn(three)
    publisher = three.publisher(ONE)
    publisher.turn()
    three.leaves[ONE].listed = leaves(5)

    def full(_file: int, _content: bytes, _place: int) -> int:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(Unavailable, match="disk is full"):
            publisher.turn()
    assert isinstance(publisher.state, Published)
    while publisher.turn():
        pass
    assert published(three) == sound(5)
    assert read_note(three.log(ONE).published() or b"").signatures
