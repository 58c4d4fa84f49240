"""Who is called has what it is called for, as it said, on the records that all have."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ipse.crypto.signature import KEY_BYTES
from ipse.ground.errors import Misbehaved, Unavailable
from ipse.ground.names import (
    HANDLE_BYTES,
    Form,
    Handle,
    OperatorId,
    Outcome,
    Purpose,
    RequestId,
    Slot,
)
from ipse.keys.system import SystemEntropy
from ipse.keys.wallet import Wallet
from ipse.owner.request import Dispatch, compose
from ipse.wire.peer import Begin, Gone, Message, Seated, Stance, Vote
from ipse_lab.processes import new_body
from ipse_lab.trio import HEARD_S, PATIENCE_MS, Trio, trio

ONE, TWO, THREE = OperatorId(1), OperatorId(2), OperatorId(3)
SOON_S = 5.0


@pytest.fixture
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trio]:
    with trio(tmp_path_factory.mktemp("trio")) as opened:
        yield opened


def status(three: Trio, purpose: Purpose = Purpose.STATUS) -> Dispatch:
    draw, charter = SystemEntropy().draw, three.charter
    owner = Wallet(
        charter.charter.network,
        charter.digest,
        Handle(draw(HANDLE_BYTES)),
        draw(KEY_BYTES),
        (Form.FACE,),
        "new",
    )
    bodies = [new_body(1)] if purpose is Purpose.ENROL else []
    return compose(charter, owner, purpose, bodies, three.clock, SystemEntropy())


def says(three: Trio, operator: OperatorId, message: Message, to: OperatorId) -> None:
    links = three.sessions[operator].links
    links.send(to, message)
    links.flush(time.monotonic() + SOON_S)


def hears(three: Trio, operator: OperatorId, of: OperatorId) -> Message:
    links = three.sessions[operator].links
    heard = links.receive(time.monotonic() + SOON_S, of=of)
    assert heard is not None
    return heard[1]


def turn(three: Trio, operator: OperatorId) -> None:
    """One look around, that does not wait for long."""
    three.sessions[operator].links.wake()
    three.sessions[operator]._serving.turn()


def called(three: Trio) -> tuple[Begin, Dispatch]:
    """A call as the convenor would make it, of an enrolment that operator 2 has."""
    dispatch = status(three, Purpose.ENROL)
    three.enter(dispatch, at=[TWO])
    turn(three, TWO)
    said = hears(three, ONE, TWO)
    assert isinstance(said, Stance)
    stances = (
        replace(said, operator=ONE),
        said,
        replace(said, operator=THREE),
    )
    roll = three.desks[TWO].records.roll.digest()
    now, trail = three.clock.now(), three.desks[TWO].uses.trail()
    return Begin(9, now, roll, trail, (Seated(stances, (Slot(0),)),)), dispatch


def altered(begin: Begin, **fields: object) -> Begin:
    (seated,) = begin.seated
    own = replace(seated.stances[1], **fields)  # type: ignore[arg-type]  # one field at a time
    stances = (seated.stances[0], own, seated.stances[2])
    return replace(begin, seated=(replace(seated, stances=stances),))


@pytest.mark.parametrize("field", ["asked", "tag_prev", "tag_next"])
def test_a_convenor_that_changes_what_one_said_is_found_out(
    three: Trio, field: str
) -> None:
    begin, _ = called(three)
    says(three, ONE, altered(begin, **{field: b"x" * 32}), TWO)
    with pytest.raises(Misbehaved, match="changed what operator 2 said"):
        turn(three, TWO)


def test_a_call_for_what_is_not_here_is_refused(three: Trio) -> None:
    begin, _ = called(three)
    other = RequestId(b"?" * 16)
    (seated,) = begin.seated
    stances = tuple(replace(each, request=other) for each in seated.stances)
    says(three, ONE, replace(begin, seated=(Seated(stances, ()),)), TWO)
    with pytest.raises(Misbehaved, match="changed what operator 2 said"):
        turn(three, TWO)


def test_a_call_on_other_records_is_refused(three: Trio) -> None:
    begin, _ = called(three)
    says(three, ONE, replace(begin, roll=b"x" * 32), TWO)
    with pytest.raises(Unavailable, match="do not have the same records"):
        turn(three, TWO)


@pytest.mark.parametrize("slots", [(), (Slot(3), Slot(4))], ids=["none", "two"])
def test_one_body_gets_one_slot(three: Trio, slots: tuple[Slot, ...]) -> None:
    begin, _ = called(three)
    (seated,) = begin.seated
    says(three, ONE, replace(begin, seated=(replace(seated, slots=slots),)), TWO)
    with pytest.raises(Misbehaved, match="miscounts slots"):
        turn(three, TWO)


def test_a_place_that_is_not_free_at_one_is_given_to_nobody(three: Trio) -> None:
    """What was erased there is still to be overwritten: the change fails, no more."""
    three.desks[TWO].records.roll.rest([Slot(0)])
    first = three.enter(status(three, Purpose.ENROL))
    three.serve()
    for answer in first.values():
        with pytest.raises(Unavailable, match="could not store the change"):
            answer.result(timeout=0)
    three.desks[TWO].records.roll.wake([Slot(0)])
    again = three.enter(status(three, Purpose.ENROL))
    three.serve()
    assert again[TWO].result(timeout=0).finding.outcome is Outcome.ENROLLED


def test_a_call_that_crosses_a_departure_is_answered(three: Trio) -> None:
    """The wallet went away after its request was told of: no matter."""
    dispatch = status(three)
    answers = three.enter(dispatch)
    for follower in (TWO, THREE):
        turn(three, follower)
    time.sleep(HEARD_S)
    turn(three, ONE)  # calls, and answers its own wallet
    assert answers[ONE].result(timeout=0).finding.outcome is Outcome.UNKNOWN
    assert three.desks[TWO].lobby.leave(dispatch.request.header.request)
    turn(three, TWO)  # says that it is gone, and hears the call
    assert not answers[TWO].done()
    assert three.sessions[TWO]._serving._told == {}
    turn(three, ONE)
    turn(three, TWO)  # hears that it will not be called, which it was
    later = status(three)
    again = three.enter(later)
    three.serve_until(lambda: all(answer.done() for answer in again.values()))
    assert again[TWO].result(timeout=0).finding.outcome is Outcome.UNKNOWN


def test_what_is_gone_is_forgotten_by_both(three: Trio) -> None:
    dispatch = status(three)
    request = dispatch.request.header.request
    three.enter(dispatch, at=[TWO])
    turn(three, TWO)
    assert three.desks[TWO].lobby.leave(request)
    turn(three, TWO)
    convening, attending = (three.sessions[n]._serving for n in (ONE, TWO))
    time.sleep(HEARD_S)
    for _ in range(2):
        turn(three, ONE)
    assert convening._said == {}
    assert attending._told.keys() == {request}
    turn(three, TWO)
    assert attending._told == {}
    assert attending._leaving == set()


def test_who_waits_too_long_is_told_so_by_the_convenor(three: Trio) -> None:
    dispatch = status(three)
    answers = three.enter(dispatch)
    three.clock.advance(PATIENCE_MS)
    three.serve_until(answers[ONE].done)
    with pytest.raises(Unavailable, match="Too many requests came before"):
        answers[ONE].result(timeout=0)
    assert three.calls == []


@pytest.mark.parametrize(
    "message",
    [Vote(RequestId(bytes(16)), is_prepared=True, outcomes=()), None],
    ids=["vote", "other"],
)
def test_what_does_not_belong_to_serving_is_refused(
    three: Trio, message: Message | None
) -> None:
    stance = Stance(THREE, RequestId(bytes(16)), *[bytes(32)] * 3)
    says(three, TWO, message or stance, ONE)
    with pytest.raises(Misbehaved, match="Operator 2 sent"):
        turn(three, ONE)
    says(three, ONE, message or stance, TWO)
    with pytest.raises(Misbehaved, match="Operator 1 sent"):
        turn(three, TWO)


def test_the_convenor_remembers_no_more_than_it_chose_to(
    three: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipse.operator.serving.REMEMBERED", 2)
    convening = three.sessions[ONE]._serving
    for number in range(4):
        request = RequestId(bytes([number]) * 16)
        convening.take(TWO, Stance(TWO, request, *[bytes(32)] * 3))
    assert [request[0] for request in convening._said] == [2, 3]
    convening.take(TWO, Gone(RequestId(bytes([3]) * 16)))
    assert [request[0] for request in convening._said] == [2]
