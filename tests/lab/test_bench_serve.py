"""Many wallets ask at once, and every answer is the one that plain arithmetic gives."""

import json

import pytest

from ipse.cli.main import main
from ipse.ground.names import Purpose
from ipse_lab.bench.serve import Asked, measure


@pytest.mark.parametrize("purpose", [Purpose.VERIFY, Purpose.ENROL])
def test_many_at_once_are_answered_rightly(purpose: Purpose) -> None:
    report = measure(Asked(purpose, wallets=5, questions=3, records=40, seed=1))
    assert report["answers_checked"] == 15
    assert report["answers_wrong"] == 0
    assert sum(report["outcome"].values()) == 15
    assert report["answers_per_second"] > 0
    assert 0 < report["p50_ms"] <= report["p99_ms"]


def test_the_command_says_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    words = "bench serve --purpose enrol --wallets 2 --questions 1 --records 3 --json"
    assert main(words.split()) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["purpose"], report["wallets"], report["records"]) == ("enrol", 2, 3)
