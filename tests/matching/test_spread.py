"""Stripes: every slot is searched once, evenly, and borders seldom move."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Malformed
from ipse.matching.spread import STEADY, stripe_length, stripes

counts = st.integers(0, 1 << 40)
crews = st.integers(1, 1_024)


@given(counts, crews)
def test_every_slot_is_in_exactly_one_stripe(count: int, workers: int) -> None:
    cut = stripes(count, workers)
    assert len(cut) == workers
    assert cut[0].start == 0
    assert cut[-1].stop == count
    assert all(one.stop == after.start for one, after in pairwise(cut))


@given(counts, crews)
def test_no_stripe_is_much_longer_than_its_even_share(count: int, workers: int) -> None:
    even = count / workers
    assert stripe_length(count, workers) <= even * (1 + 1 / STEADY) + 1


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_borders_move_a_few_times_while_the_records_double(workers: int) -> None:
    lengths = {stripe_length(count, workers) for count in range(1 << 16, 1 << 17)}
    assert len(lengths) <= STEADY + 1


def test_a_search_in_stripes_needs_a_worker() -> None:
    with pytest.raises(Malformed, match="at least one"):
        stripes(10, 0)
