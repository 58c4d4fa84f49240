"""Networks of three real processes, shared by all tests: each leaves them running."""

from collections.abc import Iterator

import pytest

from ipse_lab.processes import Network, started


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Three operators that serve people."""
    with started(tmp_path_factory.mktemp("network")) as running:
        yield running


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Three operators that serve experiments."""
    with started(tmp_path_factory.mktemp("laboratory"), laboratory=True) as running:
        yield running
