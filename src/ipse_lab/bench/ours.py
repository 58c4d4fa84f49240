"""Asks our own engine as anyone would: by a command that prints one object."""

import json
import subprocess
import sys
from typing import Any, Final

from ipse.ground.errors import Unavailable
from ipse.ground.names import Form
from ipse_lab.bench.jobs import Job
from ipse_lab.bench.words import placeless

PATIENCE_S: Final = 900.0


class Unmeasured(Unavailable):
    """A measurement of ours is not there, or failed; the message says why."""


def bench(*words: str) -> tuple[str, ...]:
    """Return `ipse bench WORDS --json`, as arguments of our interpreter."""
    return ("-m", "ipse.cli.main", "bench", *words, "--json")


def match(job: Job) -> dict[str, Any]:
    """Measure one search.

    Raises: Unmeasured: see said.
    """
    what = (
        ("--code", str(job.length), "--rotations", str(job.probes))
        if job.form is Form.CODE
        else ("--dim", str(job.length), "--probes", str(job.probes))
    )
    size = ("--records", str(job.records), "--repetitions", str(job.repetitions))
    return said(*bench("match", *what, *size, "--seed", str(job.seed)))


def said(*arguments: str) -> dict[str, Any]:
    """Run our interpreter with these arguments. Returns: the object that it prints.

    Raises: Unmeasured: there is no such command or option, or it failed.
    """
    try:
        ended = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as reason:
        raise Unmeasured(f"{' '.join(arguments)}: {reason}") from None
    lines = ended.stdout.strip().splitlines()
    found = _object(lines[-1] if lines else "")
    if ended.returncode or "error" in found:
        detail = found.get("error", {}).get("detail") or _last(ended.stderr)
        raise Unmeasured(f"exit code {ended.returncode}: {detail}")
    return found


def measured(*arguments: str) -> dict[str, Any]:
    """Do as `said` does, but return {"absent": why} instead of raising."""
    try:
        return said(*arguments)
    except Unmeasured as reason:
        return {"absent": placeless(str(reason))}


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "without a word"
