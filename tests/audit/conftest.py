"""An auditor towards one ideal network, which answers in plain."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ipse.audit.auditor import Auditor, begun
from ipse.cli.asking import WalletAsker
from ipse.ground.names import OperatorId, Outcome
from ipse.owner.verdict import Reply
from ipse.wire.verdict import Verdict
from ipse_lab.examples import NOW, keyrings
from ipse_lab.fakes import CountedEntropy, SettableClock
from ipse_lab.ideal import IdealNetwork
from ipse_lab.identities import charter_of

MOST = 4
"""Canaries that wait at once."""

AuditorOf = Callable[[str], Auditor]


@pytest.fixture
def network() -> IdealNetwork:
    rings = {ring.operator: ring for ring in keyrings()}
    return IdealNetwork(charter_of(rings), keyrings(), SettableClock(NOW))


@pytest.fixture
def auditor_of(network: IdealNetwork, tmp_path: Path) -> AuditorOf:
    def opened(name: str) -> Auditor:
        entropy = CountedEntropy(name)
        asker = WalletAsker(
            network.charter, network, network.clock, entropy, tmp_path / name
        )
        return begun(network.charter, asker, entropy, tmp_path / name / "diary", MOST)

    return opened


@pytest.fixture
def lying(network: IdealNetwork) -> Callable[[Outcome, Outcome], None]:
    """Have all three operators sign one outcome for another from now on."""

    def lie(true: Outcome, told: Outcome) -> None:
        def twist(operator: OperatorId, reply: Reply) -> Reply:
            if isinstance(reply, Verdict) and reply.finding.outcome is true:
                return network.sign(operator, reply, told)
            return reply

        network.twist = twist

    return lie
