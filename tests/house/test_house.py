"""The house keeps the rules that the import contracts can't see."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BANNED_ROOMS = {"utils", "util", "helpers", "common", "manager", "handler", "misc"}
LONGEST = 400  # lines; over it a file holds more than one thing


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_file_says_what_it_is_and_is_one_thing(path: Path) -> None:
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert text.count("\n") <= LONGEST
    assert not BANNED_ROOMS & set(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_error_is_swallowed_whole_and_nothing_is_left_undone(path: Path) -> None:
    text = path.read_text()
    broad = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) == "Exception")
    ]
    # the one driver must log whatever stops a machine, and stop it
    assert not broad or named(path) == "src/ipse/net/drive.py"
    assert not re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", text)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_whoever_silences_a_tool_says_why(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for mark in re.finditer(r"#\s*(noqa|type: ignore)[^#\n]*", line):
            reason = line[mark.end() :] + re.sub(r"^[^(]*", "", mark.group())
            assert reason.strip(), f"line {number}: {line.strip()}"


def test_every_shared_number_has_its_reason() -> None:
    body = ast.parse((ROOT / "src/ipse/ground/params.py").read_text()).body
    bare = []
    following = [*body[1:], None]
    for index, (node, after) in enumerate(zip(body, following, strict=True)):
        if not isinstance(node, ast.AnnAssign):
            continue
        # a run of numbers may share the reason under the last of them
        rest = [each for each in body[index:] if not isinstance(each, ast.AnnAssign)]
        is_told = isinstance(after, ast.Expr) or (
            bool(rest) and isinstance(rest[0], ast.Expr)
        )
        if not is_told:
            bare.append(ast.unparse(node.target))
    assert not bare


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 (whichever git runs the checkout)
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_nothing_speaks_of_one_machine() -> None:
    here = re.compile(r"(?<![\w.])/(work|root|farm|home/\w+)/|/tmp/[a-z]")
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".txt", ".in", ".json", ""}:
            text = path.read_text(errors="ignore")
            if path != Path(__file__):
                assert not here.search(text), named(path)


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_readme_s_commands_are_verbs_of_the_makefile() -> None:
    verbs = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    readme = (ROOT / "README.md").read_text()
    called = re.findall(r"^make ([a-z]+)", readme, re.MULTILINE)
    assert {"demo", "test"} <= set(called) <= set(verbs)


def test_what_the_glossary_bans_is_not_said_in_code() -> None:
    """One word per thing: a record is no user, an operator is no server."""
    words = "user|server|database|helper|util"
    banned = re.compile(rf"\b(class|def) \w*({words})\w*", re.IGNORECASE)
    for path in SOURCES:
        assert not banned.search(path.read_text()), named(path)
