"""What a network of any size costs, worked out from unit costs that were measured.

    python -m ipse_lab.bench.scale                       writes docs/scale.md anew
    python -m ipse_lab.bench.scale bench/results.json    takes the unit costs from there

The unit costs stand in docs/scale.json, with what is assumed of machines and people.
Nothing is measured here. A search compares every record, so what it costs grows with
their number and nothing else; `docs/scale.md` says where that stops being true.
"""

import json
import statistics
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import ceil, exp, floor, log10
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = ROOT / "docs" / "scale.md"
COSTS: Final = ROOT / "docs" / "scale.json"
DAY_S: Final = 86_400
BYTE_BITS: Final = 8
THOUSAND: Final = 1_000
PREFIXES: Final = {-2: "µ", -1: "m", 0: "", 1: "k", 2: "M", 3: "G", 4: "T", 5: "P"}
SIZES: Final = (10**6, 10**8, 10**10)
FALSE_MATCH_RATES: Final = (1e-6, 1e-9, 1e-12)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is not measured: one machine, the way between operators, the people."""

    cores: int = 32  # of one machine, each as fast as the one that was measured
    memory_gb: float = 256.0  # of one machine
    for_rows: float = 0.8  # of its memory
    memory_gb_s: float = 200.0  # that a machine reads of its memory
    link_gbit_s: float = 10.0  # that one operator sends to both others, all together
    rtt_ms: float = 10.0  # between operators
    enrolling: float = 1e-3  # of all who are enrolled, in a day


@dataclass(frozen=True, slots=True)
class Cost:
    """Unit costs of one kind of template, at one operator."""

    name: str
    row_bytes: int  # stored
    comparisons: int  # for a probe and a record: 31 rotations of a code
    one_ns: float  # of a core, for a comparison, a probe at a time
    one_bytes: float  # sent, for a comparison
    batch_ns: float  # the same where 64 probes share a scan
    batch_bytes: float
    rounds: int  # of a search


KINDS: Final = (
    ("face, 128", "embedding", 128, 256 + 8),
    ("embedding, 512", "embedding", 512, 1_024 + 8),
    ("code, 12,800", "code", 12_800, 6 * 12_800 + 16),
)
"""Name, form and length in a report, bytes of a row and its sums."""

ROTATIONS: Final = 31
BATCH: Final = 64


def costs_of(results: Mapping[str, Any]) -> list[Cost]:
    """Take the unit costs from what `make bench` wrote.

    Raises: LookupError: it did not measure a kind of template.
    """
    reports = [report for setting in results["settings"] for report in setting["ours"]]
    found = []
    for name, form, length, row_bytes in KINDS:
        is_code = form == "code"
        one = _largest(reports, form, length, ROTATIONS if is_code else 1)
        many = one if is_code else _largest(reports, form, length, BATCH)
        found.append(
            Cost(
                name,
                row_bytes,
                ROTATIONS if is_code else 1,
                _median(one, "cpu_ns_per_comparison_per_operator"),
                _median(one, "bytes_per_comparison_per_operator"),
                _median(many, "cpu_ns_per_comparison_per_operator"),
                _median(many, "bytes_per_comparison_per_operator"),
                int(_median(one, "rounds")),
            )
        )
    return found


def _largest(
    reports: Iterable[Mapping[str, Any]], form: str, length: int, probes: int
) -> list[Mapping[str, Any]]:
    word = "rotations" if form == "code" else "probes"
    fitting = [
        each
        for each in reports
        if (each["form"], each["length"], each.get(word)) == (form, length, probes)
    ]
    if not fitting:
        raise LookupError(f"no report of {probes} {word} at length {length}")
    most = max(each["records"] for each in fitting)
    return [each for each in fitting if each["records"] == most]


def _median(reports: Iterable[Mapping[str, Any]], field: str) -> float:
    return round(statistics.median(float(each[field]) for each in reports), 3)


@dataclass(frozen=True, slots=True)
class Search:
    """One search among many records, at one operator."""

    rows_bytes: float
    machines: int
    core_s: float
    sent_bytes: float
    seconds: float
    bound: str  # by what


def search_of(cost: Cost, records: int, assumed: Assumed) -> Search:
    """Work out one search."""
    rows = records * cost.row_bytes
    machines = ceil(rows / (assumed.memory_gb * 1e9 * assumed.for_rows))
    core_s = records * cost.comparisons * cost.one_ns * 1e-9
    sent = records * cost.comparisons * cost.one_bytes
    bounds = {
        "cores": core_s / (machines * assumed.cores),
        "memory": rows / (machines * assumed.memory_gb_s * 1e9),
        "link": sent * BYTE_BITS / (assumed.link_gbit_s * 1e9),
        "rounds": cost.rounds * assumed.rtt_ms * 1e-3,
    }
    bound = max(bounds, key=lambda name: bounds[name])
    rounds_s = bounds.pop("rounds")
    return Search(rows, machines, core_s, sent, max(bounds.values()) + rounds_s, bound)


@dataclass(frozen=True, slots=True)
class Day:
    """A day's enrolments, each a search, in batches, at one operator."""

    enrolments: float
    cores: float  # busy all day
    gbit_s: float  # sent, all day


def day_of(cost: Cost, records: int, assumed: Assumed) -> Day:
    """Work out a day."""
    enrolments = records * assumed.enrolling
    comparisons = enrolments * records * cost.comparisons
    return Day(
        enrolments,
        comparisons * cost.batch_ns * 1e-9 / DAY_S,
        comparisons * cost.batch_bytes * BYTE_BITS / DAY_S / 1e9,
    )


def tables(told: Mapping[str, Any]) -> dict[str, str]:
    """Write every table of the page, by the name of its place."""
    costs = [Cost(**each) for each in told["costs"]]
    assumed = Assumed(**told["assumed"])
    return {
        "costs": _table(
            ("", "stored", "ns of a core", "in a batch", "sent", "rounds"),
            (
                (
                    cost.name,
                    f"{cost.row_bytes:,} B",
                    f"{cost.one_ns:.3g}",
                    f"{cost.batch_ns:.3g}",
                    f"{cost.one_bytes:.3g} B",
                    str(cost.rounds),
                )
                for cost in costs
            ),
        )
        + _measured(told["measured"]),
        "search": _table(
            ("records", "", "rows", "machines", "core time", "sent", "a search", "by"),
            (
                _search_row(cost, records, search_of(cost, records, assumed))
                for records in SIZES
                for cost in costs
            ),
        ),
        "day": _table(
            ("records", "", "enrolments a day", "cores, all day", "sent, all day"),
            (
                _day_row(cost, records, day_of(cost, records, assumed))
                for records in SIZES
                for cost in costs
            ),
        ),
        "false": _table(
            ("records", *(f"FMR {_power(rate)}" for rate in FALSE_MATCH_RATES)),
            (
                (_power(records), *(_share(records * f) for f in FALSE_MATCH_RATES))
                for records in SIZES
            ),
        ),
    }


def _measured(measured: Mapping[str, str]) -> str:
    at = f", commit {measured['commit']}" if "commit" in measured else ""
    return f"\nMeasured on {measured['date']} on {measured['processor']}{at}.\n"


def written(page: str, told: Mapping[str, Any]) -> str:
    """Return the page with its tables worked out anew."""
    for name, table in tables(told).items():
        begins, ends = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begins)
        _, _, after = rest.partition(ends)
        page = before + begins + table + ends + after
    return page


def _search_row(cost: Cost, records: int, search: Search) -> tuple[str, ...]:
    return (
        _power(records),
        cost.name,
        _scaled(search.rows_bytes, "B"),
        f"{search.machines:,}",
        _scaled(search.core_s, "s"),
        _scaled(search.sent_bytes, "B"),
        _scaled(search.seconds, "s"),
        search.bound,
    )


def _day_row(cost: Cost, records: int, day: Day) -> tuple[str, ...]:
    return (
        _power(records),
        cost.name,
        f"{day.enrolments:,.0f}",
        _counted(day.cores),
        _scaled(day.gbit_s * 1e9, "bit/s"),
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _scaled(value: float, unit: str) -> str:
    """Write three digits and a prefix: 2.56e11 B as 256 GB; never kiloseconds."""
    most = 0 if unit == "s" else 5
    power = max(-2, min(most, floor(log10(value) / 3)))
    shown = value / THOUSAND**power
    digits = f"{shown:,.0f}" if shown >= THOUSAND else f"{shown:.3g}"
    return f"{digits} {PREFIXES[power]}{unit}"


def _counted(value: float) -> str:
    return f"{value:,.0f}" if value >= THOUSAND else f"{value:.3g}"


def _power(value: float) -> str:
    return f"10^{round(len(str(int(value))) - 1)}" if value >= 1 else f"{value:.0e}"


def _share(expected: float) -> str:
    share = 1 - exp(-expected)
    return f"{share:.2g}" if share < 1 - 1e-4 else "1"


def main(arguments: list[str]) -> None:
    """Write the page, from results of the bench if they are named."""
    told = json.loads(COSTS.read_text())
    if arguments:
        results = json.loads(Path(arguments[0]).read_text())
        told["costs"] = [asdict(cost) for cost in costs_of(results)]
        told["measured"] = {name: results[name] for name in ("date", "commit")}
        told["measured"]["processor"] = results["machine"]["processor"]
        COSTS.write_text(json.dumps(told, indent=2) + "\n")
    PAGE.write_text(written(PAGE.read_text(), told))


if __name__ == "__main__":
    main(sys.argv[1:])
