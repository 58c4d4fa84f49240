"""The faults drill counts each run once, and a drill that can't fail has not passed."""

from collections import Counter

from ipse_lab.drill.faults import Failure, Report, find_planted
from ipse_lab.network.plan import Kind, Plan
from ipse_lab.network.play import Played
from ipse_lab.network.truth import Breach, Promise

PLAN = Plan(3, "power", ())
FOUND = Failure(PLAN, ("lost_records: one",), PLAN)


def played(*promises: Promise) -> Played:
    return Played(
        PLAN,
        tuple(Breach(promise, "so it was") for promise in promises),
        Counter({Kind.CUT: 2}),
        answered=5,
        refused=1,
        is_split_by_lie=False,
        seconds=60.0,
        digest="",
        notes=(),
    )


def test_a_run_that_breaks_a_promise_twice_is_counted_once() -> None:
    report = Report(0)
    report.add(played(Promise.KEPT, Promise.KEPT, Promise.ALIVE))
    report.add(played())
    told = report.as_json()
    assert told["runs"] == 2
    assert (told["lost_records"], told["stuck"], told["unproved_uses"]) == (1, 1, 0)
    assert told["faults_injected_by_kind"] == {"wire cut": 4}
    assert told["faults_injected"] == 4


def test_all_promises_are_kept_only_if_the_planted_bug_was_found() -> None:
    assert not Report(0).is_kept
    assert Report(0, planted=FOUND).is_kept
    assert not Report(0, planted=FOUND, failures=[FOUND]).is_kept


def test_the_planted_bug_is_found_and_needs_a_fault_to_show() -> None:
    found = find_planted(0)
    assert found is not None
    assert found.shrunk is not None
    kinds = {fault.kind for fault in found.shrunk.faults}
    assert kinds & {Kind.POWER_BEFORE, Kind.POWER_AFTER}
