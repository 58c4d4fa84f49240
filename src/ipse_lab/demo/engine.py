"""The engine, compiled once: three operators that all start cold would compile thrice.

Numba keeps what it compiled beside the kernels, or where NUMBA_CACHE_DIR says. Where
nothing is kept yet, the operators' own trial is played once in this process; what it
compiles is what the operators load. A stale copy costs time and nothing else.
"""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np

from ipse.owner.encoder import default_thresholds
from ipse.wire.charter import Charter, Thresholds

KERNELS: Final = "ipse.matching.products"
KEPT: Final = "products.*.nbi"


@dataclass(frozen=True, slots=True)
class _Rules:
    """As much of a charter as a trial reads."""

    thresholds: tuple[Thresholds, ...]


def is_compiled() -> bool:
    """Say whether compiled kernels are kept on this machine."""
    spec = importlib.util.find_spec(KERNELS)
    if spec is None or spec.origin is None:
        return False
    kept = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(kept) if kept else Path(spec.origin).parent / "__pycache__"
    return any(folder.rglob(KEPT))


def compile_engine() -> None:
    """Compile and keep all kernels that a trial needs."""
    from ipse.operator.trial import try_out  # noqa: PLC0415 (it loads the compiler)
    from ipse_lab.table import Table  # noqa: PLC0415 (as above)

    rules = cast("Charter", _Rules(default_thresholds()))
    Table(np.random.default_rng()).play(lambda place: try_out(place, rules))
