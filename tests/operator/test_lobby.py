"""Who waits in the lobby is answered once, or told why not."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from ipse.ground.errors import Unavailable
from ipse.ground.names import Instant, OperatorId, Outcome, Purpose
from ipse.keys.system import SystemEntropy
from ipse.operator.admission import Admitted
from ipse.operator.lobby import Lobby
from ipse.owner.request import compose
from ipse.wire.request import check_request
from ipse.wire.verdict import Verdict, finding_for, sign_verdict
from ipse_lab.fakes import SettableClock
from ipse_lab.identities import BORN, Rings, charter_of, drawn_rings
from ipse_lab.processes import Network, new_owner

ONE = OperatorId(1)
SOON = Instant(BORN + 8_000)
Admit = Callable[[], Admitted]


@pytest.fixture(scope="module")
def rings() -> Rings:
    return drawn_rings()


@pytest.fixture
def admit(rings: Rings, tmp_path: Path) -> Admit:
    charter = charter_of(rings)

    def admitted() -> Admitted:
        network = Network(tmp_path, charter)  # no home is needed
        dispatch = compose(
            charter,
            new_owner(network),
            Purpose.STATUS,
            (),
            SettableClock(BORN),
            SystemEntropy(),
        )
        checked = check_request(dispatch.submissions[ONE], charter, ONE, BORN)
        return Admitted(checked, (), ())

    return admitted


def who_waits(lobby: Lobby) -> list[Admitted]:
    return [waiting.admitted for waiting in lobby.everyone()]


def verdict_on(admitted: Admitted, rings: Rings) -> Verdict:
    request = admitted.request
    finding = finding_for(request.header, request.digest, Outcome.UNKNOWN)
    return sign_verdict(finding, ONE, Instant(5), rings[ONE].sign)


def test_a_verdict_reaches_who_waits(admit: Admit, rings: Rings) -> None:
    lobby, waiting = Lobby(), admit()
    answer = lobby.enter(waiting, SOON)
    assert who_waits(lobby) == [waiting]
    assert lobby.everyone()[0].deadline == SOON
    assert lobby.seat(waiting.id) is waiting
    assert lobby.everyone() == ()
    verdict = verdict_on(waiting, rings)
    lobby.answer(waiting.id, verdict)
    assert answer.result(timeout=0) is verdict
    lobby.fail(waiting.id, Unavailable("too late"))  # the first word counts


def test_who_is_seated_cannot_leave(admit: Admit) -> None:
    lobby, waiting = Lobby(), admit()
    answer: Future[Verdict] = lobby.enter(waiting, SOON)
    lobby.seat(waiting.id)
    assert not lobby.leave(waiting.id)
    lobby.fail_seated(Unavailable("the table broke up"))
    with pytest.raises(Unavailable, match="broke up"):
        answer.result(timeout=0)
    assert lobby.leave(waiting.id)


def test_who_left_is_not_seated(admit: Admit) -> None:
    lobby, waiting = Lobby(), admit()
    lobby.enter(waiting, SOON)
    assert lobby.leave(waiting.id)
    assert lobby.seat(waiting.id) is None


def test_a_broken_table_fails_nobody_who_still_waits(admit: Admit) -> None:
    lobby, waiting = Lobby(), admit()
    answer = lobby.enter(waiting, SOON)
    lobby.fail_seated(Unavailable("the table broke up"))
    assert not answer.done()
    lobby.fail_all(Unavailable("closing"))
    with pytest.raises(Unavailable, match="closing"):
        answer.result(timeout=0)


def test_a_full_lobby_refuses_and_forgets_nobody(admit: Admit) -> None:
    lobby = Lobby(most=2)
    inside = [admit(), admit()]
    for one in inside:
        lobby.enter(one, SOON)
    with pytest.raises(Unavailable, match="Too many requests are waiting"):
        lobby.enter(admit(), SOON)
    assert who_waits(lobby) == inside


def test_whoever_enters_rings_the_bell(admit: Admit) -> None:
    lobby, rung = Lobby(), threading.Event()
    lobby.on_arrival(rung.set)
    lobby.enter(admit(), SOON)
    assert rung.is_set()
