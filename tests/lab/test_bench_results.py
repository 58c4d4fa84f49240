"""A run is summed up by the turn, and written with whoever could not take part."""

import json
from pathlib import Path

import pytest

from ipse_lab.bench import plots, settings, sums, words
from ipse_lab.bench.__main__ import keep, main
from ipse_lab.bench.peers.listed import PEERS
from ipse_lab.bench.results import PICTURES, written
from ipse_lab.bench.settings import BY_LENGTH, BY_RECORDS, TABLE
from ipse_lab.bench.sums import Spread, Told

OURS: Told = {
    "comparisons_per_second": 1_000,
    "comparisons_per_second_best": 1_200,
    "comparisons_per_second_worst": 900,
    "bytes_per_comparison_per_operator": 4.0,
    "cpu_ns_per_comparison_per_operator": 10.0,
    "operators": 3,
    "bits_wrong": 0,
    "opened_alike_by_all": True,
    "protocol": "semi-honest",
    "transport": "TLS 1.3",
}
VERIFIED: Told = {
    "p50_ms": 9.5,
    "p99_ms": 20.0,
    "fresh_p50_ms": 14.0,
    "engine_ms": 4.0,
    "rounds": 5,
    "answers_wrong": 0,
    "parts_ms": {"composed_sent_ms": 2.0},
    "bytes_up": 5_906,
    "bytes_down": 735,
    "operator_bytes": 18_288,
    "not_in_the_time": "camera",
}


def turn(*seconds: float, wrong: int = 0) -> Told:
    return {
        "seconds": list(seconds),
        "cpu_s": 0.5,
        "sent_bytes": 3_000,
        "bits_wrong": wrong,
    }


def peer(word: str, *turns: Told, absent: str = "") -> Told:
    name = next(each.name for each in PEERS if each.word == word)
    return {
        "word": word,
        "name": name,
        "version": "1.0",
        "records": 50,
        "probes": 2,
        "rounds": list(turns),
        "absent": absent,
    }


def setting(group: str = TABLE, **changed: object) -> Told:
    return {
        "group": group,
        "title": f"a job of {group}",
        "form": "embedding",
        "length": 64,
        "records": 100,
        "probes": 2,
        "ours": [OURS, {**OURS, "comparisons_per_second": 3_000}],
        "peers": [
            peer("numpy", turn(0.05, 0.1, 0.2), turn(0.1)),
            peer("numpy2", turn(0.05)),
            peer("spu", turn(1.0), turn(10.0)),
            peer("mpyc", absent="not installed: no | wheel"),
        ],
        "cores_taken_by_others": 0.25,
        **changed,
    }


def run() -> Told:
    grouped = [setting(), setting(BY_RECORDS), setting(BY_LENGTH)]
    return {
        "date": "2026-01-01",
        "commit": "0123abc",
        "seconds": 600,
        "seed": 1,
        "machine": {
            "processor": "a processor",
            "cores": 2,
            "memory_gb": 8.0,
            "system": "Linux",
            "python": "3.11",
            "load_1min_before": 0.1,
        },
        "settings": [*grouped, setting(BY_RECORDS, records=1_000, probes=1)],
        "latency": [
            {"rtt_ms": rtt, **peer("spu", turn(0.01 + rtt / 100))}
            for rtt in (0.0, 20.0)
        ],
        "verify": [
            {"rtt_ms": 0.0, "report": VERIFIED},
            {"rtt_ms": 20.0, "report": {"absent": "exit code 3: it stopped"}},
        ],
        "own": {
            "kernel": {
                "cases": [{"name": "a case", "of_it": 0.91234}],
                "spans": {"carries": 0.1, "is_wide": True},
                "machine": {"processor": "another"},
            },
            "serve": {"answers_wrong": 0},
            "open": {"absent": "No such command"},
        },
    }


def test_a_ratio_is_taken_within_a_turn() -> None:
    told = setting()
    # 100 comparisons in 0.1 s, twice; we did 1,000 and then 3,000 a second
    assert sums.ratio(told, told["peers"][0]) == Spread(2.0, 1.0, 3.0)
    # 100 and 10 a second: the turns, not the middles, are compared
    assert sums.ratio(told, told["peers"][2]) == Spread(155.0, 10.0, 300.0)


def test_speeds_tell_the_best_and_the_worst_query() -> None:
    told = setting()
    assert sums.our_speed(told) == Spread(2_000, 900, 1_200)
    speed = sums.their_speed(told["peers"][0])
    assert speed == Spread(1_000.0, 500.0, 2_000.0)


def test_bytes_are_one_party_s_and_work_is_everybody_s() -> None:
    told = setting()
    assert sums.our_bytes(told) == 4.0
    assert sums.their_bytes(told["peers"][2], processes=3) == 10.0
    assert sums.our_work(told) == 30.0
    assert sums.their_work(told["peers"][2]) == 5e6


@pytest.mark.parametrize(
    "path",
    [
        ("settings", 0, "ours", 0, "bits_wrong"),
        ("settings", 0, "peers", 2, "rounds", 1, "bits_wrong"),
        ("latency", 1, "rounds", 0, "bits_wrong"),
        ("verify", 0, "report", "answers_wrong"),
        ("own", "serve", "answers_wrong"),
    ],
)
def test_one_wrong_bit_anywhere_is_counted(path: tuple[str | int, ...]) -> None:
    told = json.loads(json.dumps(run()))
    assert sums.wrong_bits(told) == 0
    place = told
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = 1
    assert sums.wrong_bits(told) == 1


def test_operators_that_opened_different_bits_are_counted() -> None:
    told = json.loads(json.dumps(run()))
    told["settings"][1]["ours"][1]["opened_alike_by_all"] = False
    assert sums.wrong_bits(told) == 1


def test_the_page_begins_with_the_ratios() -> None:
    page = written(run())
    assert page.index("## Ratios") < page.index("## Each job")
    first = page.split("## Ratios")[1].split("\n\n")[2].splitlines()
    assert first[2].startswith("| a job of table | 2.00 k | 2.00 (1.00 to 3.00), NumPy")
    assert "**0 wrong**" in page


def test_whoever_is_absent_is_a_row_with_its_reason() -> None:
    page = written(run())
    assert "| MPyC, Shamir | absent: not installed: no / wheel |" in page
    assert "exit code 3: it stopped" in page
    assert "Not measured: No such command" in page


def test_what_the_engine_says_alone_is_spelled_case_by_case() -> None:
    page = written(run())
    assert "| name | of it |\n| --- | --- |\n| a case | 0.9123 |" in page
    assert "| spans | carries 0.1, is_wide yes |" in page
    assert "another" not in page.split("## The engine alone")[1]


def test_every_row_of_a_table_has_as_many_columns_as_its_head() -> None:
    columns = 0
    for line in written(run()).splitlines():
        if not line.startswith("|"):
            columns = 0
            continue
        columns = columns or line.count("|")
        assert line.count("|") == columns, line


def test_what_is_kept_can_be_written_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = keep(run(), tmp_path)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(files) == {"results.json", "RESULTS.md", *PICTURES}
    assert all(files[name].startswith(b"<?xml") for name in PICTURES)
    assert main(["--again", str(tmp_path)]) == 0
    assert capsys.readouterr().out == page
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_the_pictures_name_everybody_who_is_in_them(tmp_path: Path) -> None:
    plots.draw(run(), tmp_path)
    latency = (tmp_path / "latency.svg").read_text()
    assert "Ipse, whole verification" in latency
    assert "SecretFlow SPU, bare comparison" in latency
    assert "MPyC" not in latency  # it was not measured
    by_records = (tmp_path / "speed-by-records.svg").read_text()
    assert "Ipse, 1 probe" in by_records
    assert "Ipse, 2 probes" in by_records


@pytest.mark.parametrize(
    ("number", "spelled"),
    [
        (0, "0"),
        (0.0471234, "0.0471"),
        (1.2, "1.20"),
        (143.4, "143"),
        (12_800, "12,800"),
    ],
)
def test_figures_have_three_digits(number: float, spelled: str) -> None:
    assert words.figure(number) == spelled


@pytest.mark.parametrize(
    ("number", "spelled"),
    [(12, "12.0"), (3_740, "3.74 k"), (51_234_567, "51.2 M"), (1.3e9, "1.30 G")],
)
def test_speeds_are_short(number: float, spelled: str) -> None:
    assert words.speed(number) == spelled


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("no file '/some/where/a.so': stop", "no file '...': stop"),
        ("from https://index.example/simple/x failed", "from ... failed"),
        ("1/2 of src/ipse, and I/O", "1/2 of src/ipse, and I/O"),
    ],
)
def test_a_reason_names_no_place_of_one_machine(reason: str, told: str) -> None:
    assert words.placeless(reason) == told


@pytest.mark.parametrize("draw", [settings.quick(), settings.full()])
def test_every_setting_names_peers_that_there_are(draw: settings.Draw) -> None:
    known = {each.word for each in PEERS}
    for each in draw.settings:
        assert set(each.peers) <= known
        assert all(0 < records <= each.job.records for records in each.peers.values())
    groups = {each.group for each in draw.settings}
    assert groups == {TABLE, BY_RECORDS, BY_LENGTH}
