"""What opening costs is measured on a store that is whole."""

import json
import subprocess
import sys
from pathlib import Path

from ipse_lab.bench.opening import fill, measure


def test_the_command_prints_one_object() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "ipse_lab.bench.opening", "--records", "20000"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(said.stdout)
    assert found["records"] == 20_000
    assert all(value >= 0 for value in found.values())


def test_what_was_filled_is_opened(tmp_path: Path) -> None:
    fill(tmp_path, None, 300)
    assert measure(tmp_path, None)["records"] == 300
