"""The laboratory's commands say one object too, in small."""

import json

import pytest
from rich.console import Console

from ipse.cli import drill
from ipse.cli.main import main


def said(capfd: pytest.CaptureFixture[str]) -> dict[str, object]:
    out = capfd.readouterr().out
    assert out.count("\n") == 1
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_a_small_drill_lets_nothing_in(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", "probe", "--tries", "20", "--json"]) == 0
    told = said(capfd)
    assert told["held"] is True


def test_answers_rebuild_a_template_unless_somebody_counts(
    capfd: pytest.CaptureFixture[str],
) -> None:
    words = [
        "--victims",
        "4",
        "--blind",
        "1000",
        "--seed",
        "2",
        "--no-network",
        "--json",
    ]
    assert main(["drill", "oracle", *words]) == 0
    told = said(capfd)
    assert told["held"] is True
    assert told["succeeds_without_cap"] is True
    told["over_the_network"] = {
        "without_cap": {"tries": 190, "cosine": 0.9},
        "under_cap": {"tries": 5, "cosine": 0.5, "refusal": "try again"},
    }
    Console(width=200).print(drill._leaked(told))
    text = capfd.readouterr().out
    assert all(start in text for start in ("stranger", "look-alike", "picture"))
    assert "0.14% where 5% fail" in text or "0.13% where 5% fail" in text
    assert "under it 5 to 0.50, and then: try again" in text


def test_a_small_liar_is_caught_in_both_ways(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", "liar", "--runs", "180", "--searches", "5", "--json"]) == 0
    told = said(capfd)
    assert told["wrong_verdicts_accepted"] == 0
    assert isinstance(told["search"], dict)
    assert told["search"]["as_stated"] is True


def test_a_small_bench_measures(capfd: pytest.CaptureFixture[str]) -> None:
    words = ["--dim", "128", "--records", "64", "--repetitions", "1", "--json"]
    assert main(["bench", "match", *words]) == 0
    rate = said(capfd)["comparisons_per_second"]
    assert isinstance(rate, int | float)
    assert rate > 0


def test_a_folder_without_people_is_refused_in_one_object(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    empty = str(tmp_path_factory.mktemp("empty"))
    assert main(["evaluate", empty, "--modality", "face", "--json"]) != 0
    assert "error" in said(capfd)
