"""A wire carries bytes in order and once, late or never, and its end is seen last."""

import pytest

from ipse.ground.errors import Unavailable
from ipse.ground.names import OperatorId
from ipse.net.channel import Ended
from ipse.net.frames import Kind
from ipse.net.link import Link
from ipse_lab.network.stage import Stage
from ipse_lab.network.wire import End, Way, wire

ONE, TWO = OperatorId(1), OperatorId(2)
LATENCY_S = 0.5


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def ways() -> tuple[Way, Way]:
    return Way(LATENCY_S), Way(LATENCY_S)


@pytest.fixture
def wired(stage: Stage, ways: tuple[Way, Way]) -> tuple[tuple[End, Link], ...]:
    return wire(stage, ways, (ONE, TWO), 7)


def said(link: Link, *bodies: bytes) -> None:
    for body in bodies:
        link.send(Kind.ROUND, body)
    link.push()


def heard(link: Link) -> list[bytes]:
    bodies = []
    while link.came or link.pull():
        bodies += [bytes(frame.body) for frame in link.came]
        link.came.clear()
    return bodies


def later(stage: Stage, seconds: float) -> None:
    stage.run(lambda: False, stage.now_s + seconds)


def test_frames_arrive_in_order_after_a_while(
    stage: Stage, wired: tuple[tuple[End, Link], ...]
) -> None:
    (_, left), (_, right) = wired
    said(left, b"first", b"second")
    later(stage, LATENCY_S / 2)
    assert heard(right) == []
    later(stage, LATENCY_S)
    assert heard(right) == [b"first", b"second"]


def test_what_is_held_up_does_not_overtake(
    stage: Stage, ways: tuple[Way, Way], wired: tuple[tuple[End, Link], ...]
) -> None:
    (_, left), (_, right) = wired
    ways[0].stalled_until_s = 10.0
    said(left, b"held up")
    ways[0].stalled_until_s = 0.0
    said(left, b"later")
    later(stage, 9.0)
    assert heard(right) == []
    later(stage, 2.0)
    assert heard(right) == [b"held up", b"later"]


def test_order_is_kept_however_long_all_of_it_is_held_up(
    stage: Stage, ways: tuple[Way, Way], wired: tuple[tuple[End, Link], ...]
) -> None:
    (_, left), (_, right) = wired
    ways[0].stalled_until_s = 27.531
    bodies = [bytes([number]) for number in range(40)]
    for body in bodies:
        said(left, body)
        later(stage, 0.1003)  # sums of such steps are rounded
    later(stage, 30.0)
    assert heard(right) == bodies


def test_a_dead_process_is_heard_to_the_end_and_then_missed(
    stage: Stage, wired: tuple[tuple[End, Link], ...]
) -> None:
    (end, left), (_, right) = wired
    said(left, b"last words")
    left.send(Kind.ROUND, b"never pushed")
    end.fall_silent()
    later(stage, 1.0)
    while not right.came:
        right.pull()
    assert bytes(right.came.popleft().body) == b"last words"
    with pytest.raises(Unavailable, match="Operator 1 is missing"):
        right.pull()


def test_a_cut_loses_what_is_under_way(
    stage: Stage, wired: tuple[tuple[End, Link], ...]
) -> None:
    (end, left), (other, right) = wired
    said(left, b"under way")
    end.cut(is_torn=False)
    later(stage, 1.0)
    assert not other.has_bytes
    for link in (left, right):
        with pytest.raises(Unavailable):
            link.pull()
    with pytest.raises(Ended):
        end.push()


def test_a_torn_frame_never_comes(
    stage: Stage, wired: tuple[tuple[End, Link], ...]
) -> None:
    (end, left), (_, right) = wired
    said(left, bytes(100))
    later(stage, 1.0)
    end.cut(is_torn=True)
    with pytest.raises(Unavailable):
        right.pull(most=2)
    assert not right.came


def test_both_ends_hold_one_key_and_no_two_wires_the_same(stage: Stage) -> None:
    def keys(number: int) -> list[bytes]:
        ends = wire(stage, (Way(1.0), Way(1.0)), (ONE, TWO), number)
        return [link.pair_key for _, link in ends]

    assert len({*keys(1)}) == 1
    assert keys(1) != keys(2)
