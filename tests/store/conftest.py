"""A ledger's URL, of each kind: what a test says of one holds for both."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from ipse.ground.names import Instant
from ipse.store.archive import file_url
from ipse_lab.fakes import SettableClock
from ipse_lab.postgres import PostgresProcess

_numbers = count()

NewUrl = Callable[[], str]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Return what makes another empty database, at each call."""
    if request.param == "sqlite":
        return lambda: str(file_url(tmp_path / f"store-{next(_numbers)}.sqlite"))
    server: PostgresProcess = request.getfixturevalue("postgres")
    return lambda: server.fresh(f"store-{next(_numbers)}")


@pytest.fixture
def url(new_url: NewUrl) -> str:
    """Return the URL of an empty database."""
    return new_url()


@pytest.fixture
def clock() -> SettableClock:
    """Return a clock that stands still until it is moved."""
    return SettableClock(Instant(1_000))
