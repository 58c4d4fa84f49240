"""`ipse grant`, `withdraw`, `ledger`: what may be asked of your body, and what was.

Nothing is decided here: each command turns its options into one run of the wallet, and
what came of it into a table, or an object.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Group, RenderableType
from rich.table import Table

from ipse.cli import options
from ipse.cli.purse import Purse
from ipse.cli.terminal import busy, tell
from ipse.cli.wallet import report
from ipse.ground.errors import Unproven
from ipse.ground.names import Instant, Outcome, Purpose
from ipse.ground.params import METER_FAILURES, METER_TRIES
from ipse.receipt.meter import allowed_from, brought_to, worded

if TYPE_CHECKING:
    from ipse.ground.names import OperatorId
    from ipse.owner.ledger import Line, OwnLedger
    from ipse.owner.logged import Seen
    from ipse.receipt.check import Entry

DAY_MS: Final = 24 * 60 * 60 * 1_000
MISBEHAVED: Final = 6
"""The exit code of a ledger that is not complete: see ipse.cli.border."""

WORDS: Final = {
    Outcome.ENROLLED: "enrolled",
    Outcome.MATCHED: "matched",
    Outcome.NOT_MATCHED: "did not match",
    Outcome.MALFORMED: "was no template",
    Outcome.INTERRUPTED: "was interrupted",
    Outcome.WITHDRAWN: "withdrawn",
    Outcome.ERASED: "erased",
    Outcome.PRESENTED: "somebody else came with this body",
}
UNKNOWN: Final = "unknown to this wallet"
NOBODY: Final = "-"


def grant(  # noqa: PLR0913 (a command has as many options as it needs)
    file: Annotated[Path, typer.Argument(help="File to write the grant to.")],
    audience: Annotated[
        str, typer.Option("--for", help="Who asks, in your words. It stays here.")
    ],
    purpose: Annotated[
        str, typer.Option("--why", help="Why, in your words. It stays here.")
    ] = "not said",
    uses: Annotated[int, typer.Option("--uses", help="How often.")] = 1,
    days: Annotated[float, typer.Option("--days", help="For how long.")] = 1.0,
    home: options.Home = options.DEFAULT_HOME,
    wallet: options.Wallet = options.DEFAULT_WALLET,
    charter: options.Charter = None,
    passphrase_file: options.PassphraseFile = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Allow so many verifications of your body, for so long.

    Operators see that a grant is used, and never for whom or why: the grant holds
    salted digests of both, and this device keeps the words.
    """
    from ipse.keys.system import SystemEntropy
    from ipse.owner.grant import CLOCK_SLACK_MS, Terms, write_grant

    purse = Purse(home, wallet, charter, passphrase_file)
    with purse.opened() as owner:
        now = owner.clock.now()
        begins = Instant(now - CLOCK_SLACK_MS)
        ends = Instant(now + round(days * DAY_MS))
        signed = owner.grant(Terms(audience, purpose, begins, ends, uses))
    write_grant(file, signed, SystemEntropy())
    tell(
        {
            "grant": signed.digest.hex(),
            "file": str(file),
            "uses": uses,
            "not_after": ends,
        },
        f"Granted: {uses} {'use' if uses == 1 else 'uses'}, until {_when(ends)}. "
        f"Verify with --grant {file}; withdraw it with `ipse withdraw {file}`.",
        as_json=as_json,
    )


def withdraw(
    file: Annotated[Path, typer.Argument(help="File of the grant.")],
    home: options.Home = options.DEFAULT_HOME,
    wallet: options.Wallet = options.DEFAULT_WALLET,
    charter: options.Charter = None,
    passphrase_file: options.PassphraseFile = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Withdraw a grant: from the next request on no operator serves it."""
    purse = Purse(home, wallet, charter, passphrase_file)
    start = time.monotonic()
    told = purse.want(Purpose.WITHDRAW, grant=file)
    report(told, purse, start, as_json=as_json)


def ledger(
    context: typer.Context,
    home: options.Home = options.DEFAULT_HOME,
    wallet: options.Wallet = options.DEFAULT_WALLET,
    charter: options.Charter = None,
    passphrase_file: options.PassphraseFile = None,
    *,
    as_json: options.Json = False,
) -> None:
    """See every use of your body, and whether the list is proved to be complete."""
    if context.invoked_subcommand is not None:
        return
    with _asked(Purse(home, wallet, charter, passphrase_file)) as (own, _):
        tell(as_object(own, own.at), as_table(own, own.at), as_json=as_json)
    if not own.is_complete:
        raise typer.Exit(MISBEHAVED)


def save(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to save it.")],
    home: options.Home = options.DEFAULT_HOME,
    wallet: options.Wallet = options.DEFAULT_WALLET,
    charter: options.Charter = None,
    passphrase_file: options.PassphraseFile = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Save your ledger with its proofs, so that it can be checked without a network.

    Whoever you show it to sees every use of this record, and what you noted of who
    asked.
    """
    from ipse.keys.system import SystemEntropy
    from ipse.owner.saved import save_ledger

    purse = Purse(home, wallet, charter, passphrase_file)
    signed = (charter or home / "charter.cbor").read_bytes()
    with _asked(purse) as (own, seen):
        if not own.is_complete or not own.is_logged or own.shown is None:
            raise Unproven(
                "This ledger is not proved to be complete, or its last use is in no "
                "log yet, so nothing was saved: see `ipse ledger`, and try again."
            )
        save_ledger(folder, signed, own.shown, seen.views, SystemEntropy())
    tell(
        {"saved": str(folder), "uses": len(own.lines)},
        f"Saved: {len(own.lines)} uses. Check it anywhere with `ipse ledger verify "
        f"--offline {folder}`.",
        as_json=as_json,
    )


def verify(
    offline: Annotated[
        Path, typer.Option("--offline", metavar="DIR", help="A saved ledger.")
    ],
    *,
    as_json: options.Json = False,
) -> None:
    """Check a saved ledger from its files alone: any changed bit is named."""
    from ipse.owner.saved import check_saved

    shown = check_saved(offline)
    tell(
        {"complete": True, "uses": [_use(each) for each in shown.entries]},
        f"Whole: {len(shown.entries)} uses, none missing and none changed. Two "
        "operators signed each, and all three logs have it.",
        as_json=as_json,
    )


@contextmanager
def _asked(purse: Purse) -> "Iterator[tuple[OwnLedger, Seen]]":
    from ipse.keys.system import SystemEntropy
    from ipse.owner.ledger import ask_ledger
    from ipse.owner.log_memory import LogMemory
    from ipse.owner.logged import seen_logs

    memory = LogMemory(purse.path.with_suffix(".logs"), SystemEntropy())
    with (
        purse.opened() as owner,
        busy("Asking the three operators for your ledger"),
        seen_logs(owner.charter.charter, memory) as seen,
    ):
        yield ask_ledger(owner, seen), seen


def as_object(own: "OwnLedger", now: Instant) -> dict[str, object]:
    """Say a ledger to a program."""
    meter = brought_to(own.meter, now)
    return {
        "complete": own.is_complete,
        "meter": {
            "failures": meter.failures,
            "most_failures": METER_FAILURES,
            "tries": meter.tries,
            "most_tries": METER_TRIES,
            "allowed_from": allowed_from(meter, now),
        },
        "uses": [
            {
                **_use(line.entry),
                "audience": line.note.audience if line.note else None,
                "purpose": line.note.purpose if line.note else None,
                "logged_by": list(line.logs),
            }
            for line in own.lines
        ],
        "faults": [
            {
                "sentence": fault.sentence,
                "operators": list(fault.operators),
                "number": fault.number,
            }
            for fault in own.faults
        ],
        "problems": list(own.problems),
        "evidence": list(own.evidence),
    }


def _use(entry: "Entry") -> dict[str, object]:
    receipt = entry.receipt
    return {
        "number": receipt.number,
        "at": receipt.at,
        "operation": receipt.operation.value,
        "outcome": receipt.outcome.value,
        "grant": receipt.grant.hex() or None,
        "signed_by": list(entry.signed_by),
        "proven": entry.is_proven,
    }


def as_table(own: "OwnLedger", now: Instant) -> RenderableType:
    """Say a ledger to a person: calmly, the last use last."""
    table = Table(box=None, pad_edge=False)
    for title in ("", "when", "what", "outcome", "who asked", "why", "proof"):
        table.add_column(title, justify="right" if not title else "left")
    for line in own.lines:
        table.add_row(*_row(line))
    if own.is_complete:
        verdict = "Complete: no use is missing, and two operators signed each."
    else:
        verdict = "[bold red]Not complete.[/]"
    return Group(
        table,
        verdict,
        f"Meter: {worded(own.meter, now)}",
        *(f"[red]{fault.sentence}[/]" for fault in own.faults),
        *(f"[yellow]Note:[/] {problem}" for problem in own.problems),
        *(f"Evidence: {place}" for place in own.evidence),
    )


def _row(line: "Line") -> tuple[str, ...]:
    receipt, note = line.entry.receipt, line.note
    nobody = UNKNOWN if receipt.grant else NOBODY
    return (
        str(receipt.number),
        _when(receipt.at),
        receipt.operation.value,
        WORDS[receipt.outcome],
        note.audience if note else nobody,
        note.purpose if note else NOBODY,
        f"signed by {_listed(line.entry.signed_by)}, {_logged(line)}",
    )


def _logged(line: "Line") -> str:
    return f"in logs {_listed(line.logs)}" if line.logs else "in no log yet"


def _listed(operators: "tuple[OperatorId, ...]") -> str:
    return " ".join(map(str, operators))


def _when(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1_000, UTC).astimezone()
    return f"{moment:%Y-%m-%d %H:%M}"
