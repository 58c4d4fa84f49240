"""Every use ends in all three logs, and whoever is killed goes on with its own."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ipse.ground.errors import Unavailable
from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose
from ipse.owner.log import View, expect_alike, expect_grown, look
from ipse.owner.log_source import DoorSource, check_copy, save_copy
from ipse.tlog.logs import log_of
from ipse_lab.fakes import CountedEntropy
from ipse_lab.processes import Network, new_body, new_owner, started

SOON_S = 60.0


@pytest.fixture(scope="module")
def alive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with started(tmp_path_factory.mktemp("logs")) as running:
        yield running


@pytest.fixture
def doors(alive: Network) -> Iterator[dict[OperatorId, DoorSource]]:
    entries = alive.charter.charter.operators
    opened = {entry.operator: DoorSource(entry) for entry in entries}
    yield opened
    for door in opened.values():
        door.close()


def views(
    network: Network, doors: dict[OperatorId, DoorSource], size: int
) -> dict[OperatorId, View]:
    """Look at all three logs, once each has so many entries."""
    found: dict[OperatorId, View] = {}
    deadline = time.monotonic() + SOON_S
    while len(found) < len(OPERATORS):
        assert time.monotonic() < deadline, {n: found[n].size for n in found}
        for operator in set(OPERATORS) - set(found):
            with suppress(Unavailable):  # no checkpoint yet, or just restarted
                log = log_of(network.charter.charter, operator)
                view = look(doors[operator], log)
                if view.size >= size:
                    found[operator] = view
        time.sleep(0.1)
    return dict(sorted(found.items()))


def test_every_use_is_in_all_three_logs(
    alive: Network, doors: dict[OperatorId, DoorSource], tmp_path: Path
) -> None:
    before = views(alive, doors, 0)
    size = max(view.size for view in before.values())
    owner, body = new_owner(alive), new_body(time.time_ns())
    assert alive.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    for _ in range(3):
        assert alive.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    after = views(alive, doors, size + 4)
    assert {view.size for view in after.values()} == {size + 4}
    expect_alike(after)
    for operator, view in after.items():
        expect_grown(view, before[operator].cosigned.signed)
        copy = tmp_path / str(operator)
        save_copy(view, copy, CountedEntropy())
        checked = check_copy(copy, view.log)
        assert all(len(checked.reader.entry(n)) == 32 for n in range(checked.size))


@pytest.mark.parametrize("killed", OPERATORS)
def test_a_killed_operator_goes_on_with_its_log(
    alive: Network, doors: dict[OperatorId, DoorSource], killed: OperatorId
) -> None:
    owner, body = new_owner(alive), new_body(time.time_ns())
    assert alive.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    alive.kill(killed)  # likely before it published that
    alive.revive()
    before = views(alive, doors, 1)
    assert alive.outcome(owner, Purpose.ERASE) is Outcome.ERASED
    size = max(view.size for view in before.values()) + 1
    after = views(alive, doors, size)
    expect_alike(after)
    for operator, view in after.items():
        expect_grown(view, before[operator].cosigned.signed)
