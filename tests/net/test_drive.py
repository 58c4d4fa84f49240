"""The driver performs errands between rounds, and hands on what came of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ipse.ground.errors import Unavailable
from ipse.matching.rounds import Round, Undertaking, away
from ipse.net.drive import run
from ipse.net.links import Links


def with_errand(seat: int) -> Undertaking[tuple[int, bytes]]:
    """Send what an errand brought to the next seat, and return what came."""
    brought = yield from away(lambda: seat + 40)
    received = yield Round(to_next=bytes([brought]), from_prev=1)
    return brought, bytes(received.from_prev)


def test_an_errand_s_result_comes_back_before_the_next_round(
    links: list[Links],
) -> None:
    with ThreadPoolExecutor(3) as pool:
        jobs = [
            pool.submit(run, with_errand(seat), one) for seat, one in enumerate(links)
        ]
        found = [job.result(timeout=10) for job in jobs]
    assert found == [(40, b"*"), (41, b"("), (42, b")")]


def test_an_errand_that_fails_ends_the_computation(links: list[Links]) -> None:
    over = []

    def fail() -> None:
        raise Unavailable("The errand came to nothing.")

    def computation() -> Undertaking[None]:
        try:
            yield from away(fail)
        finally:
            over.append(True)

    with pytest.raises(Unavailable, match="came to nothing"):
        run(computation(), links[0])
    assert over
