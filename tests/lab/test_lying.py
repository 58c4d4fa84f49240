"""A liar changes what it said it would, and nothing else."""

import numpy as np
import pytest

from ipse.matching.rounds import Computation, Round
from ipse_lab.lying import Flipped, lying
from ipse_lab.network import run_together


def telling(seat: int) -> Computation[list[bytes]]:
    """Two rounds in which each seat tells both others who it is; what was heard."""
    heard = []
    for _ in range(2):
        mine = np.full(4, seat, np.uint8)
        came = yield Round(mine, bytes(mine), 4, 4)
        heard += [bytes(came.from_next), bytes(came.from_prev)]
    return heard


@pytest.mark.parametrize(
    ("lie", "hearer", "message"),
    [
        (Flipped(0, to_next=True, place=0), 1, 1),
        (Flipped(1, to_next=True, place=0.99), 1, 3),
        (Flipped(0, to_next=False, place=0.5), 2, 0),
        (Flipped(1, to_next=False, place=0.25), 2, 2),
    ],
)
def test_one_byte_is_changed_for_one_hearer(
    lie: Flipped, hearer: int, message: int
) -> None:
    played = run_together(lying(telling(0), lie), telling(1), telling(2))
    true = run_together(telling(0), telling(1), telling(2))
    for seat in range(3):
        for index, (heard, said) in enumerate(
            zip(played.results[seat], true.results[seat], strict=True)
        ):
            changed = [place for place in range(4) if heard[place] != said[place]]
            is_it = (seat, index) == (hearer, message)
            assert changed == ([int(lie.place * 4)] if is_it else [])


def test_a_lie_to_nobody_and_a_lie_that_never_comes_change_nothing() -> None:
    def silent() -> Computation[None]:
        yield Round()

    never = Flipped(5, to_next=True, place=0)
    assert run_together(lying(telling(0), never), telling(1), telling(2))
    for to_next in (True, False):
        lie = Flipped(0, to_next=to_next, place=0)
        assert run_together(lying(silent(), lie), silent(), silent()).rounds == 1
