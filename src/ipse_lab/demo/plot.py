"""The lower half of the picture: the scores behind the bits, and what was counted.

Computed in plain, on the owner's side, for this picture alone: no operator and no
service ever has a score.
"""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from ipse.ground.names import Form
from ipse.ground.params import SCALE
from ipse_lab.demo.ink import GREY, INK, LEFT, RED, RIGHT, SAND, SERIF, rule, write
from ipse_lab.demo.report import disagreements
from ipse_lab.demo.story import Seen

FRAME: Final = (LEFT, 0.098, 0.66, 0.17)
COUNT: Final = 0.818
"""Where the numbers end and their meanings begin."""
PERFECT: Final = SCALE[Form.FACE] ** 2
BINS: Final = np.linspace(-1, 1, 251)
TICKS: Final = (-0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
MARK: Final = 0.74
MEDALLION: Final = 256  # pixels
MEDALLION_INCHES: Final = 0.72
RIM: Final = 9  # pixels

Pixels = npt.NDArray[np.uint8]


def draw_scores(figure: Figure, seen: Seen) -> None:
    """Draw the distribution of scores, the line, and the two people."""
    rule(figure, LEFT, RIGHT, 0.345)
    write(figure, (LEFT, 0.3145), "The scores that nobody saw", "title")
    write(
        figure,
        (LEFT, 0.291),
        "Computed in the open for this picture, on the owner's side. The operators "
        "compared in secret, and opened only which side of the line.",
        "aside",
    )
    axes = figure.add_axes(FRAME)
    axes.patch.set_alpha(0)
    is_mated = seen.cast.is_mated
    strangers = seen.scores[~is_mated] / PERFECT
    mated = seen.scores[:-1][is_mated[:-1]] / PERFECT  # the last probe is no invention
    counts = np.histogram(strangers, BINS)[0]
    middles = (BINS[:-1] + BINS[1:]) / 2
    axes.fill_between(middles, counts / counts.max(), step="mid", color=SAND, lw=0)
    axes.vlines(mated, 0, 0.2, color=INK, lw=1.4)
    line = seen.threshold / PERFECT
    axes.axvline(line, 0, 0.87, color=INK, lw=1, ls=(0, (4, 3)))
    write(axes, (line, 1.04), f"the line: {line:.2f}", "caption", ha="center")
    write(
        axes,
        (-0.13, 0.66),
        f"{strangers.size:,} pairs\nof strangers",
        "caption",
        color=GREY,
        ha="right",
        va="center",
    )
    write(
        axes,
        (float(np.median(mated)), 0.27),
        f"{mated.size} invented people, met again",
        "caption",
        ha="center",
    )
    _dress(axes)
    collins, hopper = seen.cast.faces
    _mark(axes, seen.genuine / PERFECT, "Eileen Collins,\nsecond capture", collins, -1)
    _mark(axes, seen.impostor / PERFECT, "Grace\nHopper", hopper, 1)


def _mark(axes: Axes, at: float, name: str, face: Pixels, side: int) -> None:
    """Raise a face on a stem at its score; its name to the left (-1) or right (1)."""
    axes.vlines(at, 0, MARK, color=RED, lw=1.4)
    medallion = OffsetImage(_round(face), zoom=MEDALLION_INCHES * 72 / MEDALLION)
    axes.add_artist(AnnotationBbox(medallion, (at, MARK), frameon=False, pad=0))
    write(
        axes,
        (at + side * 0.06, MARK),
        name,
        "name",
        ha="right" if side < 0 else "left",
        va="center",
        linespacing=1.1,
    )


def _round(face: Pixels) -> npt.NDArray[np.uint8]:
    """Cut a round picture with a red rim: uint8[MEDALLION, MEDALLION, 4]."""
    square = cv2.resize(face, (MEDALLION, MEDALLION), interpolation=cv2.INTER_AREA)
    middle = np.arange(MEDALLION) + 0.5 - MEDALLION / 2
    away = np.hypot(middle[:, None], middle[None, :])
    radius = MEDALLION / 2 - 1
    is_rim = np.clip(away - (radius - RIM), 0, 1)[..., None]
    red = np.array(to_rgb(RED)) * 255
    colours = square * (1 - is_rim) + red * is_rim
    cover = np.clip(radius - away, 0, 1)[..., None] * 255
    return np.concatenate([colours, cover], axis=2).astype(np.uint8)


def _dress(axes: Axes) -> None:
    axes.set_xlim(-0.42, 1.0)
    axes.set_ylim(0, 1.12)
    axes.set_yticks([])
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS[:-1]] + ["1: identical"])
    axes.tick_params(
        length=3, color=GREY, labelcolor=GREY, labelsize=11, labelfontfamily=SERIF
    )
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(GREY)


def draw_count(figure: Figure, seen: Seen) -> None:
    """Print the three numbers that a reader should remember."""
    lines = (
        (
            f"{seen.bits.size:,}",
            "secret comparisons, all held\nagainst plain arithmetic",
        ),
        (f"{disagreements(seen)}", "of them differ"),
        (
            f"{len(set(seen.pids))}",
            "operators, each with its own\nprocess, disk and keys",
        ),
    )
    for line, (number, meaning) in enumerate(lines):
        height = 0.243 - 0.062 * line
        write(
            figure, (COUNT - 0.009, height), number, "number", ha="right", va="center"
        )
        write(
            figure, (COUNT, height), meaning, "caption", va="center", linespacing=1.15
        )
