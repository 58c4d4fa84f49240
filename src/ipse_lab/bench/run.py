"""One run of `make bench`: everything of a draw is measured, told as plain values."""

import subprocess
import time
from collections.abc import Collection
from typing import Final

from ipse_lab.bench import machine, ours
from ipse_lab.bench.settings import SEED, Draw
from ipse_lab.bench.side_by_side import Tell, compared, delayed
from ipse_lab.bench.sums import Told

VERSION: Final = 1
"""Of results.json: raised when a field changes its meaning."""


def measured(draw: Draw, words: Collection[str], tell: Tell) -> Told:
    """Measure a draw with some peers.

    Returns: what results.json holds.
    Raises: Unmeasured: our own engine could not be measured at all.
    """
    began = time.monotonic()
    described = machine.described()
    settings = [compared(setting, words, tell) for setting in draw.settings]
    latency = [told for rtt in draw.rtts_ms for told in delayed(rtt, words, tell)]
    verify = [_verified(rtt, tell) for rtt in draw.rtts_ms]
    own: Told = {}
    for title, command in draw.own.items():
        tell(title)
        own[title] = ours.measured(*command)
    return {
        "version": VERSION,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": _commit(),
        "seed": SEED,
        "seconds": round(time.monotonic() - began),
        "machine": described,
        "settings": settings,
        "latency": latency,
        "verify": verify,
        "own": own,
    }


def _verified(rtt_ms: float, tell: Tell) -> Told:
    tell(f"ipse bench verify at {rtt_ms:g} ms")
    delay = ("--rtt-ms", f"{rtt_ms:g}") if rtt_ms else ()
    return {"rtt_ms": rtt_ms, "report": ours.measured(*ours.bench("verify", *delay))}


def _commit() -> str:
    """Name the commit that was measured; a star says that files were changed since."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty=*", "--exclude=*"],  # noqa: S607 (whichever git runs the checkout)
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return said.stdout.strip()
