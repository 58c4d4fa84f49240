"""One real network for all of the command line's tests, on ports that are free."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import pytest

from ipse.cli.main import main
from ipse.operator.local import stop

HOPPER = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> dict[str, object]:
        """The one JSON object on standard output."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        assert self.out.count("\n") == 1
        return found

    @property
    def error(self) -> tuple[str, str]:
        """The error's family and detail."""
        error = self.object["error"]
        assert isinstance(error, dict)
        return error["family"], error["detail"]


Run = Callable[..., Said]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a network that runs."""
    folder = tmp_path_factory.mktemp("network") / "home"
    try:
        up(folder)
        yield folder
    finally:
        stop(folder)


def up(home: Path) -> Said:
    """Start what does not run, from a process of its own, as a person does."""
    ran = subprocess.run(
        [sys.executable, "-m", "ipse.cli.main", "up", "--home", str(home), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Said(ran.returncode, ran.stdout, ran.stderr)


@pytest.fixture
def ipse(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run a command on the network, with --json and a passphrase."""
    monkeypatch.setenv("IPSE_PASSPHRASE", "a long walk by the sea")

    def run(*words: str, json_too: bool = True) -> Said:
        capfd.readouterr()
        if words == ("up",):
            return up(home)
        code = main([*words, "--home", str(home), *(["--json"] if json_too else [])])
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return run


@pytest.fixture
def photo() -> str:
    """A photo with one usable face."""
    return str(HOPPER)


@pytest.fixture
def pid_of(home: Path) -> Iterator[Callable[[int], int]]:
    """An operator's process; all three run again afterwards."""
    yield lambda n: int((home / "run" / f"operator-{n}.pid").read_text())
    up(home)


@pytest.fixture
def enrolled(ipse: Run, photo: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a wallet that holds a record for as long as the test runs."""
    name = f"of-{abs(hash(request.node.name))}"
    assert ipse("enrol", "--face", photo, "--wallet", name).code == 0
    yield name
    assert ipse("erase", "--yes", "--wallet", name).code == 0
