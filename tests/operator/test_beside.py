"""What goes on beside a computation is done before a bit is opened, or stops it."""

import threading

import pytest

from ipse.ground.errors import Unavailable
from ipse.operator.beside import Beside, OwnThread, Start, at_once


@pytest.fixture(params=["a thread", "at once"])
def start(request: pytest.FixtureRequest) -> Start:
    if request.param == "at once":
        yield at_once
        return
    thread = OwnThread()
    yield thread
    thread.close()


def test_it_is_done_once_and_by_the_end(start: Start) -> None:
    done: list[int] = []
    beside = Beside(lambda: done.append(1), start)
    beside.join()
    assert done == []  # nobody began it
    beside.begin()
    beside.begin()
    beside.end()
    beside.end()
    beside.join()
    assert done == [1]


def test_whoever_waits_begins_it(start: Start) -> None:
    done: list[int] = []
    Beside(lambda: done.append(1), start).end()
    assert done == [1]


def test_what_it_raises_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise Unavailable("The disk is full.")

    thread = OwnThread()
    beside = Beside(fail, thread)
    beside.begin()
    for wait in (beside.end, beside.join):
        with pytest.raises(Unavailable):
            wait()
    thread.close()


def test_a_thread_lets_its_starter_go_on() -> None:
    may_end = threading.Event()
    thread = OwnThread()

    def wait() -> None:
        assert may_end.wait(10)

    beside = Beside(wait, thread)
    beside.begin()
    may_end.set()
    beside.end()
    thread.close()
