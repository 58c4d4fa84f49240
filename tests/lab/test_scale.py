"""The page on scale says what follows from its unit costs, and nothing else."""

import json

import pytest

from ipse_lab.bench.scale import (
    COSTS,
    PAGE,
    Assumed,
    Cost,
    costs_of,
    day_of,
    search_of,
    tables,
    written,
)

COST = Cost("face", 256, 1, 20.0, 4.0, 10.0, 4.0, 18)
PLAIN = Assumed(
    cores=10,
    memory_gb=100,
    for_rows=0.5,
    memory_gb_s=100,
    link_gbit_s=8,
    rtt_ms=10,
    enrolling=0.01,
)


def test_the_page_is_what_its_costs_say() -> None:
    page = PAGE.read_text()
    assert page == written(page, json.loads(COSTS.read_text()))


def test_a_search_takes_as_long_as_whatever_bounds_it() -> None:
    small = search_of(COST, 10**4, PLAIN)
    assert (small.bound, round(small.seconds, 3)) == ("rounds", 0.18)
    large = search_of(COST, 10**9, PLAIN)
    assert large.rows_bytes == 256e9
    assert large.machines == 6
    assert large.core_s == pytest.approx(20.0)
    assert large.sent_bytes == 4e9
    assert large.bound == "link"
    assert large.seconds == pytest.approx(4.0 + 0.18)


def test_a_day_grows_with_the_square_of_the_records() -> None:
    day, more = (day_of(COST, records, PLAIN) for records in (10**6, 10**7))
    assert day.enrolments == pytest.approx(1e4)
    assert day.cores == pytest.approx(1e10 * 10e-9 / 86_400)
    assert day.gbit_s == pytest.approx(1e10 * 32 / 86_400 / 1e9)
    assert more.cores == pytest.approx(100 * day.cores)


def report(length: int, records: int, probes: int, ns: float) -> dict[str, object]:
    form, word = ("code", "rotations") if length == 12_800 else ("embedding", "probes")
    return {
        "form": form,
        "length": length,
        "records": records,
        word: probes,
        "cpu_ns_per_comparison_per_operator": ns,
        "bytes_per_comparison_per_operator": 4.0,
        "rounds": 18,
    }


def test_costs_are_those_of_the_largest_job_of_a_kind() -> None:
    ours = [
        report(128, 1_000, 1, 99.0),
        *(report(128, 10**6, 1, ns) for ns in (31.0, 30.0, 80.0)),
        report(128, 40_000, 64, 12.0),
        report(512, 10**5, 1, 60.0),
        report(512, 10**5, 64, 15.0),
        report(12_800, 10**4, 31, 500.0),
    ]
    face, embedding, code = costs_of({"settings": [{"ours": ours}]})
    assert (face.one_ns, face.batch_ns, face.comparisons) == (31.0, 12.0, 1)
    assert (embedding.one_ns, embedding.batch_ns) == (60.0, 15.0)
    assert (code.one_ns, code.batch_ns, code.comparisons) == (500.0, 500.0, 31)


def test_what_was_not_measured_is_not_made_up() -> None:
    with pytest.raises(LookupError, match="length 128"):
        costs_of({"settings": []})


def test_every_table_has_its_place_on_the_page() -> None:
    page = PAGE.read_text()
    for name, table in tables(json.loads(COSTS.read_text())).items():
        assert f"<!-- {name} -->\n{table}<!-- end of {name} -->" in page
