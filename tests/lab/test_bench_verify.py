"""A verification is measured the whole way, and every answer is checked."""

import json

import pytest

from ipse.cli.main import main
from ipse.ground.names import Outcome
from ipse_lab.bench import verify
from ipse_lab.bench.verify import Asked, measure
from ipse_lab.bench.visitor import FORM, Timed, expected, invented

RTT_MS = 10.0


def test_three_operators_far_apart_answer_as_plain_arithmetic_does() -> None:
    report = measure(Asked(4, 2, records=5, rtt_ms=RTT_MS, seed=3))
    assert report["answers_checked"] == 6
    assert report["answers_wrong"] == 0
    assert report["outcome"] == {"matched": 3, "not-matched": 3}
    assert (report["verifications"], report["fresh_verifications"]) == (4, 2)
    # a round takes at least half a round trip, and a request a whole one
    assert report["engine_ms"] >= report["rounds"] * RTT_MS / 2
    assert report["min_ms"] >= report["engine_ms"] + RTT_MS
    assert sum(report["parts_ms"].values()) == pytest.approx(report["p50_ms"], rel=0.5)
    assert min(report["bytes_up"], report["bytes_down"], report["operator_bytes"]) > 0
    assert 0 < report["rounds"] <= 10


def test_the_command_says_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    words = "bench verify --verifications 2 --records 3 --fresh-connections --json"
    assert main(words.split()) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["connections"] == "fresh"
    assert report["fresh_verifications"] == 2
    assert "p50_ms" not in report


def test_a_wrong_answer_is_counted() -> None:
    right = Timed(0.0, 1.0, Outcome.MATCHED, Outcome.MATCHED)
    wrong = Timed(0.0, 1.0, Outcome.MATCHED, Outcome.NOT_MATCHED)
    assert verify.answers([right, wrong])["answers_wrong"] == 1


def test_the_owner_is_recognised_and_the_strangers_are_not_asked_to_be() -> None:
    cast = invented(seed=1, records=40)
    assert expected(cast.mated, cast.owner) is Outcome.MATCHED
    found = [expected(stranger, cast.owner) for stranger in cast.strangers]
    assert found.count(Outcome.NOT_MATCHED) == len(found)
    assert len(cast.references) == len(cast.strangers) == 39
    assert cast.owner[FORM].shape == (128,)


def test_longer_ways_get_fewer_verifications() -> None:
    assert verify.fitting(0) > verify.fitting(20) > verify.fitting(100)
    assert verify.fitting(2_000) == verify.FEWEST
