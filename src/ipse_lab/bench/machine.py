"""What machine was measured, and how much of it others took meanwhile."""

import os
import platform
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

COUNTERS: Final = Path("/proc/stat")
PROCESSOR: Final = Path("/proc/cpuinfo")
IDLE: Final = (3, 4)  # columns of the first line: idle, and waiting for a disk


def described() -> dict[str, Any]:
    """Say what the machine is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_1min_before": round(os.getloadavg()[0], 2),
    }


def processor() -> str:
    """Name the processor, and the widest vectors that the kernels may use."""
    if not PROCESSOR.exists():
        return platform.machine()
    lines = PROCESSOR.read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    named = {key.strip(): value.strip() for key, value in fields.items()}
    flags = named.get("flags", "").split()
    widest = next((flag for flag in ("avx512bw", "avx2") if flag in flags), "")
    return f"{named.get('model name', platform.machine())} {widest}".strip()


class Others:
    """Cores that others took while this ran, on average; None where it isn't told.

    Everything that was not idle, less what this process and its children used: so
    other people's work, the kernel's own, and what a hypervisor withheld.
    """

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self.cores: float | None = None

    def __enter__(self) -> Self:
        """Begin to count."""
        self._began, self._busy, self._own = time.monotonic(), _busy_s(), _own_s()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End: `cores` is known."""
        busy = _busy_s()
        if busy is not None and self._busy is not None:
            others = busy - self._busy - (_own_s() - self._own)
            elapsed = time.monotonic() - self._began
            self.cores = round(max(others, 0.0) / elapsed, 2)


def _busy_s() -> float | None:
    """Seconds in which some core was not idle, of all cores, since the start."""
    if not COUNTERS.exists():
        return None
    first = COUNTERS.read_text().splitlines()[0].split()[1:9]
    ticks = [int(each) for each in first]
    idle = sum(ticks[column] for column in IDLE)
    return (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    """Processor time of this process, and of its children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
