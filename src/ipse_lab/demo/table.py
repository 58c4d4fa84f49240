"""The last table: who saw what.

Pictures are printed with half blocks, two pixels a character, so that a photo is a
photo and noise is noise on any terminal with colours; where there are none, with
four shades.
"""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ipse.ground.names import OPERATORS, Outcome
from ipse_lab.demo.report import disagreements, holds, uniformity
from ipse_lab.demo.story import REFERENCES, Seen

Pixels = npt.NDArray[np.uint8]

SIDE: Final = 18
"""Pixels of a printed picture's side: 18 characters wide, 9 lines high."""
HALF: Final = "▀"
SHADES: Final = " ░▒▓█"
BYTES: Final = 6


def seen_by(seen: Seen, *, has_colours: bool) -> RenderableType:
    """Show what the owner, each operator and the service saw."""
    printed = _coloured if has_colours else _shaded
    table = Table(box=None, padding=(0, 2, 1, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_row(printed(_photo(seen)), _owner())
    for operator, rows, p in zip(OPERATORS, seen.disks, uniformity(seen), strict=True):
        row = rows[REFERENCES]
        table.add_row(printed(_grey(rows)), _operator(operator, row.tobytes(), p))
    table.add_row(_bit(seen), _service(seen))
    return Group(Text(), table, _count(seen))


def _owner() -> Text:
    return _said(
        "The owner saw a photo.",
        "It became 128 small integers, on this device;",
        "they were split into three, sealed, and forgotten.",
        "What stayed is a key, in a file under a passphrase.",
    )


def _operator(operator: int, row: bytes, p: float) -> Text:
    return _said(
        f"Operator {operator} saw noise.",
        f"Her row, {len(row)} bytes on its disk: {row[:BYTES].hex(' ')} ...",
        f"Are the bytes of all its rows uniform? p = {p:.3f}.",
        "It saw a handle, the time and the answers, and no",
        "photo, no template, no score.",
    )


def _service(seen: Seen) -> Text:
    answers = {
        "recognise": "Eileen Collins, second capture",
        "refuse": "Grace Hopper, with Collins's key",
        "after": "Eileen Collins, after she erased",
    }
    return _said(
        "The service saw one bit.",
        *(
            f"{'1' if seen.outcomes[scene] is Outcome.MATCHED else '0'}   "
            f"{who}: {seen.outcomes[scene].value.replace('-', ' ')}"
            for scene, who in answers.items()
        ),
    )


def _count(seen: Seen) -> Text:
    came_true = holds(seen)
    return Text.assemble(
        (f"{seen.bits.size:,}", "bold"),
        " secret comparisons, ",
        (f"{disagreements(seen)}", "bold"),
        " of them differ from plain arithmetic; ",
        "everything claimed came true."
        if came_true
        else ("NOT everything claimed came true.", "bold red"),
    )


def _said(headline: str, *lines: str) -> Text:
    return Text("\n").join([Text(headline, "bold"), *(Text(line) for line in lines)])


def _photo(seen: Seen) -> Pixels:
    photo = seen.cast.photo
    side = min(photo.shape[:2])
    left = (photo.shape[1] - side) // 2
    square = photo[:side, left : left + side]
    small = cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _grey(rows: Pixels) -> Pixels:
    """Her row and the rows before it, as they lie on the disk."""
    flat = rows[-2:].reshape(-1)[-SIDE * SIDE :]
    return np.repeat(flat.reshape(SIDE, SIDE, 1), 3, axis=2)


def _bit(seen: Seen) -> Text:
    is_match = seen.outcomes["recognise"] is Outcome.MATCHED
    return Text(f"{'1' if is_match else '0':^{SIDE}}", "bold red")


def _coloured(pixels: Pixels) -> Text:
    return Text("\n").join(_lines(pixels))


def _shaded(pixels: Pixels) -> Text:
    pairs = pixels.reshape(SIDE // 2, 2, SIDE, 3).mean(axis=(1, 3))
    shades = np.minimum(pairs * len(SHADES) / 256, len(SHADES) - 1).astype(int)
    return Text("\n".join("".join(SHADES[n] for n in line) for line in shades))


def _lines(pixels: Pixels) -> Iterator[Text]:
    for upper, lower in zip(pixels[::2], pixels[1::2], strict=True):
        line = Text()
        for above, below in zip(upper, lower, strict=True):
            line.append(HALF, Style(color=_hex(above), bgcolor=_hex(below)))
        yield line


def _hex(pixel: Pixels) -> str:
    return "#" + bytes(pixel).hex()
