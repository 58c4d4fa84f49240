"""Three operators' links in one process, over real sockets and real TLS."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ipse.net.doorway import Doorway
from ipse.net.links import Links
from ipse.wire.charter import TrustedCharter
from ipse_lab.identities import Rings, charter_of, drawn_rings, identity_of


@pytest.fixture(scope="session")
def rings() -> Rings:
    return drawn_rings()


@pytest.fixture
def charter(rings: Rings) -> TrustedCharter:
    return charter_of(rings)


@pytest.fixture
def doorways(rings: Rings, charter: TrustedCharter) -> Iterator[list[Doorway]]:
    opened = [Doorway(identity_of(ring, charter)) for ring in rings.values()]
    yield opened
    for doorway in opened:
        doorway.close()
        doorway.shut()


@pytest.fixture
def links(doorways: list[Doorway]) -> Iterator[list[Links]]:
    """Return the links of operators 1, 2 and 3."""
    with ThreadPoolExecutor(len(doorways)) as pool:
        met = [links for links in pool.map(Doorway.wait, doorways) if links is not None]
    yield met
    for one in met:
        one.close()
