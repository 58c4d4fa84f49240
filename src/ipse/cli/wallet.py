"""`ipse enrol`, `verify`, `erase`: a person's own commands.

Nothing is decided here: each command turns its options into one run of the wallet,
and what the wallet was told into a sentence, or an object.
"""

import sys
import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ipse.cli import options
from ipse.cli.border import NO
from ipse.cli.purse import Purse
from ipse.cli.terminal import remark, tell
from ipse.ground.errors import Refused
from ipse.ground.names import Outcome, Purpose

if TYPE_CHECKING:
    from ipse.owner.wallet import Told

YES: Final = frozenset(
    {
        Outcome.ENROLLED,
        Outcome.MATCHED,
        Outcome.ERASED,
        Outcome.ACTIVE,
        Outcome.WITHDRAWN,
        Outcome.LISTED,
    }
)
SENTENCES: Final = {
    Outcome.ENROLLED: "Enrolled. Each operator holds a share; nobody, this device "
    "included, holds the template.",
    Outcome.ALREADY_ENROLLED: "This body is enrolled already, so nothing was stored: "
    "use the wallet that it was enrolled with.",
    Outcome.MATCHED: "Yes: this is the body of the record.",
    Outcome.NOT_MATCHED: "No: this is not the body of the record.",
    Outcome.MALFORMED: "The operators found this template outside the rules, so "
    "nothing was compared or stored: take the photo again; report it if it comes back.",
    Outcome.ERASED: "Erased. No operator holds a share any more.",
    Outcome.ACTIVE: "The record is there.",
    Outcome.WITHDRAWN: "Withdrawn. No operator serves this grant any more.",
    Outcome.UNKNOWN: "There is no such record: it was erased, or never enrolled.",
}
WHAT_ERASING_MEANS: Final = (
    "Erasing destroys the shares of this record at all three operators. It cannot be "
    "undone: to be recognised again, you have to enrol again, under a new handle."
)


def enrol(
    face: options.Face,
    voice: options.Voice = None,
    home: options.Home = options.DEFAULT_HOME,
    wallet: options.Wallet = options.DEFAULT_WALLET,
    charter: options.Charter = None,
    passphrase_file: options.PassphraseFile = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Enrol your body: the template is split on this device, and forgotten.

    The wallet file is written before anything is sent, so that no crash can lose the
    key of a record. If a run was cut off, run the same command again.
    """
    purse = Purse(home, wallet, charter, passphrase_file)
    start = time.monotonic()
    told = purse.want(Purpose.ENROL, face, voice)
    report(told, purse, start, as_json=as_json)


def verify(
    face: options.Face,
    voice: options.Voice = None,
    grant: options.Grant = None,
    home: options.Home = options.DEFAULT_HOME,
    wallet: options.Wallet = options.DEFAULT_WALLET,
    charter: options.Charter = None,
    passphrase_file: options.PassphraseFile = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Ask whether this is the body of your record: one bit, and no score.

    Without a grant from `ipse grant`, the wallet makes one for this one use.
    """
    purse = Purse(home, wallet, charter, passphrase_file)
    start = time.monotonic()
    told = purse.want(Purpose.VERIFY, face, voice, grant)
    report(told, purse, start, as_json=as_json)


def erase(
    home: options.Home = options.DEFAULT_HOME,
    wallet: options.Wallet = options.DEFAULT_WALLET,
    charter: options.Charter = None,
    passphrase_file: options.PassphraseFile = None,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Erase without asking again.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Erase your record at all three operators. It cannot be undone.

    You are asked to type the wallet's name. The wallet file stays, so that you can
    ask the network at any time whether the record is really gone.
    """
    if not yes:
        _expect_consent(wallet)
    purse = Purse(home, wallet, charter, passphrase_file)
    start = time.monotonic()
    told = purse.want(Purpose.ERASE)
    report(told, purse, start, as_json=as_json)


def _expect_consent(wallet: str) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("Erasing has to be confirmed: give --yes.")
    remark(WHAT_ERASING_MEANS)
    typed = typer.prompt(f"Type the wallet's name, {wallet}, to erase", err=True)
    if typed != wallet:
        raise Refused("Nothing was erased, because the name was not typed.")


def report(told: "Told", purse: Purse, start: float, *, as_json: bool) -> None:
    """Tell how a run of the wallet ended, and end so."""
    for sentence in remarks(told):
        remark(f"[yellow]Note:[/] {sentence}")
    tell(
        {**as_object(told, purse), "seconds": round(time.monotonic() - start, 3)},
        SENTENCES[told.outcome],
        as_json=as_json,
    )
    if told.outcome not in YES:
        raise typer.Exit(NO)


def remarks(told: "Told") -> list[str]:
    """Say what a person should know beside the answer."""
    return [
        *told.answer.remarks,
        *(
            f"Operator {operator} signed another answer than the two others. "
            f"The evidence is in {told.evidence}: publish it."
            for operator in told.answer.dissent
        ),
    ]


def as_object(told: "Told", purse: Purse) -> dict[str, object]:
    """Say the answer to a program."""
    return {
        "outcome": told.outcome.value,
        "yes": told.outcome in YES,
        "network": told.answer.finding.network,
        "wallet": purse.name,
        "handle": told.handle.hex(),
        "request": told.answer.finding.request.hex(),
        "signed_by": list(told.answer.signed_by),
        "dissent": list(told.answer.dissent),
        "evidence": told.evidence or None,
        "remarks": remarks(told),
    }
