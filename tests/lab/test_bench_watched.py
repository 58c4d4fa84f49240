"""What an operator noted is read once it is whole."""

import logging
import threading
from pathlib import Path

import pytest

from ipse.ground.errors import Unavailable
from ipse.ground.names import OperatorId
from ipse.operator.desk import Step
from ipse_lab.bench import watched
from ipse_lab.bench.watched import Computed, Notes, Passed, read_notes

SECOND = OperatorId(2)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path


def noted() -> Notes:
    notes = Notes()
    notes.passed(Step.SEATED)
    said = "computed: rounds %d, bytes %d"
    for level in (logging.DEBUG, logging.WARNING):
        notes.emit(logging.LogRecord("driver", level, "", 0, said, (5, 900), None))
    return notes


def test_steps_and_computations_are_read_back_and_nothing_else(home: Path) -> None:
    noted().write(home / "run" / "watched-2.json")
    passed, computed = read_notes(home, SECOND)
    assert isinstance(passed, Passed)
    assert passed.step is Step.SEATED
    assert isinstance(computed, Computed)
    assert (computed.rounds, computed.sent_bytes) == (5, 900)
    assert passed.at_s <= computed.at_s


def test_notes_that_come_a_little_later_are_waited_for(home: Path) -> None:
    later = threading.Timer(0.2, noted().write, [home / "run" / "watched-2.json"])
    later.start()
    assert len(read_notes(home, SECOND)) == 2
    later.join()


def test_an_operator_that_wrote_nothing_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "WRITTEN_S", 0.05)
    with pytest.raises(Unavailable, match="Operator 2 wrote nothing down"):
        read_notes(home, SECOND)
