"""The DET plot: both error rates against each other, as ISO/IEC 19795-1 has it.

Both axes are stretched by the normal quantile, on which two bell curves give a straight
line. The band holds the middle 95 % of the draws of people; where fewer than
MIN_FALSE_MATCHES strangers match, the line is dashed: it rests on single pairs.
"""

from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ipse_lab.evaluate import GRID, Accuracy, operating_points
from ipse_lab.rates import MIN_FALSE_MATCHES, Curve, interval

Floats = npt.NDArray[np.float64]

PAPER: Final = "#fbf8f1"
INK: Final = "#1a1a18"
GREY: Final = "#77726a"
RED: Final = "#b3231b"
SERIF: Final = "STIXGeneral"

TICKS: Final = {
    1e-5: "0.001 %",
    1e-4: "0.01 %",
    1e-3: "0.1 %",
    1e-2: "1 %",
    5e-2: "5 %",
    0.2: "20 %",
    0.5: "50 %",
}
_HIGHEST: Final = 0.25
_LOWEST: Final = 2e-4


def draw_det(accuracy: Accuracy, path: Path) -> None:
    """Write the plot as a PNG, with the EER and the shipped thresholds on it."""
    figure = Figure(figsize=(7.2, 7.2), dpi=150, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.13, 0.11, 0.83, 0.73), facecolor=PAPER)
    low = 1 / accuracy.non_mated
    _frame(axes, low, accuracy)
    _band(axes, accuracy, low)
    _line(axes, accuracy)
    _marks(axes, accuracy)
    name = " + ".join(accuracy.forms)
    figure.text(
        0.13, 0.945, f"{name.capitalize()}: {accuracy.rates.eer:.2%} equal error rate",
        family=SERIF, size=21, weight="bold", color=INK,
    )  # fmt: skip
    figure.text(
        0.13, 0.877,
        f"{accuracy.people} people, {accuracy.samples:,} samples, {accuracy.mated:,} "
        f"mated and {accuracy.non_mated:,} non-mated pairs.\nShaded: 95 % of draws of "
        "people. Dashed: fewer than ten false matches.",
        family=SERIF, size=12, color=GREY,
    )  # fmt: skip
    figure.savefig(path, facecolor=PAPER, metadata={"Software": None})


def _frame(axes: Axes, low: float, accuracy: Accuracy) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    least = min(_LOWEST, 1 / accuracy.mated / 2)
    highest = min(0.6, max(_HIGHEST, 3 * accuracy.rates.eer))
    axes.set_xlim(_stretched(low), _stretched(highest))
    axes.set_ylim(_stretched(least), _stretched(highest))
    for axis, floor in ((axes.xaxis, low), (axes.yaxis, least)):
        shown = [tick for tick in TICKS if floor <= tick <= highest]
        axis.set_ticks([_stretched(tick) for tick in shown])
        axis.set_ticklabels([TICKS[tick] for tick in shown], family=SERIF, size=12)
    axes.grid(color=INK, alpha=0.08, linewidth=0.7)
    axes.plot(*[[_stretched(low), _stretched(highest)]] * 2, color=GREY, lw=0.6)
    words: dict[str, Any] = {"family": SERIF, "size": 14, "color": INK}
    axes.set_xlabel("false match rate: a stranger gets in", **words)
    axes.set_ylabel("false non-match rate: the owner is turned away", **words)


def _band(axes: Axes, accuracy: Accuracy, low: float) -> None:
    shown = [fmr for fmr in GRID if fmr >= low]
    edges = [interval([each.fnmr[fmr] for each in accuracy.drawn]) for fmr in shown]
    below, above = np.array(edges).T
    axes.fill_between(
        _stretch(np.array(shown)), _stretch(below), _stretch(above),
        color=RED, alpha=0.12, linewidth=0,
    )  # fmt: skip


def _line(axes: Axes, accuracy: Accuracy) -> None:
    curve: Curve = accuracy.curve
    solid = curve.fmr >= MIN_FALSE_MATCHES / accuracy.non_mated
    thin = curve.fmr > 0
    for shown, style in ((solid, "-"), (thin & ~solid, (0, (4, 2)))):
        axes.plot(
            _stretch(curve.fmr[shown]), _stretch(curve.fnmr[shown]),
            color=RED, linewidth=2, linestyle=style, drawstyle="steps-post",
        )  # fmt: skip


def _marks(axes: Axes, accuracy: Accuracy) -> None:
    """The shipped thresholds; one that no stranger reached stands at the left edge."""
    least = 1 / accuracy.non_mated
    for name, point in operating_points(accuracy).items():
        at = _stretched(max(point["fmr"], least)), _stretched(point["fnmr"])
        seen = f"{point['fmr']:.2g}" if point["fmr"] else f"below {least:.1g}"
        axes.plot(*at, "o", color=INK, markersize=6, clip_on=False, zorder=5)
        axes.annotate(
            f"{name}, threshold {point['threshold']:,.0f}\n"
            f"FMR {seen}, FNMR {point['fnmr']:.1%}",
            at, (10, 8), textcoords="offset points",
            family=SERIF, size=11.5, color=INK,
        )  # fmt: skip


def _stretched(rate: float) -> float:
    return NormalDist().inv_cdf(min(max(rate, 1e-9), 1 - 1e-9))


def _stretch(rates: Floats) -> Floats:
    return np.array([_stretched(float(rate)) for rate in rates])
