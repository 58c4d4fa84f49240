"""What a command says, and where: answers to standard output, all else to the other.

An answer is told once, either as text or, with `--json`, as one JSON object on one
line. Spinners and remarks go to standard error, so that a pipe sees answers alone.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)


def tell(answer: Mapping[str, object], text: RenderableType, *, as_json: bool) -> None:
    """Tell the answer: the object, or the text that says the same to a person."""
    if as_json:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    else:
        Console(highlight=False).print(text)


def remark(text: RenderableType) -> None:
    """Say something that is not the answer."""
    Console(stderr=True, highlight=False).print(text)


@contextmanager
def busy(sentence: str) -> Iterator[None]:
    """Show, at a terminal, that work is going on."""
    with Console(stderr=True).status(sentence, spinner="dots"):
        yield


@contextmanager
def steps(sentence: str) -> Iterator[Callable[[int, int], None]]:
    """Show, at a terminal, a bar that is told how many of how many are done."""
    with Progress(
        TextColumn(sentence),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        bar = progress.add_task(sentence, total=None)
        yield lambda done, of: progress.update(bar, completed=done, total=of)
