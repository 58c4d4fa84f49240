"""Where errors become one sentence and an exit code.

=====  ========================================================================
code   meaning
=====  ========================================================================
0      yes: done, matched, active
1      no: not matched, already enrolled, no such record, or refused by a rule
2      the command was not understood (usage)
3      the world failed: an operator, a file or the network is not there; retry
4      malformed: what was given breaks a rule that anyone can check
5      unproven: a signature, a passphrase, a charter or a quorum is not there
6      misbehaved: an operator was caught breaking the protocol; evidence is kept
7      out of turn: a mistake in Ipse; please report it
130    interrupted
=====  ========================================================================

With `--json` an error is an object too: `{"error": {"family", "detail"}}`. Whatever
is not an IpseError is a defect and keeps its traceback.
"""

import json
import sys
from collections.abc import Callable
from typing import Final

import typer

from ipse.ground.errors import (
    IpseError,
    Malformed,
    Misbehaved,
    OutOfTurn,
    Refused,
    Unavailable,
    Unproven,
)

NO: Final = 1
INTERRUPTED: Final = 130
EXIT_CODES: Final[dict[type[IpseError], int]] = {
    Refused: NO,
    Unavailable: 3,
    Malformed: 4,
    Unproven: 5,
    Misbehaved: 6,
    OutOfTurn: 7,
}


def guarded(command: Callable[[], object], arguments: list[str]) -> int:
    """Run a command; return its exit code, and tell its error if it has one."""
    as_json = "--json" in arguments
    try:
        code = command()
    except IpseError as error:
        family = _family(error)
        return _tell(family.__name__, str(error), EXIT_CODES[family], as_json=as_json)
    except typer.Abort:
        return _tell("Interrupted", "Stopped by you.", INTERRUPTED, as_json=as_json)
    except typer.TyperException as error:
        if not (detail := error.format_message()):
            return error.exit_code  # nothing was asked, and the help was shown
        return _tell("Usage", detail, error.exit_code, as_json=as_json)
    if code == INTERRUPTED:
        return _tell("Interrupted", "Stopped by you.", INTERRUPTED, as_json=as_json)
    return code if isinstance(code, int) else 0


def code_of(error: IpseError) -> int:
    """Return the exit code of an error that was told already."""
    return EXIT_CODES[_family(error)]


def _family(error: IpseError) -> type[IpseError]:
    return next(family for family in EXIT_CODES if isinstance(error, family))


def _tell(family: str, detail: str, code: int, *, as_json: bool) -> int:
    if as_json:
        sys.stdout.write(json.dumps({"error": {"family": family, "detail": detail}}))
        sys.stdout.write("\n")
    else:
        from rich.console import Console
        from rich.text import Text

        sentence = Text.assemble((f"{family}: ", "bold red"), detail)
        Console(stderr=True, soft_wrap=True).print(sentence)
    return code
