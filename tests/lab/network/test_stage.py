"""On the stage one acts at a time, an hour passes at once, and the dead stay dead."""

from collections.abc import Callable

import pytest

from ipse_lab.network import stage as stages
from ipse_lab.network.stage import Actor, Endless, Killed, Stage

HOUR_S = 3_600.0


def acting(stage: Stage) -> Actor:
    actor = stage.acting
    assert actor is not None
    return actor


def test_actors_take_turns_in_the_order_of_time() -> None:
    stage, seen = Stage(), []

    def play(name: str, naps: list[float]) -> Callable[[], None]:
        def act() -> None:
            for nap in naps:
                acting(stage).sleep(stage.now_s + nap)
                seen.append((name, stage.now_s))

        return act

    stage.enter("one", play("one", [HOUR_S, HOUR_S]))
    stage.enter("two", play("two", [1.5 * HOUR_S]))
    assert not stage.run(lambda: False, 3 * HOUR_S)
    assert seen == [("one", HOUR_S), ("two", 1.5 * HOUR_S), ("one", 2 * HOUR_S)]
    assert stage.now_s == 3 * HOUR_S


def test_a_wake_up_call_ends_the_present_nap_and_no_later_one() -> None:
    stage, woken = Stage(), []

    def act() -> None:
        for _ in range(2):
            acting(stage).sleep(stage.now_s + 10.0)
            woken.append(stage.now_s)

    actor = stage.enter("sleeper", act)
    for _ in range(2):
        stage.after(3.0, actor.wake)
    stage.run(lambda: actor.is_over, HOUR_S)
    assert woken == [3.0, 13.0]


def test_whoever_is_killed_never_sleeps_again() -> None:
    stage, last = Stage(), []

    def act() -> None:
        try:
            acting(stage).sleep(HOUR_S)
        finally:
            last.append("let go")
            with pytest.raises(Killed):
                acting(stage).sleep(2 * HOUR_S)

    actor = stage.enter("victim", act)
    stage.after(1.0, actor.kill)
    stage.run(lambda: False, HOUR_S / 2)
    assert actor.is_over
    assert last == ["let go"]
    assert not stage.faults


def test_what_nobody_expected_is_kept() -> None:
    stage = Stage()

    def act() -> None:
        raise ZeroDivisionError

    stage.enter("fool", act)
    stage.run(lambda: False, 1.0)
    assert [type(fault) for fault in stage.faults] == [ZeroDivisionError]


def test_going_round_in_circles_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "MOST_EVENTS", 100)
    stage = Stage()

    def again() -> None:
        stage.after(0.0, again)

    again()
    with pytest.raises(Endless):
        stage.run(lambda: False, 1.0)


def test_the_digest_follows_from_what_was_noted_and_when() -> None:
    def digest(at_s: float, what: str) -> str:
        stage = Stage()
        stage.after(at_s, lambda: stage.note(what))
        stage.run(lambda: False, 2.0)
        return stage.digest

    assert digest(1.0, "a") == digest(1.0, "a")
    assert len({digest(1.0, "a"), digest(1.0, "b"), digest(1.5, "a")}) == 3
