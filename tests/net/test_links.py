"""Links carry any sizes in both directions at once, and name whoever fails."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipse.ground.errors import Malformed, Misbehaved, Unavailable
from ipse.ground.names import OPERATORS, OperatorId, RequestId
from ipse.matching.rounds import Computation, Received, Round, Undertaking, in_blocks
from ipse.net.drive import run
from ipse.net.frames import HEAD, Kind
from ipse.net.links import Links
from ipse.wire.peer import Gone, Settled, write_message

SOON_S = 5.0


def soon() -> float:
    return time.monotonic() + SOON_S


def echo(seat: int, sizes: list[int]) -> Computation[list[bytes]]:
    """Send rounds of several sizes both ways; return what came."""
    came = []
    for size in sizes:
        words = np.full(size, 16 * seat + 1, np.uint8)
        received = yield Round(words, words + np.uint8(1), size, size)
        came += [bytes(received.from_next), bytes(received.from_prev)]
    return came


def test_large_messages_in_a_ring_do_not_block(links: list[Links]) -> None:
    sizes = [1, 100_000, 30_000_000, 7]  # far more than the kernel's buffers hold
    with ThreadPoolExecutor(3) as pool:
        jobs = [
            pool.submit(run, echo(seat, sizes), one) for seat, one in enumerate(links)
        ]
        came = [job.result(timeout=60) for job in jobs]
    for seat in range(3):
        following, previous = 16 * ((seat + 1) % 3) + 2, 16 * ((seat - 1) % 3) + 1
        expected = [
            bytes([value]) * size for size in sizes for value in (following, previous)
        ]
        assert came[seat] == expected


def test_a_neighbour_may_be_a_round_ahead(links: list[Links]) -> None:
    one, two, three = links
    for _ in range(2):
        three.exchange(Round(to_next=b"ahead"), soon())
    began = time.process_time()
    with pytest.raises(Unavailable, match="operator 2"):
        one.exchange(Round(from_next=5), time.monotonic() + 1.0)
    assert time.process_time() - began < 0.1, "waiting must not burn the processor"
    two.exchange(Round(to_prev=b"later"), soon())
    received = one.exchange(Round(from_next=5, from_prev=5), soon())
    assert bytes(received.from_prev) == b"ahead"


def test_a_message_arrives_and_says_from_whom(links: list[Links]) -> None:
    one, two, _ = links
    said = Settled(OperatorId(1), bytes(32), bytes(32))
    one.send(OperatorId(2), said)
    one.flush(soon())
    assert two.receive(soon()) == (1, said)


def test_silence_ends_at_the_deadline(links: list[Links]) -> None:
    assert links[0].receive(time.monotonic() + 0.05) is None


def test_a_bell_from_another_thread_ends_the_waiting(links: list[Links]) -> None:
    threading.Timer(0.05, links[0].wake).start()
    began = time.monotonic()
    assert links[0].receive(soon(), until_woken=True) is None
    assert time.monotonic() - began < SOON_S / 2


def test_one_silent_operator_is_named(links: list[Links]) -> None:
    links[2].exchange(Round(to_next=b"here"), soon())
    with pytest.raises(Unavailable, match=r"operator 2\. Nothing was lost"):
        links[0].exchange(Round(from_next=4, from_prev=4), time.monotonic() + 0.1)


def test_one_that_hangs_up_is_named(links: list[Links]) -> None:
    links[2].close()
    with pytest.raises(Unavailable, match="Operator 3 is missing"):
        links[0].exchange(Round(from_prev=4), soon())


def test_a_round_of_another_size_is_the_senders_fault(links: list[Links]) -> None:
    links[1].exchange(Round(to_prev=b"too long"), soon())
    with pytest.raises(Misbehaved, match="Operator 2 sent 8 bytes"):
        links[0].exchange(Round(from_next=4), soon())


def test_a_round_where_a_message_belongs_is_the_senders_fault(
    links: list[Links],
) -> None:
    links[1].exchange(Round(to_prev=b"round"), soon())
    with pytest.raises(Misbehaved, match="Operator 2 sent a round"):
        links[0].receive(soon())


def test_what_was_said_before_a_round_is_kept_for_later(links: list[Links]) -> None:
    """A neighbour speaks before it knows that a computation began."""
    one, two, _ = links
    said = [Gone(RequestId(bytes([number]) * 16)) for number in range(3)]
    for message in said:
        two.send(OperatorId(1), message)
    two.exchange(Round(to_prev=b"round"), soon())
    two.send(OperatorId(1), Settled(OperatorId(2), bytes(32), bytes(32)))
    two.flush(soon())
    received = one.exchange(Round(from_next=5), soon())
    assert bytes(received.from_next) == b"round"
    heard = [one.receive(soon()) for _ in range(4)]
    assert heard == [
        (2, each) for each in (*said, Settled(OperatorId(2), bytes(32), bytes(32)))
    ]


def test_one_that_talks_and_never_computes_is_named(
    links: list[Links], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipse.net.links.MOST_KEPT", 3)
    for _ in range(4):
        links[1].send(OperatorId(1), Settled(OperatorId(2), bytes(32), bytes(32)))
    links[1].flush(soon())
    with pytest.raises(Misbehaved, match="Operator 2 talks instead of computing"):
        links[0].exchange(Round(from_next=5), soon())


@pytest.mark.parametrize(
    "body",
    [b"", b"\x80", b"not a message", b"\x82\x6bipse/gone/1\x40"],
    ids=["empty", "no tag", "no CBOR", "short id"],
)
def test_a_spoiled_message_is_refused_and_its_sender_named(
    links: list[Links], body: bytes
) -> None:
    links[1].prev.send(Kind.MESSAGE, body)
    links[1].flush(soon())
    with pytest.raises(Malformed, match="From operator 2"):
        links[0].receive(soon())


def test_a_flipped_bit_in_a_message_never_passes_for_another(
    links: list[Links],
) -> None:
    good = Gone(RequestId(bytes(range(16))))
    written = write_message(good)
    for place in range(0, 8 * (len(written) - 16), 7):  # not in the random id itself
        spoiled = bytearray(written)
        spoiled[place // 8] ^= 1 << place % 8
        links[1].prev.send(Kind.MESSAGE, bytes(spoiled))
        links[1].flush(soon())
        with pytest.raises(Malformed):
            links[0].receive(soon())


def test_a_frame_of_no_kind_is_refused(links: list[Links]) -> None:
    link = links[1].prev
    link._channel.write(memoryview(HEAD.pack(9, 4) + b"what"))
    links[1].flush(soon())
    with pytest.raises(Malformed, match="From operator 2: A frame of kind 9"):
        links[0].receive(soon())


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.sampled_from([0, 1, 5, 300, 16_379, 16_380, 50_000]), max_size=7),
    st.lists(st.integers(1, 20_000), min_size=1, max_size=9),
)
def test_frames_come_whole_wherever_records_cut_them(
    links: list[Links], sizes: list[int], cuts: list[int]
) -> None:
    link, far = links[1].prev, links[0].next
    bodies = [bytes([place + 1]) * size for place, size in enumerate(sizes)]
    stream = b"".join(HEAD.pack(Kind.ROUND, len(body)) + body for body in bodies)
    for cut in itertools.cycle(cuts):
        if not stream:
            break
        link._channel.write(memoryview(stream[:cut]))
        stream = stream[cut:]
    came: list[bytes] = []
    until_s = soon()
    while len(came) < len(bodies) and time.monotonic() < until_s:
        link.push()
        far.pull()
        came += [bytes(far.came.popleft().body) for _ in range(len(far.came))]
    assert came == bodies


def test_frames_of_one_record_come_together(links: list[Links]) -> None:
    link, far = links[1].prev, links[0].next
    link._channel.write(memoryview(3 * (HEAD.pack(Kind.ROUND, 4) + b"what")))
    links[1].flush(soon())
    until_s = soon()
    while not far.pull() and time.monotonic() < until_s:
        pass
    assert [bytes(frame.body) for frame in far.came] == [b"what"] * 3


def test_a_computation_that_fails_on_its_links_is_closed(links: list[Links]) -> None:
    ended = []

    def forlorn() -> Computation[None]:
        try:
            received: Received = yield Round(from_next=1)
            del received
        finally:
            ended.append(True)

    with pytest.raises(Unavailable):
        run(forlorn(), links[0], round_s=0.05)
    assert ended == [True]


def test_both_ends_of_a_link_hold_one_key_and_each_link_its_own(
    links: list[Links],
) -> None:
    keys = [one.next.pair_key for one in links]
    assert keys == [links[(seat + 1) % 3].prev.pair_key for seat in range(3)]
    assert len({*keys}) == len(OPERATORS)
    assert all(len(key) == 32 for key in keys)


def test_a_link_shows_no_key(links: list[Links]) -> None:
    assert repr(links[0].next) == "<Link: secret>"


def talk(place: int, seat: int, rounds: int, size: int) -> Computation[int]:
    """Send some rounds both ways; return how many bytes came with the right stamp."""
    right = 0
    for turn in range(rounds):
        stamp = (16 * place + turn) % 251
        mine = np.full(size + turn, stamp, np.uint8)
        came = yield Round(mine, mine, size + turn, size + turn)
        for side in (came.from_next, came.from_prev):
            right += int((np.frombuffer(side, np.uint8) == stamp).sum())
    return right + seat


def blocks(seat: int, sizes: list[int]) -> Undertaking[list[int]]:
    # of different lengths, so that some end while others go on, and one at once
    return in_blocks(
        talk(place, seat, rounds=place % 5, size=size)
        for place, size in enumerate(sizes)
    )


@pytest.mark.parametrize("sizes", [[1], [300] * 12, [700_000] * 9])
def test_blocks_overlap_and_none_gets_anothers_message(
    links: list[Links], sizes: list[int]
) -> None:
    with ThreadPoolExecutor(3) as pool:
        jobs = [
            pool.submit(run, blocks(seat, sizes), one) for seat, one in enumerate(links)
        ]
        results = [job.result(timeout=60) for job in jobs]
    for seat, found in enumerate(results):
        assert found == [
            sum(2 * (size + turn) for turn in range(place % 5)) + seat
            for place, size in enumerate(sizes)
        ]


def test_what_blocks_return_comes_in_their_order(links: list[Links]) -> None:
    def late(place: int) -> Computation[int]:
        for _ in range(9 - place):
            yield Round(b"x", b"x", 1, 1)
        return place

    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(run, in_blocks(map(late, range(9))), one) for one in links]
        assert [job.result(timeout=60) for job in jobs] == [list(range(9))] * 3


def test_blocks_that_fail_on_their_links_are_closed(links: list[Links]) -> None:
    ended = []

    def forlorn(place: int) -> Computation[None]:
        try:
            yield Round(from_next=1)
        finally:
            ended.append(place)

    links[1].close()
    with pytest.raises(Unavailable):
        run(in_blocks(map(forlorn, range(4))), links[0])
    assert sorted(ended) == [0, 1, 2]
