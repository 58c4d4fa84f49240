"""`ipse audit`: ask the network what one knows, and keep what it gets wrong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ipse.cli import options
from ipse.cli.border import EXIT_CODES
from ipse.cli.operator import Which
from ipse.cli.terminal import remark, tell
from ipse.ground.errors import Misbehaved, Unavailable, Unproven
from ipse.ground.names import OPERATORS, OperatorId

if TYPE_CHECKING:
    from ipse.audit.auditor import Auditor, Turn
    from ipse.wire.known_answer import KnownAnswer

CONFIDENCE: Final = 0.99
"""With which it is said what share of lies the tests so far rule out."""


def run(
    operator: Which,
    home: options.Home = options.DEFAULT_HOME,
    charter: options.Charter = None,
    every: Annotated[
        float, typer.Option(min=0, help="Seconds between two questions, on average.")
    ] = 600.0,
    canaries: Annotated[
        int, typer.Option(min=1, max=128, help="Canaries that wait at once, at most.")
    ] = 16,
    times: Annotated[
        int | None, typer.Option(min=1, help="Questions; without it, until Ctrl-C.")
    ] = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Ask enrolments whose answer you know, at random times, as anybody would.

    Runs beside an operator, in a process of its own, and keeps its canaries in
    HOME/operators/N/audit. A wrong answer is kept there as evidence. Exit code 6 if
    there was one.
    """
    with _opened(home, OperatorId(operator), charter, canaries) as auditor:
        turns = _ask(auditor, every, times)
    evidence = [str(turn.evidence) for turn in turns if turn.evidence]
    answer = {"operator": operator, **_tally(auditor), "evidence": evidence}
    tell(answer, _sentence(answer), as_json=as_json)
    if evidence:
        raise typer.Exit(EXIT_CODES[Misbehaved])


def end(
    operator: Which,
    home: options.Home = options.DEFAULT_HOME,
    charter: options.Charter = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Erase all canaries: before the network has another charter, or for good.

    Exit code 3 if some could not be erased: they stay in the diary, try again.
    """
    with _opened(home, OperatorId(operator), charter, most=1) as auditor:
        turns = auditor.end()
        left = len(auditor.diary.canaries)
    for turn in turns:
        if turn.remark:
            remark(f"A canary was not erased: {turn.remark}")
    erased = len(turns) - left
    answer = {"operator": operator, "erased": erased, "left": left}
    tell(answer, f"{erased} canaries erased, {left} left.", as_json=as_json)
    if left:
        raise typer.Exit(EXIT_CODES[Unavailable])


def check(
    evidence: Annotated[Path, typer.Argument(help="A file that an audit kept.")],
    home: options.Home = options.DEFAULT_HOME,
    charter: options.Charter = None,
    operator: Annotated[
        int | None,
        typer.Option(
            "--operator",
            min=OPERATORS[0],
            max=OPERATORS[-1],
            help="Also open this operator's own box, with its key in HOME: is it what "
            "the evidence says?",
        ),
    ] = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Hold evidence against the charter: did two operators sign a wrong answer?

    Asks nobody. Exit code 5 if it does not convict.
    """
    from ipse.audit.evidence import convict
    from ipse.operator.home import CHARTER
    from ipse.owner.pin import read_charter

    trusted = read_charter(charter or home / CHARTER)
    found = _read(evidence)
    conviction = convict(found, trusted)
    if operator is not None:
        _confirm(found, home, OperatorId(operator), trusted.charter.network)
    answer = {
        "outcome": conviction.outcome.value,
        "expected": conviction.expected.value,
        "chance_for_each_record": conviction.chance,
        "confirmed_by": operator,
    }
    sentence = (
        f"Two operators signed {conviction.outcome}, and it was "
        f"{conviction.expected}: one of the three lied."
    )
    if conviction.chance:
        sentence += f" Or it is a coincidence: {conviction.chance:.1g} for each record."
    if operator is not None:
        sentence += f" Operator {operator}'s box holds what the evidence says."
    tell(answer, sentence, as_json=as_json)


@contextmanager
def _opened(
    home: Path, operator: OperatorId, charter: Path | None, most: int
) -> "Iterator[Auditor]":
    """Hold an operator's diary, and its way to the network."""
    from ipse.audit.auditor import begun
    from ipse.cli.asking import WalletAsker
    from ipse.keys.system import SystemClock, SystemEntropy
    from ipse.operator.home import CHARTER, operator_folder
    from ipse.owner.courier import HttpsCourier
    from ipse.owner.pin import read_charter
    from ipse.owner.vault import held

    trusted = read_charter(charter or home / CHARTER)
    folder = operator_folder(home, operator) / "audit"
    entropy, path = SystemEntropy(), folder / "diary"
    with held(path), HttpsCourier(trusted.charter) as courier:
        asker = WalletAsker(trusted, courier, SystemClock(), entropy, folder)
        yield begun(trusted, asker, entropy, path, most)


def _ask(auditor: "Auditor", every_s: float, times: int | None) -> "list[Turn]":
    """Ask until it is enough; a question that went unanswered is remarked."""
    turns: list[Turn] = []
    while times is None or len(turns) < times:
        time.sleep(auditor.pause_s(every_s))
        turn = auditor.turn()
        turns.append(turn)
        if turn.evidence is not None:
            remark(f"A wrong answer: {turn.outcome}. The evidence: {turn.evidence}")
        elif turn.remark:
            remark(f"No answer to a question: {turn.remark}")
    return turns


def _tally(auditor: "Auditor") -> dict[str, Any]:
    """Say how all tests of this diary went, and what they rule out."""
    from ipse.audit.odds import share_excluded

    book = auditor.diary
    return {
        "presented": book.presented,
        "newcomers": book.newcomers,
        "wrong": book.wrong,
        "records": len(book.canaries),
        "confidence": CONFIDENCE,
        "lies_ruled_out_above": {
            kind: share_excluded(count, CONFIDENCE)
            if count and not book.wrong
            else None
            for kind, count in (
                ("hides", book.presented),
                ("turns_away", book.newcomers),
            )
        },
    }


def _sentence(answer: dict[str, Any]) -> str:
    tests = answer["presented"] + answer["newcomers"]
    said = f"{tests} known answers so far, {answer['wrong']} of them wrong."
    ruled_out = answer["lies_ruled_out_above"]
    for kind, words in (("hides", "hid records"), ("turns_away", "turned people away")):
        if (share := ruled_out[kind]) is not None:
            said += (
                f" Who {words} in more than {share:.1%} of the searches would have "
                f"been caught with {answer['confidence']:.0%}."
            )
    return said


def _read(path: Path) -> "KnownAnswer":
    from ipse.wire.known_answer import KNOWN_ANSWER

    try:
        with path.open("rb") as file:
            content = file.read(KNOWN_ANSWER.most + 1)
    except OSError as error:
        raise Unavailable(f"Cannot read {path.name}: {error.strerror}.") from error
    return KNOWN_ANSWER.decode(content)


def _confirm(
    found: "KnownAnswer", home: Path, operator: OperatorId, network: str
) -> None:
    from ipse.audit.evidence import confirm
    from ipse.keys.operator import load_keyring
    from ipse.operator.home import keys_folder

    keyring = load_keyring(keys_folder(home, operator))
    if (keyring.network, keyring.operator) != (network, operator):
        raise Unproven(f"These are not the keys of operator {operator} of {network}.")
    for sent in (*found.enrolled, found.asked):
        confirm(sent, operator, keyring.unseal)
