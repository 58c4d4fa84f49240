"""What `make bench` measures: a few jobs for the tables, more points for the plots.

A slow peer does a smaller job than we do, and is compared by the comparison. For a
peer that favours it: fewer rows fit a cache.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ipse_lab.bench.jobs import Job
from ipse_lab.bench.match import codes, embeddings
from ipse_lab.bench.ours import bench

TABLE: Final = "table"
BY_RECORDS: Final = "by records"
BY_LENGTH: Final = "by length"
SEED: Final = 1
ROTATIONS: Final = 31
LENGTHS: Final = (64, 128, 256, 512, 1_024)
LATENCY_LENGTH: Final = 512
PLAIN: Final = ("numpy", "numpy2", "faiss", "faiss2")
KERNEL: Final = {"`ipse bench kernel`": bench("kernel")}
MANY: Final = {
    "Many wallets at once, verifying: `ipse bench serve`": bench("serve"),
    "Many wallets at once, enrolling: `ipse bench serve --purpose enrol`": bench(
        "serve", "--purpose", "enrol"
    ),
}
OPENING: Final = {
    "Opening a million records": (
        *("-m", "ipse_lab.bench.opening"),
        *("--records", "1000000"),
    )
}
MOST_FOR_SPU: Final = 640_000  # comparisons; a second or two a query


@dataclass(frozen=True, slots=True)
class Setting:
    """One job, and who does it with us."""

    group: str  # TABLE, or the plot that it is a point of
    title: str
    job: Job
    peers: Mapping[str, int]  # word of a peer -> records of its job
    rounds: int  # ours, each peer, ours, each peer, ...


@dataclass(frozen=True, slots=True)
class Draw:
    """Everything that one run measures."""

    settings: tuple[Setting, ...]
    rtts_ms: tuple[float, ...]  # round trips, for one comparison and one verification
    own: Mapping[str, tuple[str, ...]]  # further ones of ours: title -> command


def full() -> Draw:
    """Everything; under a quarter of an hour on two cores."""
    settings = (
        Setting(
            TABLE,
            "64 probes against 200,000 embeddings of 512",
            embeddings(512, 200_000, 64, 3, SEED),
            {**dict.fromkeys(PLAIN, 200_000), "spu": 4_000},
            3,
        ),
        Setting(
            TABLE,
            "1 probe against 10,000 embeddings of 512",
            embeddings(512, 10_000, 1, 25, SEED),
            {**dict.fromkeys(PLAIN, 10_000), "spu": 10_000, "mpyc": 1_000},
            5,
        ),
        Setting(
            TABLE,
            "1 probe against 1,000,000 faces of 128",
            embeddings(128, 1_000_000, 1, 9, SEED),
            {**dict.fromkeys(PLAIN, 1_000_000), "spu": 40_000},
            3,
        ),
        Setting(
            TABLE,
            f"{ROTATIONS} rotations against 10,000 masked codes of 12,800",
            codes(10_000, ROTATIONS, 3, SEED),
            {"popcount": 10_000, "bitwise": 1_000, "numpy2": 1_000, "spu": 300},
            3,
        ),
        *_by_records(100, 1_000, 10_000, 100_000),
        *_by_length(LENGTHS, 40_000),
    )
    return Draw(settings, (0, 20, 50, 100), KERNEL | MANY | OPENING)


def quick() -> Draw:
    """Show that everything works, in a minute or two; figures are hints."""
    settings = (
        Setting(
            TABLE,
            "64 probes against 5,000 embeddings of 512",
            embeddings(512, 5_000, 64, 3, SEED),
            {**dict.fromkeys(PLAIN, 5_000), "spu": 300},
            1,
        ),
        Setting(
            TABLE,
            "1 probe against 3,000 embeddings of 512",
            embeddings(512, 3_000, 1, 5, SEED),
            {**dict.fromkeys(PLAIN, 3_000), "spu": 3_000, "mpyc": 200},
            2,
        ),
        Setting(
            TABLE,
            "1 probe against 20,000 faces of 128",
            embeddings(128, 20_000, 1, 3, SEED),
            dict.fromkeys(PLAIN, 20_000),
            1,
        ),
        Setting(
            TABLE,
            f"{ROTATIONS} rotations against 65 masked codes of 12,800",
            codes(65, ROTATIONS, 2, SEED),
            {"popcount": 65, "bitwise": 65, "numpy2": 65, "spu": 65},
            1,
        ),
        *_by_records(200, 2_000),
        *_by_length((64, 256), 2_000),
    )
    return Draw(settings, (0, 20), KERNEL)


def _by_records(*sizes: int) -> tuple[Setting, ...]:
    return tuple(
        Setting(
            BY_RECORDS,
            f"{probes} x {records:,} embeddings of 512",
            embeddings(512, records, probes, 9, SEED),
            {"numpy2": records, **_small_enough(records, probes)},
            1,
        )
        for probes in (1, 64)
        for records in sizes
    )


def _small_enough(records: int, probes: int) -> Mapping[str, int]:
    return {"spu": records} if records * probes <= MOST_FOR_SPU else {}


def _by_length(lengths: tuple[int, ...], records: int) -> tuple[Setting, ...]:
    return tuple(
        Setting(
            BY_LENGTH,
            f"64 x {records:,} embeddings of {length}",
            embeddings(length, records, 64, 5, SEED),
            {"numpy2": records, "spu": min(records, 1_000)},
            1,
        )
        for length in lengths
    )
