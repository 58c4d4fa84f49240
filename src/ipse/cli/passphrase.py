"""Where a passphrase comes from: a file, the environment, or the person; never argv.

What stands on a command line is seen by every process of the machine.
"""

import os
import sys
from pathlib import Path
from typing import Final

import typer

from ipse.ground.errors import Malformed, Unavailable

VARIABLE: Final = "IPSE_PASSPHRASE"


def passphrase(file: Path | None, *, is_new: bool) -> str:
    """Return the wallet's passphrase; a new one is asked for twice.

    Raises:
        Malformed: it is empty.
        Unavailable: the file cannot be read.
        typer.BadParameter: there is none, and nobody to ask.
    """
    found = _find(file, is_new=is_new)
    if not found:
        raise Malformed("The passphrase is empty: choose one with several words.")
    return found


def _find(file: Path | None, *, is_new: bool) -> str:
    if file is not None:
        try:
            return file.read_text().split("\n", 1)[0].removesuffix("\r")
        except (OSError, UnicodeDecodeError):
            raise Unavailable(
                f"The passphrase file {file} cannot be read as text: check its name "
                "and that you may read it."
            ) from None
    if (found := os.environ.get(VARIABLE)) is not None:
        return found
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            f"There is no passphrase: give --passphrase-file, or set {VARIABLE}."
        )
    asked = "Choose a passphrase for this wallet" if is_new else "Passphrase"
    answer = typer.prompt(asked, hide_input=True, confirmation_prompt=is_new, err=True)
    return str(answer)
