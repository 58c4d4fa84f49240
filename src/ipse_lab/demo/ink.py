"""Paper, inks and types of the picture. Both typefaces come with matplotlib."""

from typing import Any, Final

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

PAPER: Final = "#fbf8f1"
INK: Final = "#1a1a18"
GREY: Final = "#77726a"
SAND: Final = "#cdc6b8"
RED: Final = "#b3231b"
OPERATORS: Final = ("#1d3557", "#2b4d3f", "#4a2b52")

SERIF: Final = "STIXGeneral"
SANS: Final = "DejaVu Sans"

TYPES: Final[dict[str, dict[str, Any]]] = {
    "headline": {"family": SERIF, "size": 39, "weight": "bold", "color": INK},
    "standfirst": {"family": SERIF, "size": 16.5, "color": INK, "linespacing": 1.32},
    "title": {"family": SERIF, "size": 18, "weight": "bold", "color": INK},
    "kicker": {"family": SANS, "size": 9, "weight": "bold", "color": INK},
    "aside": {"family": SERIF, "size": 12.5, "style": "italic", "color": GREY},
    "caption": {"family": SERIF, "size": 12.5, "color": INK, "linespacing": 1.3},
    "note": {"family": SERIF, "size": 12, "color": GREY},
    "name": {"family": SERIF, "size": 13.5, "weight": "bold", "color": RED},
    "number": {"family": SERIF, "size": 25, "weight": "bold", "color": RED},
    "bit": {"family": SERIF, "size": 190, "weight": "bold", "color": RED},
    "source": {"family": SERIF, "size": 10.5, "color": GREY},
}

LEFT: Final = 0.045  # of the figure's width
RIGHT: Final = 0.955


def write(
    on: Any,  # noqa: ANN401 (a figure or axes: matplotlib gives them no common type)
    at: tuple[float, float],
    text: str,
    kind: str,
    **more: Any,  # noqa: ANN401 (matplotlib's own text options)
) -> None:
    """Write on a figure, or on axes, in one of the types."""
    on.text(*at, text, **(TYPES[kind] | more))


def rule(figure: Figure, left: float, right: float, height: float) -> None:
    """Draw a thin line across the page."""
    figure.add_artist(Line2D([left, right], [height] * 2, color=INK, linewidth=0.8))
