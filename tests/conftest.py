"""What tests of several rooms share: a real database server."""

from collections.abc import Iterator

import pytest

from ipse_lab.postgres import PostgresProcess, postgres_process


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresProcess]:
    """Return a PostgreSQL server that is this run's own."""
    with postgres_process() as running:
        yield running


@pytest.fixture(scope="session")
def own() -> Iterator[PostgresProcess]:
    """Return another one, that a test may crash and must start again."""
    with postgres_process() as running:
        yield running
