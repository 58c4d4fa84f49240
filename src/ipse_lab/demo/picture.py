"""The one picture: a photo, three fields of noise, one bit, and the scores nobody saw.

What each party has stands side by side: the owner's photo; the bytes at the end of
each operator's segment file, read before the erasure, with the enrolled row in red
and enlarged; the service's bit. The scores below are `ipse_lab.demo.plot`'s.
"""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle

from ipse.ground.errors import Unavailable
from ipse.ground.names import OPERATORS, Outcome
from ipse_lab.demo import ink
from ipse_lab.demo.ink import LEFT, RED, RIGHT, rule, write
from ipse_lab.demo.plot import draw_count, draw_scores
from ipse_lab.demo.report import uniformity
from ipse_lab.demo.story import Seen

Pixels = npt.NDArray[np.uint8]

WIDTH: Final = 15.0  # inches
HEIGHT: Final = 10.0
DPI: Final = 160

ROWS: Final = 128
"""Records in a noise field: a face's row has 256 bytes, so the field is a square."""
STRIP: Final = (8, 32)
"""The enlarged row: 256 bytes as 8 lines of 32."""

LOW: Final = 0.487  # lower edge of the panels
SIDE: Final = 0.178  # a square panel's width
TALL: Final = SIDE * WIDTH / HEIGHT
GAP: Final = 0.0185
LAST: Final = RIGHT - LEFT - 4 * (SIDE + GAP)  # the service's panel is narrower
STRIP_TALL: Final = TALL * STRIP[0] / STRIP[1]
STRIP_LOW: Final = LOW - 0.031 - STRIP_TALL


def draw(seen: Seen, path: Path) -> None:
    """Write the picture as PNG. Raises: Unavailable: the file can't be written."""
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=ink.PAPER)
    FigureCanvasAgg(figure)
    _headline(figure)
    _photo(figure, seen.cast.photo)
    for seat, p in enumerate(uniformity(seen)):
        _field(figure, seat, seen.disks[seat][-ROWS:], p)
    _bit(figure, "1" if seen.outcomes["recognise"] is Outcome.MATCHED else "0")
    draw_scores(figure, seen)
    draw_count(figure, seen)
    write(
        figure,
        (LEFT, 0.022),
        "Photos: NASA, US Navy; public domain. The second capture is made from the one "
        "photo: turned, cropped, relit, blurred, compressed. Noise: the last 128 of "
        "1,001 records, read from the operators'\nsegment files before the erasure; p "
        "by Pearson's chi-square test over all their bytes.",
        "source",
    )
    try:
        figure.savefig(path, facecolor=ink.PAPER)
    except OSError as error:
        raise Unavailable(
            f"Cannot write the picture {path} ({error.strerror}): choose another "
            "place with --picture."
        ) from error


def _headline(figure: Figure) -> None:
    figure.add_artist(Rectangle((LEFT, 0.955), 0.042, 0.008, color=RED))
    write(figure, (LEFT, 0.893), "Three hold it. None has it.", "headline")
    write(
        figure,
        (LEFT, 0.838),
        "Eileen Collins enrolled with the photo on the left. What three operators keep "
        "of it lies on their disks as below.\nTogether they answered one question: is "
        "this, in another capture, the same person? The answer is one bit.",
        "standfirst",
        va="center",
    )


def _panel(figure: Figure, place: int, who: str, what: str, colour: str) -> Axes:
    """Lay out one party's panel under its name."""
    left = LEFT + place * (SIDE + GAP)
    width = LAST if place > len(OPERATORS) else SIDE
    top = LOW + TALL
    rule(figure, left, left + width, top + 0.033)
    write(figure, (left, top + 0.0125), who, "kicker", color=colour)
    write(figure, (left + width, top + 0.0115), what, "aside", ha="right")
    axes = figure.add_axes((left, LOW, width, TALL))
    axes.set_axis_off()
    return axes


def _photo(figure: Figure, photo: Pixels) -> None:
    axes = _panel(figure, 0, "THE OWNER", "sees a photo", ink.INK)
    side = min(photo.shape[:2])
    left = (photo.shape[1] - side) // 2
    axes.imshow(photo[:side, left : left + side], interpolation="lanczos")
    write(
        figure,
        (LEFT, LOW - 0.031),
        "It never leaves her device. Nor does\nthe template made of it: 128 small\n"
        "integers, split into three, sealed,\nforgotten.",
        "caption",
        va="top",
    )


def _field(figure: Figure, seat: int, field: Pixels, p: float) -> None:
    axes = _panel(
        figure, seat + 1, f"OPERATOR {seat + 1}", "holds noise", ink.OPERATORS[seat]
    )
    left = axes.get_position().x0
    printed = _inked(field, ink.OPERATORS[seat])
    printed[-1] = _inked(field[-1], RED)
    axes.imshow(printed, aspect="auto", interpolation="nearest")
    strip = figure.add_axes((left, STRIP_LOW, SIDE, STRIP_TALL))
    strip.set_axis_off()
    strip.imshow(
        _inked(field[-1].reshape(STRIP), RED), aspect="auto", interpolation="nearest"
    )
    for side in (0.0, 1.0):
        figure.add_artist(
            ConnectionPatch(
                (side, 0.5 / ROWS),
                (side, 1.0),
                "axes fraction",
                "axes fraction",
                axesA=axes,
                axesB=strip,
                color=RED,
                linewidth=0.9,
            )
        )
    write(
        figure,
        (left, STRIP_LOW - 0.012),
        f"Her row, enlarged. Uniform? p = {p:.2f}",
        "note",
        va="top",
    )


def _inked(values: Pixels, colour: str) -> npt.NDArray[np.float64]:
    """Print bytes as ink on paper."""
    ramp = LinearSegmentedColormap.from_list(colour, ["#f4efe4", colour])
    return np.asarray(ramp(values / 255), np.float64)


def _bit(figure: Figure, bit: str) -> None:
    axes = _panel(figure, len(OPERATORS) + 1, "THE SERVICE", "learns a bit", ink.INK)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    write(axes, (0.5, 0.5), bit, "bit", ha="center", va="center_baseline")
    write(
        figure,
        (axes.get_position().x0, LOW - 0.031),
        "The same person: yes.\nGrace Hopper, holding\nher key: no. After the\n"
        "erasure: no record.",
        "caption",
        va="top",
    )
