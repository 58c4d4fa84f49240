"""Each use on three real processes leaves a receipt that all three signed."""

import time
from pathlib import Path

import pytest

from ipse.ground.errors import Refused
from ipse.ground.names import Instant, Outcome, Purpose
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.owner.courier import HttpsCourier
from ipse.owner.grant import Terms
from ipse.owner.ledger import OwnLedger, ask_ledger
from ipse.owner.log_memory import LogMemory
from ipse.owner.logged import seen_logs
from ipse.owner.vault import FileVault
from ipse.owner.wallet import Owner
from ipse_lab.processes import Network, new_body, started
from ipse_lab.wallets import CHEAP, PASSPHRASE

OPERATORS = (1, 2, 3)
SOON_S = 30.0


def asked(owner: Owner) -> OwnLedger:
    """The ledger, once every receipt is in every log."""
    memory = LogMemory(owner.vault._path.with_suffix(".logs"), owner.entropy)  # type: ignore[attr-defined]  # a FileVault's
    end = time.monotonic() + SOON_S
    while True:
        with seen_logs(owner.charter.charter, memory) as seen:
            own = ask_ledger(owner, seen)
            if own.is_logged or time.monotonic() > end:
                assert own.is_logged
                return own
        time.sleep(0.2)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    with started(tmp_path_factory.mktemp("ledger")) as network:
        yield network


def test_every_use_is_in_the_ledger(network: Network, tmp_path: Path) -> None:
    entropy, body, other = SystemEntropy(), new_body(1), new_body(2)
    vault = FileVault(tmp_path / "me.wallet", PASSPHRASE, entropy, CHEAP)
    with HttpsCourier(network.charter.charter) as courier:
        clock = SystemClock()
        owner = Owner(network.charter, vault, courier, clock, entropy)
        owner.want(Purpose.ENROL, body)
        assert owner.want(Purpose.VERIFY, body).outcome is Outcome.MATCHED
        assert owner.want(Purpose.VERIFY, other).outcome is Outcome.NOT_MATCHED
        now = clock.now()
        terms = Terms("the bank", "an account", now, Instant(now + 60_000), uses=1)
        granted = owner.grant(terms)
        told = owner.want(Purpose.VERIFY, body, granted=granted)
        assert told.outcome is Outcome.MATCHED
        with pytest.raises(Refused, match="used up"):
            owner.want(Purpose.VERIFY, body, granted=granted)
        second = owner.grant(terms)
        assert owner.want(Purpose.WITHDRAW, granted=second).outcome is Outcome.WITHDRAWN
        with pytest.raises(Refused, match="withdrawn"):
            owner.want(Purpose.VERIFY, body, granted=second)
        network.kill(3)
        network.revive()
        own = asked(owner)
        assert own.is_complete, own.faults
        assert [line.entry.receipt.outcome for line in own.lines] == [
            Outcome.ENROLLED,
            Outcome.MATCHED,
            Outcome.NOT_MATCHED,
            Outcome.MATCHED,
            Outcome.WITHDRAWN,
        ]
        assert all(line.entry.signed_by == OPERATORS for line in own.lines)
        assert [line.note.audience for line in own.lines if line.note] == [
            "myself",
            "myself",
            "the bank",
            "the bank",
        ]
        assert (own.meter.tries, own.meter.failures) == (3, 1)
        assert owner.want(Purpose.ERASE).outcome is Outcome.ERASED
        after = asked(owner)
        assert after.is_complete
        assert after.lines[-1].entry.receipt.outcome is Outcome.ERASED
