"""`ipse grant`, `withdraw`, `ledger`: what may be asked of your body, and what was.

Nothing is decided here: each command turns its options into one run of the wallet, and
what came of it into a table, or an object.
"""

import time
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
from ipse.ground.names import Instant, Outcome, Purpose
from ipse.ground.params import METER_FAILURES, METER_TRIES
from ipse.receipt.meter import allowed_from, brought_to, worded

if TYPE_CHECKING:
    from ipse.owner.ledger import Line, OwnLedger

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
    from ipse.owner.ledger import ask_ledger

    purse = Purse(home, wallet, charter, passphrase_file)
    with purse.opened() as owner, busy("Asking the three operators for your ledger"):
        own, now = ask_ledger(owner), owner.clock.now()
    tell(as_object(own, now), as_table(own, now), as_json=as_json)
    if not own.proof.is_complete:
        raise typer.Exit(MISBEHAVED)


def as_object(own: "OwnLedger", now: Instant) -> dict[str, object]:
    """Say a ledger to a program."""
    meter = brought_to(own.meter, now)
    return {
        "complete": own.proof.is_complete,
        "meter": {
            "failures": meter.failures,
            "most_failures": METER_FAILURES,
            "tries": meter.tries,
            "most_tries": METER_TRIES,
            "allowed_from": allowed_from(meter, now),
        },
        "uses": [
            {
                "number": line.entry.receipt.number,
                "at": line.entry.receipt.at,
                "operation": line.entry.receipt.operation.value,
                "outcome": line.entry.receipt.outcome.value,
                "grant": line.entry.receipt.grant.hex() or None,
                "audience": line.note.audience if line.note else None,
                "purpose": line.note.purpose if line.note else None,
                "signed_by": list(line.entry.signed_by),
                "proven": line.entry.is_proven,
            }
            for line in own.lines
        ],
        "faults": [
            {
                "sentence": fault.sentence,
                "operators": list(fault.operators),
                "number": fault.number,
            }
            for fault in own.proof.faults
        ],
        "evidence": list(own.evidence),
    }


def as_table(own: "OwnLedger", now: Instant) -> RenderableType:
    """Say a ledger to a person: calmly, the last use last."""
    table = Table(box=None, pad_edge=False)
    for title in ("", "when", "what", "outcome", "who asked", "why", "proof"):
        table.add_column(title, justify="right" if not title else "left")
    for line in own.lines:
        table.add_row(*_row(line))
    if own.proof.is_complete:
        verdict = "Complete: no use is missing, and two operators signed each."
    else:
        verdict = "[bold red]Not complete.[/]"
    return Group(
        table,
        verdict,
        f"Meter: {worded(own.meter, now)}",
        *(f"[red]{fault.sentence}[/]" for fault in own.proof.faults),
        *(f"Evidence: {place}" for place in own.evidence),
    )


def _row(line: "Line") -> tuple[str, ...]:
    receipt, note = line.entry.receipt, line.note
    is_granted = bool(receipt.grant)
    nobody = UNKNOWN if is_granted else NOBODY
    signers = ", ".join(map(str, line.entry.signed_by))
    return (
        str(receipt.number),
        _when(receipt.at),
        receipt.operation.value,
        WORDS[receipt.outcome],
        note.audience if note else nobody,
        note.purpose if note else NOBODY,
        f"chained, signed by {signers}",
    )


def _when(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1_000, UTC).astimezone()
    return f"{moment:%Y-%m-%d %H:%M}"
