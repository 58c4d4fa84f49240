"""`ipse`: registers the commands, one small file for each family, and runs one.

Only names and options are imported here and in the commands' files; what a command
works with is imported when it runs, so that `ipse --help` answers at once.
"""

import inspect
import sys
from collections.abc import Callable
from typing import Final

import typer

from ipse.cli import (
    audit,
    bench,
    demo,
    drill,
    evaluate,
    faults,
    ledger,
    log,
    network,
    operator,
    wallet,
)
from ipse.cli.border import guarded

EXIT_CODES: Final = """\
[bold]Exit codes[/]  0 yes or done · 1 no, or refused by a rule · 2 usage · \
3 something is not there, try again · 4 malformed input · 5 unproven (charter, \
signature, quorum) · 6 an operator misbehaved · 7 a fault in Ipse · 130 interrupted
"""

app = typer.Typer(
    name="ipse",
    help="A biometric network that nobody owns but the people in it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
)


YOU: Final = "Your body"
NETWORK: Final = "A local network"
LABORATORY: Final = "Laboratory"


def _register(
    command: Callable[..., None],
    panel: str | None,
    *examples: str,
    family: typer.Typer = app,
) -> None:
    """Register a command; its help is its docstring, one line for each paragraph."""
    family.command(
        help=_explained(command), epilog=_listed(examples), rich_help_panel=panel
    )(command)


def _explained(command: Callable[..., None]) -> str:
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _listed(examples: tuple[str, ...]) -> str:
    return "\n\n".join(
        ["[bold]Examples[/]", *(f"[cyan]$ {example}[/]" for example in examples)]
    )


def _family(name: str, purpose: str, panel: str = LABORATORY) -> typer.Typer:
    """Register a word under which further commands stand."""
    family = typer.Typer(
        help=purpose,
        no_args_is_help=True,
        rich_markup_mode="rich",
        add_completion=False,
    )
    family.callback()(lambda: None)  # a family of one is still a family
    app.add_typer(family, name=name, rich_help_panel=panel)
    return family


_register(
    wallet.enrol,
    YOU,
    "ipse enrol --face me.jpg",
    "ipse enrol --face me.jpg --voice me.wav",
)
_register(
    wallet.verify,
    YOU,
    "ipse verify --face today.jpg",
    "ipse verify --face today.jpg --json",
)
_register(
    ledger.grant,
    YOU,
    'ipse grant bank.grant --for "the bank" --why "to open an account"',
    'ipse grant gym.grant --for "the gym" --uses 100 --days 30',
)
_register(ledger.withdraw, YOU, "ipse withdraw bank.grant")
_LEDGER: Final = _family("ledger", "See every use of your body.", YOU)
_LEDGER.callback(
    help=_explained(ledger.ledger),
    epilog=_listed(("ipse ledger", "ipse ledger --json")),
    invoke_without_command=True,
    no_args_is_help=False,
)(ledger.ledger)
_register(ledger.save, None, "ipse ledger save shown", family=_LEDGER)
_register(ledger.verify, None, "ipse ledger verify --offline shown", family=_LEDGER)
_register(wallet.erase, YOU, "ipse erase", "ipse erase --wallet me --yes --json")
_register(
    network.up,
    NETWORK,
    "ipse up",
    "ipse up --home trial --network trial",
    "ipse up --workers 2",
)
_register(network.down, NETWORK, "ipse down")
_OPERATOR: Final = _family("operator", "Be one of the three operators.", NETWORK)
_register(
    operator.run,
    None,
    "ipse operator run --home network --operator 2",
    "ipse operator run --home network --operator 2 --workers 8",
    "ipse operator run --home network --operator 2 --ray 10.0.0.5:6379",
    "ipse operator run --operator 2 --ledger postgresql+psycopg://ipse@db.example/two",
    family=_OPERATOR,
)
_register(
    operator.check,
    None,
    "ipse operator check --home network --operator 2",
    family=_OPERATOR,
)
_register(
    operator.complaints,
    None,
    "ipse operator complaints --operator 2",
    "ipse operator complaints --home network --operator 2 --json",
    family=_OPERATOR,
)
_AUDIT: Final = _family("audit", "Ask the network what you know.", NETWORK)
_register(
    audit.run,
    None,
    "ipse audit run --operator 2",
    "ipse audit run --operator 2 --every 60 --canaries 32",
    "ipse audit run --operator 2 --every 0 --times 20 --json",
    family=_AUDIT,
)
_register(audit.end, None, "ipse audit end --operator 2", family=_AUDIT)
_register(
    audit.check,
    None,
    "ipse audit check known-answer-00112233.cbor",
    "ipse audit check known-answer-00112233.cbor --operator 3",
    family=_AUDIT,
)
_register(network.status, NETWORK, "ipse status", "ipse status --json")
_register(
    log.log,
    NETWORK,
    "ipse log",
    "ipse log --save copies",
    "ipse log --offline copies --json",
)
_register(
    evaluate.evaluate,
    LABORATORY,
    "ipse evaluate faces --modality face",
    "ipse evaluate faces --modality fused --voices voices --out det.png",
)
_register(demo.demo, LABORATORY, "ipse demo", "ipse demo --json > demo.json")
_BENCH: Final = _family("bench", "Measure this machine.")
_register(
    bench.match,
    None,
    "ipse bench match --dim 512 --records 10000",
    "ipse bench match --code 12800 --rotations 31 --records 1000 --json",
    family=_BENCH,
)
_register(
    bench.verify,
    None,
    "ipse bench verify",
    "ipse bench verify --rtt-ms 50 --json",
    family=_BENCH,
)
_register(
    bench.kernel,
    None,
    "ipse bench kernel",
    "ipse bench kernel --turns 50 --json",
    family=_BENCH,
)
_register(
    bench.serve,
    None,
    "ipse bench serve --wallets 32",
    "ipse bench serve --purpose enrol --records 20000 --json",
    family=_BENCH,
)
_DRILL: Final = _family("drill", "Attack the network, and count.")
_register(
    drill.probe,
    None,
    "ipse drill probe",
    "ipse drill probe --tries 1000 --seed 7 --json",
    family=_DRILL,
)
_register(
    drill.oracle,
    None,
    "ipse drill oracle",
    "ipse drill oracle --victims 200 --seed 7 --json",
    family=_DRILL,
)
_register(
    faults.faults,
    None,
    "ipse drill faults --seeds 500",
    "ipse drill faults --seeds 100 --seed 1 --json",
    "ipse drill faults --story 7",
    family=_DRILL,
)
_register(
    drill.liar,
    None,
    "ipse drill liar",
    "ipse drill liar --runs 10000 --seed 7 --json",
    family=_DRILL,
)


def main(arguments: list[str]) -> int:
    """Run one command. Returns: its exit code."""
    return guarded(lambda: app(arguments, standalone_mode=False), arguments)


def run() -> None:
    """Run the command line; the entry point of `ipse`."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
