"""The processes of an operator's workers, for whoever wants to stop or kill one.

    workers_of(pid)      worker processes below an operator's, and what each does
    caught(pid)          waits until one of them is in the middle of a scan

Ray says in a process's title what it does: `ray::_Placed.scan` while it scans.
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import Final

TITLE: Final = "ray::_Placed"
SCANNING: Final = f"{TITLE}.scan"
PATIENCE_S: Final = 20.0


def workers_of(operator: int) -> dict[int, str]:
    """Return the title of every worker below an operator's process, by number."""
    parents: dict[int, int] = {}
    titles: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            number = int(folder.name)
            after_name = (folder / "stat").read_text().rpartition(")")[2]
            parents[number] = int(after_name.split()[1])
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
            titles[number] = words.decode(errors="replace").strip()
    return {
        number: title
        for number, title in titles.items()
        if title.startswith(TITLE) and operator in _ancestors(number, parents)
    }


def caught(operator: int) -> int:
    """Return the number of a worker that scans. Raises: TimeoutError: none does."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for number, title in workers_of(operator).items():
            if title.startswith(SCANNING):
                return number
        time.sleep(0.01)
    raise TimeoutError(f"no worker scans: {workers_of(operator)}")


def _ancestors(number: int, parents: dict[int, int]) -> set[int]:
    found = set()
    while number in parents and number not in found:
        found.add(number)
        number = parents[number]
    return found
