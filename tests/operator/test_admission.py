"""A request is admitted once, and never if that cannot be known."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ipse.ground.errors import Refused
from ipse.ground.names import Instant, OperatorId, Purpose
from ipse.keys.system import SystemEntropy
from ipse.operator.admission import Admitted, admit
from ipse.owner.request import CLOCK_SLACK_MS, compose
from ipse.store.archive import file_url
from ipse.store.ledger import Ledger
from ipse.wire.request import SUBMISSION, Submission
from ipse_lab.fakes import SettableClock
from ipse_lab.identities import BORN, charter_of, drawn_rings
from ipse_lab.processes import Network, new_owner

ONE = OperatorId(1)
RINGS = drawn_rings()
CHARTER = charter_of(RINGS)


class Door:
    """An operator's door, and a wallet in front of it; one clock for both."""

    def __init__(self, folder: Path) -> None:
        """Open the ledger in a folder."""
        self.clock = SettableClock(BORN)
        self._path = folder / "store.sqlite"
        self._owner = new_owner(Network(folder, CHARTER))  # no home is needed
        self.ledger = self._opened()

    def sign(self) -> Submission:
        """Sign a request for the present."""
        dispatch = compose(
            CHARTER, self._owner, Purpose.STATUS, (), self.clock, SystemEntropy()
        )
        return dispatch.submissions[ONE]

    def admit(self, submission: Submission) -> Admitted:
        """Let it in. Raises: Refused."""
        return admit(
            SUBMISSION.encode(submission),
            charter=CHARTER,
            operator=ONE,
            keys=RINGS[ONE],
            ledger=self.ledger,
            now=self.clock.now(),
        )

    def restart(self) -> None:
        """Close the ledger, and open it anew."""
        self.ledger.close()
        self.ledger = self._opened()

    def lose_power(self) -> None:
        """Restart with what the disk held: of the last requests it may be nothing."""
        self.ledger.close()
        with closing(sqlite3.connect(self._path)) as opened:
            opened.execute("DELETE FROM seen")
            opened.execute(
                "UPDATE marks SET content = 'another-boot -1' WHERE name = 'keeper'"
            )
            opened.commit()
        self.ledger = self._opened()

    def _opened(self) -> Ledger:
        return Ledger(file_url(self._path), "network 0 1", self.clock)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    one = Door(tmp_path)
    yield one
    one.ledger.close()


@pytest.mark.parametrize("end", [Door.restart, lambda _: None], ids=["restart", "none"])
def test_a_replay_is_refused(door: Door, end: Callable[[Door], None]) -> None:
    signed = door.sign()
    assert door.admit(signed).id == signed.request.header.request
    end(door)
    with pytest.raises(Refused, match="sent before"):
        door.admit(signed)
    door.admit(door.sign())


@pytest.mark.parametrize("ahead", [0, CLOCK_SLACK_MS - 1], ids=["", "clock ahead"])
def test_a_replay_that_a_power_failure_forgot_is_refused(
    door: Door, ahead: int
) -> None:
    door.clock.advance(ahead)
    signed = door.sign()
    door.clock.advance(-ahead)
    door.admit(signed)
    door.clock.advance(1)
    door.lose_power()
    with pytest.raises(Refused, match="cannot know whether it was sent"):
        door.admit(signed)
    door.clock.advance(CLOCK_SLACK_MS)
    with pytest.raises(Refused):
        door.admit(signed)
    door.restart()
    with pytest.raises(Refused):
        door.admit(signed)


def test_after_a_power_failure_a_wallet_waits_for_some_seconds(door: Door) -> None:
    door.admit(door.sign())
    door.lose_power()
    door.clock.advance(CLOCK_SLACK_MS)
    with pytest.raises(Refused, match="in some seconds"):
        door.admit(door.sign())
    door.clock.advance(1)
    door.admit(door.sign())


def test_a_request_for_later_is_not_remembered_but_refused(door: Door) -> None:
    door.clock.advance(CLOCK_SLACK_MS + 1)
    signed = door.sign()
    door.clock.set(Instant(BORN))
    with pytest.raises(Refused, match="for later"):
        door.admit(signed)
