"""How two operators meet: TLS 1.3 with both certificates pinned, then a fresh key.

    (1) TLS 1.3, and no older one
    (2) the key exchange is hybrid: X25519 with ML-KEM-768
    (3) the other's certificate is the charter's for that operator, byte for byte
    (4) both say Hello: same network, charter and epoch, and who they are
    (5) each side sealed a fresh secret to the other's sealing key; the pair's key
        comes from both secrets and from this very TLS session

    pair key = HKDF-SHA256(secret of the lower number ‖ secret of the higher,
               tag ‖ 0x00 ‖ charter digest ‖ lower ‖ higher ‖ TLS exporter)

Both secrets are new at every connection, so no stream of randomness that grows from a
pair key ever repeats, whatever one side restores or replays. The sealing is hybrid
too: a recorder must break TLS's exchange *and* the boxes.
"""

import select
import socket
import time
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL, crypto

from ipse.crypto import digest, hpke
from ipse.crypto.derive import pair_key
from ipse.crypto.secret import Secret
from ipse.ground.errors import Malformed, Misbehaved, Refused, Unavailable, Unproven
from ipse.ground.names import OperatorId
from ipse.net.channel import Channel
from ipse.net.frames import Kind
from ipse.net.link import Link
from ipse.ports import Entropy, Keys
from ipse.wire import tags
from ipse.wire.charter import TrustedCharter
from ipse.wire.peer import SECRET_BYTES, Hello, read_message, write_message

GROUP: Final = "X25519MLKEM768"
"""The one key exchange that links accept: OpenSSL's first choice since 3.5."""

EXPORTER: Final = b"EXPORTER-ipse-link-1"
EXPORTER_BYTES: Final = 32
HANDSHAKE_S: Final = 5.0
"""Seconds for a whole handshake: two round trips and three public-key operations."""

_SOCKET_OPTIONS: Final = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (
            ("TCP_KEEPIDLE", 10),  # seconds of silence
            ("TCP_KEEPINTVL", 5),  # seconds between questions
            ("TCP_KEEPCNT", 3),  # questions without an answer
            ("TCP_USER_TIMEOUT", 20_000),  # ms that something sent may be unheard
        )
        if hasattr(socket, name)
    ),
)
"""A machine that loses its power says nothing: it is missed after 25 seconds."""


@dataclass(frozen=True, slots=True, repr=False)
class Identity(Secret):
    """Who this operator is on its links."""

    operator: OperatorId
    charter: TrustedCharter
    keys: Keys
    tls_key: PrivateKeyTypes
    entropy: Entropy
    listens_at: str | None = None  # host:port, where that is not the charter's

    def address(self, operator: OperatorId) -> str:
        """Return where an operator is for the others, and where this one listens."""
        if self.listens_at is not None and operator == self.operator:
            return self.listens_at
        return self.charter.charter.entry(operator).peer_address

    def meet(self, sock: socket.socket, peer: OperatorId, *, dialled: bool) -> Link:
        """Make a link of a fresh TCP connection. Raises: as `meet`."""
        return meet(self, sock, peer, dialled=dialled)


@dataclass(frozen=True, slots=True, repr=False)
class Pins(Secret):
    """What TLS needs: the own key, and both certificates."""

    tls_key: PrivateKeyTypes
    own: bytes  # X.509, DER, of this key
    other: bytes  # X.509, DER: whoever shows another one is turned away


def meet(
    identity: Identity, sock: socket.socket, peer: OperatorId, *, dialled: bool
) -> Link:
    """Make a link of a fresh TCP connection.

    Raises:
        Unavailable: the other side went away, or is too slow.
        Unproven: it is not the operator that was expected.
        Refused: it is of another network, charter or epoch.
    """
    deadline = time.monotonic() + HANDSHAKE_S
    charter = identity.charter.charter
    own, other = (charter.entry(one).certificate for one in (identity.operator, peer))
    pins = Pins(identity.tls_key, own, other)
    try:
        channel, exporter = secure(pins, sock, peer, deadline, dialled=dialled)
        return _greet(identity, channel, peer, exporter, deadline)
    except BaseException:  # whatever it was: nothing is left open, and it goes on
        sock.close()
        raise


def secure(
    pins: Pins,
    sock: socket.socket,
    peer: OperatorId,
    deadline: float,
    *,
    dialled: bool,
) -> tuple[Channel, bytes]:
    """Make a TLS channel of a TCP connection: steps 1 to 3.

    Args:
        pins: who we are, and whom we expect.
        sock: the connection; the caller closes it when this raises.
        peer: for what is said when it goes wrong.
        deadline: on the monotonic clock, in seconds.
        dialled: it was us who called.

    Returns: the channel, and 32 bytes that name this TLS session.

    Raises: Unavailable, Unproven: as `meet`.
    """
    sock.setblocking(False)  # noqa: FBT003 (the library's signature)
    for level, option, value in _SOCKET_OPTIONS:
        sock.setsockopt(level, option, value)
    channel = Channel(_context(pins), sock, dialled=dialled)
    _shake_hands(channel, peer, deadline)
    return channel, _expect_pinned(channel.tls, pins, peer)


def swap(link: Link, kind: Kind, body: bytes, deadline: float) -> bytes:
    """Send a new link's first frame, and return the other's.

    Raises: Unavailable: the other side went away, or is too slow.
    """
    link.send(kind, body)
    while link.is_sending or not link.came:
        if not any([link.push(), link.pull()]):
            left = deadline - time.monotonic()
            if left <= 0:
                raise Unavailable(f"Operator {link.peer} is too slow to say hello.")
            writing = [link] if link.is_sending else []
            select.select([link], writing, [], left)
    return bytes(link.came.popleft().body)


def _context(pins: Pins) -> SSL.Context:
    def is_pinned(
        _connection: SSL.Connection,
        seen: crypto.X509,
        _error: int,
        _depth: int,
        _ok: int,
    ) -> bool:
        return _der(seen.to_cryptography()) == pins.other

    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_3_VERSION)  # (1)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.use_privatekey(pins.tls_key)  # type: ignore[arg-type]  # the certificate has a key for TLS
    context.use_certificate(x509.load_der_x509_certificate(pins.own))
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, is_pinned)
    return context


def _shake_hands(channel: Channel, peer: OperatorId, deadline: float) -> None:
    try:
        while not channel.shake_hands():
            left = deadline - time.monotonic()
            if left <= 0:
                raise Unavailable(f"Operator {peer} is too slow to shake hands.")
            writing = [channel] if channel.is_sending else []
            select.select([channel], writing, [], left)
    except (OSError, SSL.ZeroReturnError):
        raise Unavailable(f"Operator {peer} hung up in the handshake.") from None
    except SSL.Error:
        raise Unproven(
            f"Whoever speaks for operator {peer} did not pass the TLS handshake: "
            "compare the charters and the certificates of both."
        ) from None


def _expect_pinned(connection: SSL.Connection, pins: Pins, peer: OperatorId) -> bytes:
    """Check steps 2 and 3. Returns: 32 bytes that name this TLS session."""
    # (2) a recorder of today must not be tomorrow's reader
    group = connection.get_group_name()
    if group != GROUP:
        raise Unproven(f"Operator {peer} negotiated {group} where {GROUP} belongs.")
    # (3) the verify callback has seen it; a resumed session would not have called it
    seen = connection.get_peer_certificate(as_cryptography=True)
    if seen is None or _der(seen) != pins.other:
        raise Unproven(f"The certificate is not the one due of operator {peer}.")
    return connection.export_keying_material(EXPORTER, EXPORTER_BYTES)


def _greet(
    identity: Identity,
    channel: Channel,
    peer: OperatorId,
    exporter: bytes,
    deadline: float,
) -> Link:
    charter, own = identity.charter.charter, identity.operator
    link = Link(channel, peer, b"")
    secret = identity.entropy.draw(SECRET_BYTES)
    box = hpke.seal(
        charter.entry(peer).sealing_key,
        _box_info(identity, own, peer, exporter),
        secret,
    )
    hello = Hello(charter.network, identity.charter.digest, charter.epoch, own, box)
    heard = read_message(swap(link, Kind.MESSAGE, write_message(hello), deadline))
    # (4) the same network, charter and epoch, and the operator that we meant
    if not isinstance(heard, Hello):
        raise Malformed(f"Operator {peer} did not begin with a hello.")
    if (heard.network, heard.epoch) != (hello.network, hello.epoch) or not digest.same(
        heard.charter, hello.charter
    ):
        raise Refused(
            f"Operator {peer} follows another charter: all three must have the same."
        )
    if heard.operator != peer:
        raise Misbehaved(f"Operator {peer} calls itself {heard.operator}.")
    # (5) the pair's key, from both secrets and from this TLS session
    theirs = identity.keys.unseal(
        _box_info(identity, peer, own, exporter), heard.sealed
    )
    low, high = (secret, theirs) if own < peer else (theirs, secret)
    context = identity.charter.digest + bytes(sorted((own, peer))) + exporter
    link.pair_key = pair_key(low, high, tags.PAIR_KEY, context)
    return link


def _box_info(
    identity: Identity, sender: OperatorId, receiver: OperatorId, exporter: bytes
) -> bytes:
    return digest.tagged(
        tags.LINK_BOX, identity.charter.digest + bytes((sender, receiver)) + exporter
    )


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
