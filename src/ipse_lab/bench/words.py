"""How figures are spelled in a table: three digits, and no more."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from ipse_lab.bench.sums import Spread

DIGITS = 3
PREFIXES = ((1e9, " G"), (1e6, " M"), (1e3, " k"))
PLACE: Final = re.compile(r"(?<![\w/.])(\w+:/)?/[^\s'\",;)]+")
"""An address, or a path from the root: true on one machine only."""


def figure(number: float) -> str:
    """Spell a number with three digits: 0.0471, 1.20, 143, 12,800."""
    if number == 0:
        return "0"
    if abs(number) >= 10 ** (DIGITS - 1):
        return f"{number:,.0f}"
    return f"{number:#.{DIGITS}g}"


def speed(per_second: float) -> str:
    """Spell a number of comparisons a second: 51.2 M, 358 k."""
    for size, prefix in PREFIXES:
        if per_second >= size:
            return figure(per_second / size) + prefix
    return figure(per_second)


def spread(told: Spread, spell: Callable[[float], str] = figure) -> str:
    """Spell the middle, and how far figures lie apart if they do."""
    if told.least == told.most:
        return spell(told.middle)
    return f"{spell(told.middle)} ({spell(told.least)} to {spell(told.most)})"


def plain(value: object) -> str:
    """Spell a value of a report as it is."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4g}"
        case dict():
            return ", ".join(f"{name} {plain(part)}" for name, part in value.items())
        case list():
            return ", ".join(map(plain, value))
        case _:
            return str(value)


def placeless(reason: str) -> str:
    """Leave the paths and addresses of one machine out of a reason."""
    return PLACE.sub("...", reason)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Spell a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
