"""A channel carries what it was given, in the pieces that the socket takes."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

from ipse.ground.names import OperatorId
from ipse.net.channel import PIECE_BYTES, RECORD_BYTES, Channel, Ended
from ipse.net.handshake import Pins, secure
from ipse.wire.charter import TrustedCharter
from ipse_lab.identities import Rings, identity_of

ONE, TWO = OperatorId(1), OperatorId(2)
Pair = tuple[Channel, Channel]


@pytest.fixture
def pair(rings: Rings, charter: TrustedCharter) -> Iterator[Pair]:
    """Return both ends of a channel between operators 1 and 2."""
    ear = socket.create_server(("127.0.0.1", 0))
    near = socket.create_connection(ear.getsockname())
    far, _ = ear.accept()
    certificates = {one: charter.charter.entry(one).certificate for one in (ONE, TWO)}
    keys = {one: identity_of(rings[one], charter).tls_key for one in (ONE, TWO)}

    def end(own: OperatorId, other: OperatorId, sock: socket.socket) -> Channel:
        pins = Pins(keys[own], certificates[own], certificates[other])
        return secure(pins, sock, other, time.monotonic() + 10.0, dialled=own == ONE)[0]

    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(end, ONE, TWO, near), pool.submit(end, TWO, ONE, far)]
        one, two = (each.result(timeout=10) for each in ends)
    yield one, two
    one.close()
    two.close()
    ear.close()


def read_on(far: Channel) -> None:
    """Read until something is wrong."""
    while True:
        far.read_into(memoryview(bytearray(RECORD_BYTES)))


def carried(pair: Pair, content: bytes, place: int) -> bytes:
    """Send bytes one way, reading `place` bytes at a time."""
    near, far = pair
    near.write(memoryview(content))
    came = bytearray()
    room = memoryview(bytearray(place))
    while len(came) < len(content):
        near.push()
        came += room[: far.read_into(room)]
    return bytes(came)


@pytest.mark.parametrize(
    "size",
    [1, RECORD_BYTES - 1, RECORD_BYTES + 1, PIECE_BYTES + 1, 12 * PIECE_BYTES + 5],
)
@pytest.mark.parametrize("place", [RECORD_BYTES, RECORD_BYTES + 1, PIECE_BYTES])
def test_any_size_arrives_whole_in_any_room(pair: Pair, size: int, place: int) -> None:
    content = np.random.default_rng(size).bytes(size)
    assert carried(pair, content, place) == content


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.binary(min_size=1, max_size=40_000), max_size=6))
def test_pieces_keep_their_order(pair: Pair, pieces: list[bytes]) -> None:
    near, far = pair
    for piece in pieces:
        near.write(memoryview(piece))
    joined, came = b"".join(pieces), bytearray()
    room = memoryview(bytearray(RECORD_BYTES))
    while len(came) < len(joined):
        near.push()
        came += room[: far.read_into(room)]
    assert bytes(came) == joined


def test_what_was_written_may_be_changed_at_once(pair: Pair) -> None:
    content = bytearray(b"kept" * 10_000)
    pair[0].write(memoryview(content))
    content[:] = bytes(len(content))
    pair[0].push()
    came, room = bytearray(), memoryview(bytearray(RECORD_BYTES))
    while len(came) < len(content):
        came += room[: pair[1].read_into(room)]
    assert came == b"kept" * 10_000


def test_nothing_there_is_said_at_once(pair: Pair) -> None:
    assert pair[1].read_into(memoryview(bytearray(RECORD_BYTES))) == 0


def test_a_message_is_handed_to_the_socket_in_one_call(pair: Pair) -> None:
    """Whatever it is sealed in: records of 16 KB, and nothing sent between them."""
    pair[0].write(memoryview(bytes(PIECE_BYTES // 2)))
    assert len(pair[0]._sealed) == 1


def test_the_end_is_noticed_after_what_was_sent_before(pair: Pair) -> None:
    near, far = pair
    near.write(memoryview(b"last words"))
    near.push()
    near.close()
    room = memoryview(bytearray(RECORD_BYTES))
    read = 0
    while not read:
        read = far.read_into(room)
    assert bytes(room[:read]) == b"last words"
    with pytest.raises((Ended, SSL.Error)):
        read_on(far)


def test_bytes_that_were_touched_are_refused(pair: Pair) -> None:
    near, far = pair
    near.write(memoryview(b"untouched"))
    sealed = bytearray(near._sealed.popleft())
    sealed[-1] ^= 1
    near._sealed.append(memoryview(sealed))
    near.push()
    with pytest.raises(SSL.Error):
        read_on(far)


def test_a_channel_is_never_shown(pair: Pair) -> None:
    assert repr(pair[0]) == "<Channel: secret>"
