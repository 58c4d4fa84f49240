"""Computations share rounds, errands or not, and none hears what is another's."""

from collections.abc import Iterator

import pytest

from ipse.ground.errors import Unavailable
from ipse.matching.rounds import (
    Received,
    Round,
    Undertaking,
    away,
    side_by_side,
    together,
)
from ipse_lab.network import at_once, run_together


def chat(name: bytes, rounds: int, errands: Iterator[int]) -> Undertaking[list[bytes]]:
    """Tell both neighbours one's name some times, with an errand before each."""
    heard = []
    for _ in range(rounds):
        number = yield from away(lambda: next(errands))
        said = name + bytes([number])
        received = yield Round(said, said, len(said), len(said))
        heard += [bytes(received.from_next), bytes(received.from_prev)]
    return heard


def test_errands_are_performed_in_order_and_each_hears_its_own() -> None:
    def seat() -> Undertaking[tuple[list[bytes], list[list[bytes]]]]:
        errands = iter(range(9))
        return (
            yield from together(
                chat(b"left", 2, errands),
                side_by_side([chat(b"middle", 1, errands), chat(b"right", 3, errands)]),
            )
        )

    played = run_together(*(at_once(seat()) for _ in range(3)))
    assert played.rounds == 3
    for left, (middle, right) in played.results:
        assert left == [b"left\0"] * 2 + [b"left\3"] * 2
        assert middle == [b"middle\1"] * 2
        assert right == [b"right\2"] * 2 + [b"right\4"] * 2 + [b"right\5"] * 2


def test_what_is_cut_off_is_closed_at_once_whoever_still_knows_it() -> None:
    let_go = []

    def holding(name: str) -> Undertaking[None]:
        try:
            yield Round(from_next=1)
        finally:
            let_go.append(name)

    known = [holding(name) for name in ("one", "two", "three")]
    joined = together(known[0], side_by_side(known[1:]))
    next(joined)
    joined.close()
    assert let_go == ["one", "two", "three"]


def test_when_one_fails_those_beside_it_are_closed() -> None:
    let_go = []

    def failing() -> Undertaking[None]:
        yield Round(from_next=1)
        raise Unavailable("Not now.")

    def holding() -> Undertaking[None]:
        try:
            yield Round(from_next=1)
            yield Round(from_next=1)
        finally:
            let_go.append(True)

    known = holding()
    joined = together(failing(), known)
    next(joined)
    with pytest.raises(Unavailable):
        joined.send(Received(b"ab", b""))
    assert let_go == [True]
