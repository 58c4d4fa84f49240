"""Asks our own engine as anyone would: `ipse bench ... --json`, as a command."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from ipse.ground.errors import Unavailable
from ipse.ground.names import Form
from ipse_lab.bench.jobs import Job

PATIENCE_S: Final = 900.0
USAGE: Final = 2  # exit code of a command or an option that is not there


class Unmeasured(Unavailable):
    """A measurement of ours is not there, or failed; the message says why."""


def bench(*words: str) -> dict[str, Any]:
    """Run `ipse bench WORDS --json`. Returns: the one object that it prints.

    Raises: Unmeasured: there is no such command or option, or it failed.
    """
    command = [str(Path(sys.executable).with_name("ipse")), "bench", *words, "--json"]
    try:
        ended = subprocess.run(  # noqa: S603 (our own command)
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as reason:
        raise Unmeasured(f"{' '.join(command[1:])}: {reason}") from None
    lines = ended.stdout.strip().splitlines()
    said = _object(lines[-1] if lines else "")
    if ended.returncode or "error" in said:
        detail = said.get("error", {}).get("detail") or _last(ended.stderr)
        raise Unmeasured(f"exit code {ended.returncode}: {detail}")
    return said


def match(job: Job) -> dict[str, Any]:
    """Measure one search.

    Raises: Unmeasured: see bench.
    """
    what = (
        ("--code", str(job.length), "--rotations", str(job.probes))
        if job.form is Form.CODE
        else ("--dim", str(job.length), "--probes", str(job.probes))
    )
    return bench(
        "match",
        *what,
        *("--records", str(job.records)),
        *("--repetitions", str(job.repetitions), "--seed", str(job.seed)),
    )


def measured(*words: str) -> dict[str, Any]:
    """Do as `bench` does, but return {"absent": why} instead of raising."""
    try:
        return bench(*words)
    except Unmeasured as reason:
        return {"absent": str(reason)}


def _object(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "without a word"
