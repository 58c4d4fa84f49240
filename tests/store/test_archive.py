"""A ledger's URL is one of two kinds, and a password in it is never repeated."""

from pathlib import Path

import pytest

from ipse.ground.errors import Malformed
from ipse.store.archive import file_url, parse


def test_both_kinds_are_read(tmp_path: Path) -> None:
    assert parse(file_url(tmp_path / "a b?.sqlite")).database == str(
        tmp_path / "a b?.sqlite"
    )
    assert parse("sqlite:////var/lib/ipse/store.sqlite").database is not None
    assert parse("postgresql+psycopg://ipse@example.org/one").database == "one"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "store.sqlite",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "sqlite+aiosqlite:///store.sqlite",
        "postgresql://me:hunter@example.org/one",
        "postgresql+psycopg2://me:hunter@example.org/one",
        "postgresql+psycopg://me:hunter@example.org",
        "postgresql+psycopg://me:hunter@example.org:port/one",
        "mysql://me:hunter@example.org/one",
    ],
)
def test_any_other_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Malformed, match="A ledger's URL is sqlite:///PATH") as raised:
        parse(url)
    assert "hunter" not in str(raised.value)
