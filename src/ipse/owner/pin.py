"""Which network a wallet believes in: the charter, pinned when it is first used.

The first use trusts the charter that it is shown (and a person can compare its
digest by another way); from then on the wallet file holds the digest, and any other
charter ends the run before a byte is sent.
"""

from pathlib import Path

from ipse.ground.errors import Malformed, Unavailable, Unproven
from ipse.keys.wallet import Wallet
from ipse.wire.charter import SIGNED_CHARTER, TrustedCharter, trust


def read_charter(path: Path) -> TrustedCharter:
    """Read a charter file, and check its operators' signatures.

    Raises:
        Unavailable: it is not there.
        Malformed: it is no charter.
        Unproven: an operator did not sign it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(SIGNED_CHARTER.most + 1)
    except OSError as error:
        raise Unavailable(
            f"There is no charter at {path} ({error.strerror}): start a network with "
            "'ipse up', or name its charter with --charter."
        ) from error
    try:
        return trust(SIGNED_CHARTER.decode(content))
    except Malformed as error:
        raise Malformed(
            f"{path.name} is no charter: get it from the network again. {error}"
        ) from error


def expect_pinned(wallet: Wallet, charter: TrustedCharter) -> None:
    """Return if this is the charter that the wallet knows.

    Raises: Unproven: it is another.
    """
    if wallet.network != charter.charter.network:
        raise Unproven(
            f"This wallet is for network {wallet.network}, and this charter is of "
            f"{charter.charter.network}, so nothing was sent: choose another --wallet."
        )
    if wallet.charter_digest != charter.digest:
        raise Unproven(
            f"The charter of {wallet.network} is not the one that this wallet pinned, "
            "so nothing was sent: ask the operators why it changed, or name the old "
            "one with --charter."
        )
