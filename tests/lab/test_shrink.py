"""What is left of a failing plan fails, and without any one of its faults does not."""

from hypothesis import given
from hypothesis import strategies as st

from ipse_lab.drill.shrink import shrink
from ipse_lab.network.plan import Fault, Kind, Plan

FAULTS = tuple(Fault(Kind.CUT, 0, float(number)) for number in range(12))


@given(needed=st.sets(st.sampled_from(FAULTS)), others=st.sets(st.sampled_from(FAULTS)))
def test_only_what_is_needed_is_left(needed: set[Fault], others: set[Fault]) -> None:
    plan = Plan(1, "links", tuple(sorted(needed | others)))
    shrunk = shrink(plan, lambda one: needed <= {*one.faults})
    assert {*shrunk.faults} == needed


@given(st.integers(1, 12))
def test_of_faults_of_which_any_few_are_enough_just_enough_are_left(few: int) -> None:
    shrunk = shrink(Plan(1, "links", FAULTS), lambda one: len(one.faults) >= few)
    assert len(shrunk.faults) == few
