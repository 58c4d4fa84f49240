"""Only the charter's operators meet, over a hybrid exchange, with a fresh key."""

import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from ipse.ground.errors import IpseError, Refused, Unavailable, Unproven
from ipse.ground.names import OperatorId
from ipse.net import handshake
from ipse.net.handshake import Identity, Pins, meet
from ipse.net.link import Link
from ipse.wire.charter import TrustedCharter
from ipse_lab.identities import Rings, charter_of, drawn_rings, identity_of

ONE, TWO = OperatorId(1), OperatorId(2)
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with socket.create_server(("127.0.0.1", 0)) as ear:
        dialled = socket.create_connection(ear.getsockname())
        accepted, _ = ear.accept()
    yield dialled, accepted
    dialled.close()
    accepted.close()


def both(
    pair: Pair, dialling: Identity, accepting: Identity
) -> tuple[Future[Link], Future[Link]]:
    """Let operator 1 dial operator 2; return how it went at both."""
    with ThreadPoolExecutor(2) as pool:
        out = pool.submit(meet, dialling, pair[0], TWO, dialled=True)
        back = pool.submit(meet, accepting, pair[1], ONE, dialled=False)
    return out, back


def close(*futures: Future[Link]) -> None:
    for future in futures:
        if future.exception() is None:
            future.result().close()


def test_two_of_one_charter_meet_and_share_a_key(
    pair: Pair, rings: Rings, charter: TrustedCharter
) -> None:
    out, back = both(
        pair, identity_of(rings[ONE], charter), identity_of(rings[TWO], charter)
    )
    assert out.result().pair_key == back.result().pair_key
    assert (out.result().peer, back.result().peer) == (TWO, ONE)
    close(out, back)


def test_no_two_meetings_share_a_key(rings: Rings, charter: TrustedCharter) -> None:
    keys = set()
    for _ in range(3):
        with socket.create_server(("127.0.0.1", 0)) as ear:
            dialled = socket.create_connection(ear.getsockname())
            accepted, _ = ear.accept()
        out, back = both(
            (dialled, accepted),
            identity_of(rings[ONE], charter),
            identity_of(rings[TWO], charter),
        )
        keys.add(out.result().pair_key)
        close(out, back)
    assert len(keys) == 3


def test_a_stranger_with_a_certificate_of_its_own_is_turned_away(
    pair: Pair, rings: Rings, charter: TrustedCharter
) -> None:
    stranger = drawn_rings()[ONE]
    own = replace(charter.charter.operators[0], certificate=stranger.certificate)
    theirs = replace(charter.charter, operators=(own, *charter.charter.operators[1:]))
    claims = identity_of(stranger, TrustedCharter(theirs, charter.digest))
    out, back = both(pair, claims, identity_of(rings[TWO], charter))
    assert isinstance(back.exception(), Unproven)
    assert isinstance(out.exception(), IpseError)


def test_another_operator_of_the_same_charter_is_not_mistaken(
    pair: Pair, rings: Rings, charter: TrustedCharter
) -> None:
    three = identity_of(rings[OperatorId(3)], charter)
    out, back = both(pair, three, identity_of(rings[TWO], charter))
    assert isinstance(back.exception(), Unproven)
    close(out)


def test_operators_of_two_epochs_do_not_meet(pair: Pair, rings: Rings) -> None:
    now, later = charter_of(rings), charter_of(rings, epoch=1)
    out, back = both(pair, identity_of(rings[ONE], now), identity_of(rings[TWO], later))
    # the link's secret is bound to the charter, so it may not even open
    for side in (out, back):
        assert isinstance(side.exception(), Refused | Unproven | Unavailable)
    close(out, back)


def test_an_exchange_that_is_not_hybrid_is_refused(
    pair: Pair, rings: Rings, charter: TrustedCharter, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = handshake._context

    def classical(pins: Pins) -> SSL.Context:
        context = build(pins)
        context.set_tmp_ecdh(ec.SECP256R1())
        return context

    monkeypatch.setattr(handshake, "_context", classical)
    out, back = both(
        pair, identity_of(rings[ONE], charter), identity_of(rings[TWO], charter)
    )
    for side in (out, back):
        with pytest.raises(IpseError, match=r"X25519MLKEM768|hung up|link ended"):
            side.result()


def test_one_that_says_nothing_is_not_waited_for_long(
    pair: Pair, rings: Rings, charter: TrustedCharter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "HANDSHAKE_S", 0.1)
    with pytest.raises(Unavailable, match="Operator 1 is too slow"):
        meet(identity_of(rings[TWO], charter), pair[1], ONE, dialled=False)


def test_whoever_speaks_no_tls_is_turned_away(
    pair: Pair, rings: Rings, charter: TrustedCharter
) -> None:
    pair[0].sendall(b"GET / HTTP/1.1\r\n\r\n" * 10)
    with pytest.raises(Unproven, match="operator 1"):
        meet(identity_of(rings[TWO], charter), pair[1], ONE, dialled=False)
