"""Owners towards one ideal network."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ipse.owner.wallet import Owner
from ipse_lab.examples import NOW, keyrings, trusted_charter
from ipse_lab.fakes import SettableClock
from ipse_lab.ideal import IdealNetwork
from ipse_lab.wallets import owner_towards


@pytest.fixture
def network() -> IdealNetwork:
    return IdealNetwork(trusted_charter(), keyrings(), SettableClock(NOW))


@pytest.fixture
def owner_of(network: IdealNetwork, tmp_path: Path) -> Callable[[str], Owner]:
    return lambda name: owner_towards(network, tmp_path / f"{name}.wallet")
