"""Shrinking: the fewest faults of a plan with which it still fails.

Halves of the plan are left out, then quarters, and so on to single faults; whatever is
not needed for the failure stays out. What is left fails, and without any one of its
faults it does not.

Source: Zeller, Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
TSE 28(2), 2002 (delta debugging).
"""

from collections.abc import Callable

from ipse_lab.network.plan import Fault, Plan


def shrink(plan: Plan, fails: Callable[[Plan], bool]) -> Plan:
    """Return a plan that fails and has no fault too many. `plan` fails."""
    size = max(1, len(plan.faults) // 2)
    while True:
        smaller = _without_some(plan, size, fails)
        if smaller is not None:
            plan = smaller
            size = max(1, min(size, len(plan.faults) // 2))
        elif size == 1:
            return plan
        else:
            size //= 2


def _without_some(plan: Plan, size: int, fails: Callable[[Plan], bool]) -> Plan | None:
    """Leave out so many faults that stand together, if it still fails."""
    for start in range(0, len(plan.faults), size):
        left: tuple[Fault, ...] = (
            *plan.faults[:start],
            *plan.faults[start + size :],
        )
        smaller = Plan(plan.seed, plan.kind, left)
        if fails(smaller):
            return smaller
    return None
