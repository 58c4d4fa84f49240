"""Every command says one thing, in one way, and `--help` answers at once."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer

from ipse.cli.border import EXIT_CODES, guarded
from ipse.cli.main import app, main
from ipse.ground import errors

HEAVY = {"numpy", "httpx", "cryptography", "cv2", "matplotlib", "numba", "sqlalchemy"}


def commands() -> Iterator[list[str]]:
    """Every command's words, whoever wrote it."""
    waiting = [([], typer.main.get_command(app))]
    while waiting:
        words, command = waiting.pop()
        if nested := getattr(command, "commands", None):
            waiting += [([*words, name], one) for name, one in nested.items()]
        else:
            yield words


COMMANDS = sorted(commands())
IDS = [" ".join(words) for words in COMMANDS]


def test_the_commands_are_those_that_the_readme_names() -> None:
    assert set(IDS) == {
        "up",
        "down",
        "status",
        "log",
        "enrol",
        "verify",
        "erase",
        "grant",
        "withdraw",
        "ledger save",
        "ledger verify",
        "evaluate",
        "audit run",
        "audit check",
        "audit end",
        "operator check",
        "operator complaints",
        "operator run",
        "bench kernel",
        "bench match",
        "bench verify",
        "bench serve",
        "drill probe",
        "drill oracle",
        "drill faults",
        "drill liar",
        "demo",
    }


@pytest.mark.parametrize("words", COMMANDS, ids=IDS)
def test_each_command_takes_json_and_explains_itself_with_examples(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--help"]) == 0
    explained = capsys.readouterr().out
    assert "--json" in explained
    assert "Examples" in explained
    assert f"ipse {' '.join(words)}" in explained


@pytest.mark.parametrize("words", COMMANDS, ids=IDS)
def test_a_wrong_option_is_one_object_and_nothing_else(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--json", "--no-such-option"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["family"] == "Usage"
    assert said.out.count("\n") == 1
    assert said.err == ""


@pytest.mark.parametrize("family", EXIT_CODES, ids=lambda family: family.__name__)
def test_each_family_has_its_exit_code_and_its_object(
    family: type[errors.IpseError], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise family("The thing breaks the rule: mend it.")

    code = guarded(fail, ["--json"])
    assert code == EXIT_CODES[family]
    assert json.loads(capsys.readouterr().out) == {
        "error": {
            "family": family.__name__,
            "detail": "The thing breaks the rule: mend it.",
        }
    }
    assert guarded(fail, []) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"{family.__name__}: The thing breaks the rule: mend it.\n"


def test_no_two_families_share_an_exit_code_and_none_is_forgotten() -> None:
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES)
    assert set(EXIT_CODES) == set(errors.IpseError.__subclasses__())


def test_a_more_special_error_is_told_as_its_family(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Special(errors.Misbehaved):
        """Of a kind that only one room knows."""

    def fail() -> None:
        raise Special("Caught.")

    assert guarded(fail, ["--json"]) == EXIT_CODES[errors.Misbehaved]
    assert json.loads(capsys.readouterr().out)["error"]["family"] == "Misbehaved"


def test_a_defect_keeps_its_traceback() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guarded(fail, ["--json"])


def test_an_interruption_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise typer.Abort

    assert guarded(fail, ["--json"]) == 130
    assert json.loads(capsys.readouterr().out)["error"]["family"] == "Interrupted"


@pytest.mark.parametrize("words", [[], ["bench"], ["drill"], ["operator"]], ids=str)
def test_who_asks_nothing_is_shown_what_there_is(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert "Commands" in said.out or "Your body" in said.out
    assert said.err == ""


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from ipse.cli.main import main; main(['--help']);"
        f"sys.exit(str(sorted({HEAVY} & set(sys.modules))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.stderr.strip() == "[]"
