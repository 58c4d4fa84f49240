"""Three operators that exist only in memory: keyrings, a charter, identities.

For tests of links and of what happens at the table, without processes or files.
"""

from collections.abc import Mapping

from ipse.ground.names import OPERATORS, Epoch, Form, Instant, OperatorId
from ipse.keys.certificate import read_key
from ipse.keys.operator import OperatorKeyring, draw_keyring
from ipse.keys.system import SystemEntropy
from ipse.net.handshake import Identity
from ipse.operator.local import Ports
from ipse.wire.charter import (
    Charter,
    SignedCharter,
    Thresholds,
    TrustedCharter,
    sign_charter,
    trust,
)
from ipse_lab.processes import free_ports

Rings = Mapping[OperatorId, OperatorKeyring]
BORN = Instant(1_800_000_000_000)
THRESHOLDS = (
    Thresholds((Form.FACE,), 5_000, 5_000),
    Thresholds((Form.FACE, Form.VOICE), 9_000, 9_000),
)


def drawn_rings() -> Rings:
    """Draw three operators' keys."""
    return {n: draw_keyring("test", n, SystemEntropy(), BORN) for n in OPERATORS}


def charter_of(
    rings: Rings,
    *,
    epoch: int = 0,
    laboratory: bool = False,
    thresholds: tuple[Thresholds, ...] = THRESHOLDS,
    ports: tuple[Ports, ...] | None = None,
    proved_search: int = 0,
) -> TrustedCharter:
    """Return a charter that all three signed, at ports that nobody uses."""
    entries = tuple(
        ring.entry(
            f"Operator {number}",
            f"127.0.0.1:{at.peers}",
            f"https://127.0.0.1:{at.owners}",
        )
        for (number, ring), at in zip(rings.items(), ports or free_ports(), strict=True)
    )
    plain = Charter(
        network="test",
        version=1,
        epoch=Epoch(epoch),
        laboratory=laboratory,
        forms=(Form.FACE, Form.VOICE),
        thresholds=thresholds,
        encoder="none",
        proved_search=proved_search,
        operators=entries,
    )
    signatures = tuple(sign_charter(plain, ring.sign) for ring in rings.values())
    return trust(SignedCharter(plain, signatures))


def identity_of(
    ring: OperatorKeyring, charter: TrustedCharter, operator: OperatorId | None = None
) -> Identity:
    """Return who an operator is on its links, or claims to be."""
    return Identity(
        operator or ring.operator,
        charter,
        ring,
        read_key(ring.tls_private),
        SystemEntropy(),
    )
