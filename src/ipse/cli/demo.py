"""`ipse demo`: the main job on real input, with proof, in well under a minute."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer
from rich.console import Console

from ipse.cli.border import NO
from ipse.cli.options import Json
from ipse.cli.terminal import tell
from ipse.ground.errors import Unavailable

PICTURE: Final = Path("ipse-demo.png")


def demo(
    picture: Annotated[
        Path, typer.Option("--picture", help="Where the picture is written.")
    ] = PICTURE,
    *,
    as_json: Json = False,
) -> None:
    """Enrol, recognise, refuse, find and erase a real face, among three operators.

    Starts three operator processes in a folder that is removed at the end, enrols the
    portrait of Eileen Collins among a thousand invented people, and shows at each step
    what everybody saw. It ends with a table and a picture. Exit code 1 if anything
    that it claims did not come true.
    """
    from ipse_lab.demo.picture import draw
    from ipse_lab.demo.report import as_object, holds
    from ipse_lab.demo.story import Story
    from ipse_lab.demo.table import seen_by

    if not os.access(picture.parent, os.W_OK):
        raise Unavailable(
            f"Nothing can be written to {picture.parent}: choose another place with "
            "--picture."
        )
    signal.signal(signal.SIGTERM, _interrupt)
    story = Story(Lines(Console(stderr=True, highlight=False)))
    seen = story.perform()
    with story.scene("picture", f"The picture is drawn: {picture}"):
        draw(seen, picture)
    table = seen_by(seen, has_colours=Console().color_system is not None)
    tell(as_object(seen, str(picture)), table, as_json=as_json)
    if not holds(seen):
        raise typer.Exit(NO)


class Lines:
    """Tells each scene on a line of its own, with a tick and the time it took."""

    def __init__(self, console: Console) -> None:
        """Tell it on this console."""
        self._console = console

    @contextmanager
    def scene(self, sentence: str) -> Iterator[Callable[[object], None]]:
        """Show that a scene is going on; at its end, how long it took, and its find."""
        start = time.monotonic()
        found: list[object] = []
        with self._console.status(sentence, spinner="dots"):
            yield found.append
        took = f"{time.monotonic() - start:5.1f} s"
        told = "".join(f": [bold]{find}[/]" for find in found)
        self._console.print(f"[green]✓[/] [dim]{took}[/]  {sentence}{told}")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Let SIGTERM end the play as Ctrl-C does: with the processes stopped."""
    raise KeyboardInterrupt
