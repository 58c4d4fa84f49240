"""What somebody reads waits; what nobody reads does not."""

import threading

import pytest

from ipse.store.holds import Holds


def test_what_nobody_reads_is_done_at_once() -> None:
    holds, done = Holds(), []
    with holds.hold():
        pass
    holds.after_all(lambda: done.append("wiped"))
    assert done == ["wiped"]


def test_the_last_reader_does_what_waited_and_later_ones_delay_nothing() -> None:
    holds, done = Holds(), []
    first, second, later = holds.hold(), holds.hold(), holds.hold()
    first.__enter__()
    second.__enter__()
    holds.after_all(lambda: done.append("one"))
    later.__enter__()
    holds.after_all(lambda: done.append("two"))
    first.__exit__(None, None, None)
    assert done == []
    second.__exit__(None, None, None)
    assert done == ["one"]
    later.__exit__(None, None, None)
    assert done == ["one", "two"]


def test_a_reader_that_fails_lets_go() -> None:
    holds, done = Holds(), []

    def read() -> None:
        with holds.hold():
            holds.after_all(lambda: done.append("wiped"))
            raise KeyError

    with pytest.raises(KeyError):
        read()
    assert done == ["wiped"]


def test_what_fails_is_told_and_does_not_stop_what_comes_after() -> None:
    holds, done = Holds(), []

    def fail() -> None:
        raise OSError

    def read() -> None:
        with holds.hold():
            holds.after_all(fail)
            holds.after_all(lambda: done.append("wiped"))

    with pytest.raises(OSError):  # noqa: PT011 (any will do)
        read()
    holds.after_all(lambda: done.append("next"))
    assert done == ["wiped", "next"]


def test_each_waiting_thing_is_done_once_among_threads() -> None:
    holds, done = Holds(), []

    def read() -> None:
        for number in range(200):
            with holds.hold():
                holds.after_all(lambda number=number: done.append(number))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(list(range(200)) * 4)
