"""The probe drill holds every kind off, and can fail."""

from dataclasses import astuple, replace

import pytest

from ipse.ground.names import Form
from ipse_lab.drill.hostile import KINDS
from ipse_lab.drill.probe import Chunk, Score, chunks, play

STRICT = 5_500


@pytest.mark.parametrize("index", range(len(KINDS)), ids=[k.name for k in KINDS])
def test_no_hostile_kind_gets_in(index: int) -> None:
    count = 4 if KINDS[index].form is Form.CODE else 64
    score = play(Chunk(index, count, (3, index), STRICT, is_unchecked=False))
    assert score.tried == count
    assert (score.accepted_as_probe, score.accepted_as_reference) == (0, 0)
    if KINDS[index].is_torn:  # refused by its tags, before anything is computed
        assert score.verified == score.passed == 0
    elif KINDS[index].form is not Form.CODE:
        assert score.verified == count


def test_without_the_check_garbage_gets_in_about_every_second_time() -> None:
    uniform = next(i for i, kind in enumerate(KINDS) if kind.name == "uniform shares")
    score = play(Chunk(uniform, 400, (4,), STRICT, is_unchecked=True))
    assert 120 < score.unchecked_as_probe < 280
    assert 120 < score.unchecked_as_reference < 280


def test_a_drill_is_cut_into_chunks_that_cover_it_once() -> None:
    plan = list(chunks(1_203, seed=5, threshold=STRICT))
    for index in range(len(KINDS)):
        assert sum(chunk.count for chunk in plan if chunk.kind == index) == 1_203
    assert len({chunk.seed for chunk in plan}) == len(plan)


def test_scores_add_up_field_by_field() -> None:
    one = Score(*range(1, 9))
    assert astuple(one + replace(one, tried=10))[:3] == (11, 4, 6)
