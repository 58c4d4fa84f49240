"""Each use on three real processes leaves a receipt that all three signed."""

import random
import time
from pathlib import Path

import pytest

from ipse.ground.errors import Malformed, Refused, Unavailable, Unproven
from ipse.ground.names import Instant, Outcome, Purpose
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.owner.courier import HttpsCourier
from ipse.owner.grant import Terms
from ipse.owner.ledger import OwnLedger, ask_ledger
from ipse.owner.log_memory import LogMemory
from ipse.owner.logged import seen_logs
from ipse.owner.saved import check_saved, save_ledger
from ipse.owner.vault import FileVault
from ipse.owner.wallet import Owner
from ipse_lab.processes import Network, new_body, started
from ipse_lab.wallets import CHEAP, PASSPHRASE

OPERATORS = (1, 2, 3)
SOON_S = 30.0
FLIPS = 20


def asked(owner: Owner, network: Network, folder: Path) -> OwnLedger:
    """The ledger, once every receipt is in every log; it is saved in a folder."""
    charter = (network.home / "charter.cbor").read_bytes()
    memory = LogMemory(owner.vault._path.with_suffix(".logs"), owner.entropy)  # type: ignore[attr-defined]  # a FileVault's
    end = time.monotonic() + SOON_S
    while True:
        with seen_logs(owner.charter.charter, memory) as seen:
            own = ask_ledger(owner, seen)
            if own.is_logged or time.monotonic() > end:
                assert own.is_logged
                assert own.shown is not None
                save_ledger(folder, charter, own.shown, seen.views, owner.entropy)
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
        own = asked(owner, network, tmp_path / "before")
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
        after = asked(owner, network, tmp_path / "after")
        assert after.is_complete
        assert after.lines[-1].entry.receipt.outcome is Outcome.ERASED
    assert len(check_saved(tmp_path / "before").entries) == 5
    shown = check_saved(tmp_path / "after")
    assert [entry.receipt for entry in shown.entries] == [
        line.entry.receipt for line in after.lines
    ]
    assert {note.audience for note in shown.notes.values()} == {"myself", "the bank"}
    any_changed_bit_is_named(tmp_path / "after")
    a_folder_that_was_half_copied_is_named(tmp_path / "after")
    with pytest.raises(Unproven, match="logs/1: receipt 6 is not in it"):
        mixed(tmp_path)


def any_changed_bit_is_named(folder: Path) -> None:
    """In any file; which bits are drawn anew in each run."""
    dice = random.Random()  # noqa: S311 (which bits are changed)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(files) >= 2 + 3 * 3
    for path in files:
        good = path.read_bytes()
        for _ in range(FLIPS):
            bit = dice.randrange(8 * len(good))
            bad = bytearray(good)
            bad[bit // 8] ^= 1 << bit % 8
            path.write_bytes(bytes(bad))
            with pytest.raises((Malformed, Unproven)) as caught:
                check_saved(folder)
            name = str(path.relative_to(folder)).split("/tile")[0]
            name = name.removesuffix("/checkpoint")
            assert name in str(caught.value), (path, bit)
        path.write_bytes(good)
    check_saved(folder)


def a_folder_that_was_half_copied_is_named(folder: Path) -> None:
    for path in [path for path in sorted(folder.rglob("*")) if path.is_file()]:
        good = path.read_bytes()
        path.unlink()
        with pytest.raises(Unavailable, match=path.name):
            check_saved(folder)
        path.write_bytes(good[:-1])
        with pytest.raises((Malformed, Unproven)):
            check_saved(folder)
        path.write_bytes(good)


def mixed(folder: Path) -> None:
    """The ledger as it is after, beside the logs as they were before."""
    ledger = folder / "after" / "ledger.cbor"
    (folder / "before" / "ledger.cbor").write_bytes(ledger.read_bytes())
    check_saved(folder / "before")
