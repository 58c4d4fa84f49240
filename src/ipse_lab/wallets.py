"""Owners who never lived: bodies that resemble no other, wallets cheap to open."""

from pathlib import Path
from typing import Final

import numpy as np

from ipse.ground.names import Form
from ipse.ground.params import LENGTH, SCALE
from ipse.keys.passphrase import Cost
from ipse.owner.request import Body
from ipse.owner.vault import FileVault
from ipse.owner.wallet import Owner
from ipse_lab.fakes import CountedEntropy
from ipse_lab.ideal import IdealNetwork

CHEAP: Final = Cost(passes=1, memory=8, lanes=1)
PASSPHRASE: Final = "a long walk by the sea"  # noqa: S105 (of wallets that hold nothing)


def invented_body(seed: int) -> Body:
    """Draw a face template that resembles no other."""
    drawn = np.random.default_rng(seed).normal(size=LENGTH[Form.FACE])
    scaled = SCALE[Form.FACE] * drawn / np.linalg.norm(drawn)
    return {Form.FACE: np.rint(scaled).astype(np.int16)}


def owner_towards(
    network: IdealNetwork, path: Path, passphrase: str = PASSPHRASE
) -> Owner:
    """Return an owner whose wallet file is at `path`."""
    entropy = CountedEntropy(f"{path.name}/{len(network.asked)}")
    vault = FileVault(path, passphrase, entropy, CHEAP)
    return Owner(network.charter, vault, network, network.clock, entropy)
