"""Everybody does the same job in turns, and every bit of everybody is checked."""

from pathlib import Path

import numpy as np
import pytest

from ipse_lab.bench import machine, ours, run, settings, sums
from ipse_lab.bench.match import codes, embeddings
from ipse_lab.bench.peers import tasks
from ipse_lab.bench.peers.drive import Absent, Entrant, started
from ipse_lab.bench.peers.listed import PEERS
from ipse_lab.bench.results import written
from ipse_lab.bench.settings import TABLE, Draw, Setting
from ipse_lab.bench.side_by_side import compared, delayed

FACES = Setting(
    TABLE,
    "3 probes against 40 embeddings",
    embeddings(64, 40, 3, 1, seed=2),
    {"numpy": 40, "faiss": 20},
    rounds=2,
)
CODES = Setting(
    TABLE,
    "5 rotations against 9 codes",
    codes(9, 5, 1, seed=2),
    {"popcount": 9, "bitwise": 7, "numpy2": 9},
    rounds=1,
)


def silent(_line: str) -> None:
    """Tell nobody."""


def test_turns_are_taken_and_whoever_is_not_installed_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where no peer is installed
    lines: list[str] = []
    told = compared(FACES, ["numpy", "faiss"], lines.append)
    numpy, faiss = told["peers"]
    assert len(told["ours"]) == len(numpy["rounds"]) == 2
    order = [line.rsplit(": ", 1)[1] for line in lines if "round" in line]
    assert order[0].startswith("ours, round 1")
    assert order[1] == "NumPy BLAS, 1 thread, round 1"
    assert sums.ratio(told, numpy).least > 0
    assert (faiss["rounds"], faiss["records"]) == ([], 20)
    assert faiss["absent"] == "not installed: `make bench` does it"


def test_a_whole_run_checks_every_bit_and_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    draw = Draw((CODES,), (), {"nothing": ours.bench("nothing-of-this-name")})
    told = run.measured(draw, ["popcount", "bitwise", "numpy2"], silent)
    (setting,) = told["settings"]
    assert [len(peer["rounds"]) for peer in setting["peers"]] == [1, 1, 1]
    assert setting["ours"][0]["bits_checked"] == 18
    assert sums.wrong_bits(told) == 0
    assert "nothing-of-this-name" in told["own"]["nothing"]["absent"]
    assert "popcount, compiled, 1 thread" in written(told)


def test_a_wrong_answer_of_a_peer_is_counted(tmp_path: Path) -> None:
    expected = tasks.lay_down(FACES.job, tmp_path)
    numpy = next(peer for peer in PEERS if peer.word == "numpy")
    turned = expected.copy()
    turned[0, :2] ^= True
    with started(numpy, tmp_path, turned) as running:
        assert [each.bits_wrong for each in running.run(2)] == [2, 2]
    assert expected.any()
    assert not expected.all()


def test_a_peer_that_stops_is_absent_and_its_last_words_are_told(
    tmp_path: Path,
) -> None:
    broken = Entrant("Nobody", "nobody", "no_such_module", "", 1, 1, "none")
    with (
        pytest.raises(Absent, match=r"exit code 1: .*no_such_module"),
        started(broken, tmp_path, np.zeros((1, 1), np.bool_)),
    ):
        pass


def test_only_secret_peers_are_asked_across_a_distance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = delayed(10.0, [peer.word for peer in PEERS], silent)
    assert [each["word"] for each in told] == ["spu", "mpyc"]
    assert all(each["absent"].startswith("not installed") for each in told)


def test_a_command_that_fails_is_told_in_its_own_words() -> None:
    with pytest.raises(ours.Unmeasured, match="Measure either --dim or --code"):
        ours.said(*ours.bench("match", "--dim", "64", "--code", "12800"))


def test_the_work_of_others_is_never_negative() -> None:
    with machine.Others() as others:
        sum(range(3_000_000))
    assert others.cores is None or others.cores >= 0


def test_the_full_draw_is_larger_than_the_quick_one() -> None:
    quick, full = settings.quick(), settings.full()
    assert len(quick.settings) < len(full.settings)
    assert set(quick.rtts_ms) < set(full.rtts_ms)
