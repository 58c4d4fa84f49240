"""`make bench`: this engine and its peers side by side, from the jobs to the page.

    python -m ipse_lab.bench                      bench/RESULTS.md, .json and pictures
    python -m ipse_lab.bench --quick              the same, small, into bench/quick/
    python -m ipse_lab.bench --peers "numpy spu"  with these peers; "" is ours alone
    python -m ipse_lab.bench --again bench        the page and pictures from the .json

Progress goes to standard error, the page to standard output as well. Exit code 1 if
any answer was wrong.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Final

from ipse.ground.errors import IpseError
from ipse_lab.bench import plots, run, settings, sums
from ipse_lab.bench.peers.listed import PEERS
from ipse_lab.bench.results import written
from ipse_lab.bench.sums import Told

FOLDER: Final = Path("bench")
QUICK: Final = FOLDER / "quick"
EVERYBODY: Final = "all"


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read what was measured, and write it down. Returns: 1 if wrong."""
    everybody = [peer.word for peer in PEERS]
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--peers", default=EVERYBODY, help=" ".join(everybody))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--again", type=Path, metavar="FOLDER")
    chosen = parser.parse_args(arguments)
    folder = chosen.again or (QUICK if chosen.quick else FOLDER)
    if chosen.again:
        told = json.loads((folder / "results.json").read_text())
    else:
        words = everybody if chosen.peers == EVERYBODY else chosen.peers.split()
        try:
            draw = settings.quick() if chosen.quick else settings.full()
            told = run.measured(draw, words, _Progress().tell)
        except IpseError as reason:
            sys.stderr.write(f"{reason}\n")
            return 1
    sys.stdout.write(keep(told, folder))
    return int(sums.wrong_bits(told) > 0)


def keep(told: Told, folder: Path) -> str:
    """Write a run's results into a folder. Returns: the page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(told, indent=1) + "\n")
    page = written(told)
    (folder / "RESULTS.md").write_text(page)
    plots.draw(told, folder)
    return page


class _Progress:
    """Tells on standard error what goes on, and since when."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()

    def tell(self, line: str) -> None:
        """Tell one line."""
        passed = time.monotonic() - self._began_s
        sys.stderr.write(f"{passed:6.0f} s  {line}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
