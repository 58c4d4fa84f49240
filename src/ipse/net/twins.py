"""How two workers of two operators meet: certificates that live for one meeting.

A worker holds no key of its operator. For each meeting it draws a TLS key and makes a
certificate of it; the operators tell each other certificates and addresses over their
own links, and give each of their workers a seed that only its twin is given as well.

    (1) TLS 1.3, hybrid key exchange      as operators do (ipse.net.handshake)
    (2) the twin's certificate            byte for byte what its operator told ours
    (3) each side sends a fresh secret of 32 bytes

    pair key = HKDF-SHA256(seed ‖ secret of the lower number ‖ secret of the higher,
               tag ‖ 0x00 ‖ charter digest ‖ worker ‖ lower ‖ higher ‖ TLS exporter)

The seed comes from a stream of the operators' link, whose key came out of sealed
boxes, so a recorder has to break those as well. The secrets are new at each meeting:
a worker that is replaced, or meets again, never repeats a stream.
"""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from ipse.crypto.derive import derive
from ipse.crypto.secret import Secret
from ipse.ground.errors import Malformed, Unavailable
from ipse.ground.names import OperatorId
from ipse.net.frames import Kind
from ipse.net.handshake import HANDSHAKE_S, Pins, secure, swap
from ipse.net.link import Link
from ipse.ports import Entropy
from ipse.wire import tags

SECRET_BYTES: Final = 32
SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True, repr=False)
class Twin(Secret):
    """The same worker of another operator, for one meeting."""

    address: str  # host:port
    certificate: bytes  # X.509, DER
    seed: bytes  # 32 bytes that this worker and its twin alone were given


@dataclass(slots=True, repr=False)
class Meeting(Secret):
    """A worker in its doorway: `ipse.net.doorway.Party`."""

    operator: OperatorId
    own_address: str  # where to listen; port 0 is any free one
    tls_key: PrivateKeyTypes
    certificate: bytes  # X.509, DER, of that key
    context: bytes  # charter digest and worker: what the pair's key is bound to
    entropy: Entropy
    twins: Mapping[OperatorId, Twin]  # empty until the operators have told

    def address(self, operator: OperatorId) -> str:
        """Return where a worker listens."""
        if operator == self.operator:
            return self.own_address
        return self._twin(operator).address

    def meet(self, sock: socket.socket, peer: OperatorId, *, dialled: bool) -> Link:
        """Make a link of a fresh TCP connection.

        Raises:
            Unavailable: the other side went away, or is too slow.
            Unproven: it does not show the certificate that was told.
        """
        deadline = time.monotonic() + HANDSHAKE_S
        try:
            twin = self._twin(peer)
            pins = Pins(self.tls_key, self.certificate, twin.certificate)
            channel, exporter = secure(pins, sock, peer, deadline, dialled=dialled)
            link = Link(channel, peer, b"")
            secret = self.entropy.draw(SECRET_BYTES)
            theirs = swap(link, Kind.ROUND, secret, deadline)
        except BaseException:  # whatever it was: nothing is left open, and it goes on
            sock.close()
            raise
        if len(theirs) != SECRET_BYTES:
            link.close()
            raise Malformed(f"A worker of operator {peer} sent no secret.")
        is_lower = self.operator < peer
        low, high = (secret, theirs) if is_lower else (theirs, secret)
        pair = bytes(sorted((self.operator, peer)))
        link.pair_key = derive(
            twin.seed + low + high, tags.TWIN_KEY, self.context + pair + exporter
        )
        return link

    def _twin(self, operator: OperatorId) -> Twin:
        twin = self.twins.get(operator)
        if twin is None:
            raise Unavailable(f"No worker of operator {operator} was told of.")
        return twin
