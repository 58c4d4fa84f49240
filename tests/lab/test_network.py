"""Three seats in one process hear exactly what three processes would hear."""

import pytest

from ipse.matching.rounds import Computation, Round
from ipse_lab.network import OutOfStep, run_together


def chain(seat: int, rounds: int = 1, size: int = 1) -> Computation[list[bytes]]:
    """Say one's own number to both sides; return what came, next first."""
    came = []
    for _ in range(rounds):
        said = bytes([seat]) * size
        received = yield Round(said, said, size, size)
        came += [bytes(received.from_next), bytes(received.from_prev)]
    return came


def test_each_seat_hears_its_two_neighbours() -> None:
    played = run_together(chain(0), chain(1), chain(2))
    assert played.results == (
        [b"\x01", b"\x02"],
        [b"\x02", b"\x00"],
        [b"\x00", b"\x01"],
    )
    assert (played.rounds, played.sent) == (1, (2, 2, 2))


def test_a_computation_without_rounds_is_one_too() -> None:
    played = run_together(chain(0, 0), chain(1, 0), chain(2, 0))
    assert (played.results, played.rounds) == (([], [], []), 0)


def test_a_seat_that_expects_another_size_is_out_of_step() -> None:
    with pytest.raises(OutOfStep, match="seat 0 expects 1 bytes from its next seat"):
        run_together(chain(0), chain(1, size=2), chain(2))


def test_a_seat_that_ends_early_is_out_of_step() -> None:
    with pytest.raises(OutOfStep, match=r"seats \[1\] ended before the others"):
        run_together(chain(0, 2), chain(1, 1), chain(2, 2))
