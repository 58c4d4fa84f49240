"""The demonstration shows what it claims, and leaves nothing behind however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import matplotlib.image
import pytest

COMMAND = [sys.executable, "-m", "ipse.cli.main", "demo", "--json", "--picture"]


def processes_in(folder: Path) -> list[str]:
    """Command lines of the processes that were started for a home in this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # it has just ended
            if str(folder).encode() in b" ".join(words):
                found.append(b" ".join(words).decode())
    return found


def environment(folder: Path) -> dict[str, str]:
    folder.mkdir()
    return {**os.environ, "TMPDIR": str(folder)}


@pytest.fixture(scope="module")
def performed(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, object], Path, Path]:
    """What one performance said, its picture, and where its network lived."""
    folder = tmp_path_factory.mktemp("demo")
    picture, homes = folder / "picture.png", folder / "homes"
    ran = subprocess.run(
        [*COMMAND, str(picture)],
        capture_output=True,
        text=True,
        check=False,
        env=environment(homes),
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("\n") == 1
    return json.loads(ran.stdout), picture, homes


def test_every_claim_comes_true(
    performed: tuple[dict[str, object], Path, Path],
) -> None:
    said, _, _ = performed
    for claim in (
        "genuine_accepted",
        "impostor_refused",
        "duplicate_found",
        "erased_then_refused",
        "erased_on_disk",
    ):
        assert said[claim] is True


def test_the_network_agrees_with_plain_arithmetic_on_twenty_thousand_pairs(
    performed: tuple[dict[str, object], Path, Path],
) -> None:
    said, _, _ = performed
    checked, matched = said["comparisons_checked"], said["comparisons_matched"]
    assert isinstance(checked, int)
    assert isinstance(matched, int)
    assert checked >= 20_000
    assert said["oracle_disagreements"] == 0
    assert 1 <= matched < checked // 100  # both answers occur


def test_the_shares_are_noise(
    performed: tuple[dict[str, object], Path, Path],
) -> None:
    found = performed[0]["share_uniformity_p"]
    assert isinstance(found, dict)
    assert sorted(found) == ["1", "2", "3"]
    assert all(1e-6 < p < 1 - 1e-6 for p in found.values())


def test_three_processes_played_and_none_is_left(
    performed: tuple[dict[str, object], Path, Path],
) -> None:
    said, _, homes = performed
    processes = said["processes"]
    assert isinstance(processes, list)
    assert len(set(processes)) == 3
    assert not processes_in(homes)
    assert not list(homes.iterdir())


def test_the_picture_is_one(
    performed: tuple[dict[str, object], Path, Path],
) -> None:
    height, width, _ = matplotlib.image.imread(performed[1]).shape
    assert (width, height) == (2_400, 1_600)


@pytest.mark.parametrize(
    ("blow", "after_s"),
    [(signal.SIGINT, 3.0), (signal.SIGTERM, 3.0), (signal.SIGINT, 9.0)],
    ids=["Ctrl-C early", "SIGTERM early", "Ctrl-C late"],
)
def test_an_interruption_stops_all_processes(
    tmp_path: Path, blow: signal.Signals, after_s: float
) -> None:
    homes = tmp_path / "homes"
    with subprocess.Popen(
        [*COMMAND, str(tmp_path / "picture.png")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(homes),
    ) as running:
        _wait_for_operators(homes)
        time.sleep(after_s - 3)
        running.send_signal(blow)
        said, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert json.loads(said)["error"]["family"] == "Interrupted"
    assert not processes_in(homes)
    assert not list(homes.iterdir())


def _wait_for_operators(homes: Path) -> None:
    for _ in range(600):
        if len(processes_in(homes)) == 3:
            return
        time.sleep(0.05)
    raise AssertionError("the operators did not start")
