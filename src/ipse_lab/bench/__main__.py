"""`make bench`: the jobs that a network of people would have, one after the other."""

import sys

from rich.console import Console
from rich.table import Table

from ipse_lab.bench.match import Report, codes, embeddings, measure

JOBS = {
    "1 probe, 10,000 embeddings of 512": embeddings(512, 10_000, 1, 15, seed=1),
    "64 probes, 20,000 embeddings of 512": embeddings(512, 20_000, 64, 5, seed=1),
    "1 probe, 100,000 faces (128)": embeddings(128, 100_000, 1, 9, seed=1),
    "1 probe, 1,000 codes of 12,800 in 31 rotations": codes(1_000, 31, 5, seed=1),
}


def main() -> int:
    """Measure every job and print a table; 1 if an answer was wrong."""
    table = Table(
        "job",
        "comparisons/s",
        "worst to best",
        "ms a query",
        "bytes a comparison",
        "wrong bits",
        title="Three operators as processes, TLS, match bits opened and checked",
    )
    console = Console()
    wrong = 0
    report: Report = {}
    for name, job in JOBS.items():
        with Console(stderr=True).status(name):
            report = measure(job)
        wrong += report["bits_wrong"] + (not report["opened_alike_by_all"])
        table.add_row(
            name,
            f"{report['comparisons_per_second']:,}",
            f"{report['comparisons_per_second_worst']:,} to "
            f"{report['comparisons_per_second_best']:,}",
            f"{1_000 * report['seconds']:.1f}",
            f"{report['bytes_per_comparison_per_operator']}",
            f"{report['bits_wrong']} of {report['bits_checked']:,}",
        )
    console.print(table)
    console.print(f"{report['machine']}; each figure is the median of its repetitions")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
