"""How long an operator takes to open its store, and what of it stays in memory.

    python -m ipse_lab.bench.opening --records 1000000
    python -m ipse_lab.bench.opening --records 1000000 --ledger URL

Stores invented faces through `ipse.operator.records`, in a temporary folder, then opens
them in a process of its own: ledger, segments and roll together, from the first line
of code that knows of them to a roll that has its digest. Prints one JSON object.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from ipse.ground.names import (
    HANDLE_BYTES,
    Epoch,
    Form,
    Handle,
    Instant,
    OperatorId,
    RequestId,
    Slot,
)
from ipse.ground.params import LENGTH
from ipse.keys.system import SystemClock
from ipse.operator.records import Records
from ipse.store.archive import file_url
from ipse.store.ledger import Ledger
from ipse.store.segments import Segments
from ipse.wire.change import Change, Kind, Planned

AT_ONCE: Final = 16_384
"""Records in a change: as many as a large seeding request has."""

LOOKUPS: Final = 1_000
"""Records that are looked up, each once."""

OWNER_KEY: Final = (5).to_bytes(32)
CHARTER_DIGEST: Final = bytes(32)
FACE: Final = (Form.FACE,)
MB: Final = 1e6


@contextmanager
def opened(folder: Path, url: str | None) -> Iterator[tuple[Ledger, Records]]:
    """Open a store in a folder."""
    at = Epoch(0)
    where = url or file_url(folder / "store.sqlite")
    ledger = Ledger(where, "measurement 0 1", SystemClock())
    segments = Segments(
        folder / "segments",
        FACE,
        charter=CHARTER_DIGEST,
        epoch=at,
        operator=OperatorId(1),
    )
    try:
        yield ledger, Records(ledger, segments, at, SystemClock())
    finally:
        segments.close()
        ledger.close()


def fill(folder: Path, url: str | None, records: int) -> None:
    """Store invented faces."""
    dice = np.random.default_rng(1)
    with opened(folder, url) as (_, store):
        for start in range(0, records, AT_ONCE):
            slots = range(start, min(start + AT_ONCE, records))
            planned = tuple(
                Planned(Handle(dice.bytes(HANDLE_BYTES)), Slot(slot), OWNER_KEY, FACE)
                for slot in slots
            )
            request = RequestId(start.to_bytes(16))
            change = Change(request, Kind.ADD, Instant(start), 0, planned, ())
            faces = dice.integers(
                0, 1 << 16, (len(slots), LENGTH[Form.FACE]), np.uint16
            )
            store.doubt(change)
            store.write(change, tuple({Form.FACE: {"face": face}} for face in faces))
            store.commit(change)


def measure(folder: Path, url: str | None) -> dict[str, float]:
    """Open a store, look a record up, search twice."""
    before = resident_mb()
    began = time.perf_counter()
    with opened(folder, url) as (ledger, store):
        store.roll.digest()
        opening = time.perf_counter() - began
        after_opening = resident_mb()
        some = [record.handle for record in islice(ledger.records(), LOOKUPS)]
        lookups = timed(lambda: [store.roll.get(handle) for handle in some]) / len(some)
        scans = [timed(lambda: scan(store)) for _ in range(2)]
        return {
            "records": len(store.roll),
            "seconds": opening,
            "rss_mb": after_opening,
            "rss_before_mb": before,
            "rss_after_scan_mb": resident_mb(),
            "segments_mb": sum(
                path.stat().st_size for path in (folder / "segments").rglob("*.*")
            )
            / MB,
            "lookup_ms": 1e3 * lookups,
            "first_scan_seconds": scans[0],
            "next_scan_seconds": scans[1],
        }


def scan(store: Records) -> None:
    """Touch every living row once, as a search does."""
    with store.held(Form.FACE) as held:
        np.bitwise_xor.reduce(held.rows["face"].view(np.uint64), axis=None)


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def resident_mb() -> float:
    """Return this process's resident memory, mapped files included."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MB


def main() -> None:
    """Fill, then measure in another process."""
    parser = argparse.ArgumentParser(
        prog="python -m ipse_lab.bench.opening",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--ledger", metavar="URL", help="an empty database")
    parser.add_argument("--folder", type=Path, help="open what is there already")
    chosen = parser.parse_args()
    if chosen.folder is not None:
        print(json.dumps(measure(chosen.folder, chosen.ledger)))  # noqa: T201 (what is asked for)
        return
    with tempfile.TemporaryDirectory(prefix="ipse-opening-") as name:
        fill(Path(name), chosen.ledger, chosen.records)
        program = ["-m", "ipse_lab.bench.opening", "--folder", name]
        ledger = [] if chosen.ledger is None else ["--ledger", chosen.ledger]
        subprocess.run([sys.executable, *program, *ledger], check=True)  # noqa: S603 (ourselves)


if __name__ == "__main__":
    main()
