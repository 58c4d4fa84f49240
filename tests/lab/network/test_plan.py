"""A plan follows from its seed, and has only faults of its class."""

import pytest

from ipse_lab.network.plan import CLASSES, LINKS, Drawing, Kind, class_of, drawn


def test_a_seed_draws_the_same_plan_each_time() -> None:
    assert [drawn(seed) for seed in range(50)] == [drawn(seed) for seed in range(50)]


def test_classes_take_turns() -> None:
    classes = [class_of(seed) for seed in range(2 * len(CLASSES))]
    assert classes == [*CLASSES] * 2


@pytest.mark.parametrize("name", CLASSES)
def test_every_kind_of_a_class_is_drawn_and_no_other(name: str) -> None:
    seeds = range([*CLASSES].index(name), 5_000, len(CLASSES))
    met = {fault.kind for seed in seeds for fault in drawn(seed).faults}
    own = {draw(Drawing(seed)).kind for draw in CLASSES[name] for seed in range(3)}
    assert met == own


def test_all_kinds_are_in_some_class() -> None:
    met = {draw(Drawing(1)).kind for draws in CLASSES.values() for draw in draws}
    assert met == {*Kind}


def test_what_strikes_at_a_moment_strikes_while_somebody_is_there() -> None:
    for seed in range(20):
        dice = Drawing(seed)
        for draw in LINKS:
            assert 0 <= draw(dice).at <= dice.span_s
