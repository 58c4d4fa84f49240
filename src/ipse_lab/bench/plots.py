"""The four pictures of a run, small SVG files that are readable day and night.

They bring their own light paper.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from ipse_lab.bench import sums, words
from ipse_lab.bench.peers.listed import PEERS
from ipse_lab.bench.settings import BY_LENGTH, BY_RECORDS, TABLE
from ipse_lab.bench.sums import Told

PAPER: Final = "#fbfaf7"
INK: Final = "#22252a"
GREY: Final = "#767a80"
COLOURS: Final = {
    "ipse": "#b3202c",
    "engine": "#e0848b",
    "numpy2": "#2f6f8f",
    "spu": "#7a5a9e",
    "mpyc": "#8a8d2b",
}
SIZE: Final = (7.2, 4.2)  # inches


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a picture."""

    who: str  # a word of COLOURS
    label: str
    points: list[tuple[float, float]]
    is_dashed: bool = False


def draw(told: Told, folder: Path) -> None:
    """Draw all pictures into a folder."""
    # text stays text, and the same run gives the same bytes
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ipse"}):
        _draw_by_records(told, folder / "speed-by-records.svg")
        _draw_by_length(told, folder / "speed-by-length.svg")
        _draw_latency(told, folder / "latency.svg")
        _draw_bytes(told, folder / "bytes.svg")


def _draw_by_records(told: Told, path: Path) -> None:
    settings = _sorted(told, BY_RECORDS, "records")
    lines = [
        line
        for probes in sorted({each["probes"] for each in settings}, reverse=True)
        for line in _speeds(
            [each for each in settings if each["probes"] == probes],
            "records",
            f", {probes} probe{'s' if probes > 1 else ''}",
            is_dashed=probes == 1,
        )
    ]
    figure, axes = _paper("Comparisons a second, embeddings of 512")
    _lines(axes, lines)
    axes.set_xlabel("records searched")
    _ticks(axes, {each["records"] for each in settings})
    _save(figure, path)


def _draw_by_length(told: Told, path: Path) -> None:
    settings = _sorted(told, BY_LENGTH, "length")
    figure, axes = _paper("Comparisons a second, 64 probes at once")
    _lines(axes, _speeds(settings, "length", ""))
    axes.set_xlabel("entries of a template")
    _ticks(axes, {each["length"] for each in settings})
    _save(figure, path)


def _draw_latency(told: Told, path: Path) -> None:
    reports = [
        (each["rtt_ms"], each["report"])
        for each in told["verify"]
        if "absent" not in each["report"]
    ]
    lines = [
        Line("ipse", "Ipse, whole verification", _waits(reports, "p50_ms")),
        Line(
            "engine",
            "Ipse, of it in secret",
            _waits(reports, "engine_ms"),
            is_dashed=True,
        ),
        *(
            Line(
                peer.word,
                f"{peer.name.split(',')[0]}, bare comparison",
                [
                    (each["rtt_ms"], sums.waiting_ms(each))
                    for each in told["latency"]
                    if each["word"] == peer.word and each["rounds"]
                ],
            )
            for peer in PEERS
            if not peer.is_plain
        ),
    ]
    figure, axes = _paper("Milliseconds for one comparison, 1:1")
    _lines(axes, lines, is_logarithmic=False)
    axes.set_xlabel("round trip between any two parties, ms")
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.set_xticks([each["rtt_ms"] for each in told["verify"]])
    _save(figure, path)


def _draw_bytes(told: Told, path: Path) -> None:
    figure, axes = _paper("Bytes that one party sends for a comparison")
    bars: list[tuple[str, float, str]] = []
    for setting in [each for each in told["settings"] if each["group"] == TABLE]:
        bars.append((setting["title"], 0.0, "ipse"))
        bars.append(("Ipse", sums.our_bytes(setting), "ipse"))
        bars += [
            (
                peer["name"].split(",")[0],
                sums.their_bytes(peer, entrant.processes),
                entrant.word,
            )
            for entrant in PEERS
            for peer in setting["peers"]
            if peer["word"] == entrant.word and peer["rounds"] and not entrant.is_plain
        ]
    _bars(axes, bars)
    _save(figure, path)


# --- from results to lines ---


def _sorted(told: Told, group: str, by: str) -> list[Told]:
    settings = [each for each in told["settings"] if each["group"] == group]
    return sorted(settings, key=lambda each: (each[by], each["probes"]))


def _speeds(
    settings: list[Told], by: str, beside: str, *, is_dashed: bool = False
) -> list[Line]:
    ours = [(each[by], sums.our_speed(each).middle) for each in settings]
    theirs = [
        Line(
            entrant.word,
            entrant.name + beside,
            [
                (setting[by], sums.their_speed(peer).middle)
                for setting in settings
                for peer in setting["peers"]
                if peer["word"] == entrant.word and peer["rounds"]
            ],
            is_dashed,
        )
        for entrant in PEERS
        if entrant.word in COLOURS
    ]
    return [Line("ipse", f"Ipse{beside}", ours, is_dashed), *theirs]


def _waits(
    reports: Iterable[tuple[float, Told]], name: str
) -> list[tuple[float, float]]:
    return [(rtt_ms, report[name]) for rtt_ms, report in reports]


# --- paper and ink ---


def _paper(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE, facecolor=PAPER, layout="constrained")
    axes = figure.add_subplot(facecolor=PAPER)
    axes.set_title(title, loc="left", color=INK)
    axes.tick_params(colors=GREY, which="both")
    axes.xaxis.label.set_color(GREY)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(GREY)
    return figure, axes


def _lines(axes: Axes, lines: list[Line], *, is_logarithmic: bool = True) -> None:
    """Draw lines, and name them beside the picture."""
    drawn = [line for line in lines if line.points]
    if is_logarithmic:
        axes.set_xscale("log")
        axes.set_yscale("log")
    axes.grid(visible=True, color=GREY, alpha=0.18, lw=0.6)
    for line in drawn:
        style: Any = (0, (4, 2)) if line.is_dashed else "-"
        axes.plot(
            *zip(*line.points, strict=True),
            color=COLOURS[line.who],
            ls=style,
            lw=2 if line.who == "ipse" else 1.4,
            marker="o",
            ms=3.5,
            label=line.label,
        )
    if is_logarithmic:
        axes.yaxis.set_major_formatter(lambda speed, _: words.speed(speed))
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        labelcolor=INK,
        fontsize=8.5,
    )


def _ticks(axes: Axes, measured: Iterable[int]) -> None:
    """Mark what was measured, and nothing between."""
    ticks = sorted(measured)
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())


def _bars(axes: Axes, bars: list[tuple[str, float, str]]) -> None:
    """Draw bars from above; one of no length is a heading."""
    for place, (name, size, who) in enumerate(bars):
        is_heading = size == 0
        axes.text(
            -0.01,
            place,
            name,
            transform=axes.get_yaxis_transform(),
            ha="left" if is_heading else "right",
            va="center",
            color=INK if is_heading else GREY,
            fontsize=9,
        )
        if not is_heading:
            axes.barh(place, size, color=COLOURS[who], height=0.66)
            axes.text(size * 1.06, place, words.figure(size), va="center", color=INK)
    axes.set_xscale("log")
    largest = max((size for _, size, _ in bars), default=1.0)
    axes.set_xlim(1, 10 * largest)
    axes.xaxis.set_major_formatter(lambda size, _: f"{size:,.0f}")
    axes.set_ylim(len(bars) - 0.4, -1.2)  # from above, with room below the title
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None, "Creator": None})
