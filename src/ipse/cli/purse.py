"""From the options of a command to one run of the wallet."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ipse.cli.passphrase import passphrase
from ipse.cli.terminal import busy
from ipse.ground.names import Purpose

if TYPE_CHECKING:
    from ipse.owner.request import Body
    from ipse.owner.wallet import Owner, Told
    from ipse.wire.grant import SignedGrant


@dataclass(frozen=True, slots=True)
class Purse:
    """Which wallet, towards which network, and how it is opened."""

    home: Path
    name: str
    charter_file: Path | None
    passphrase_file: Path | None

    @property
    def path(self) -> Path:
        """Where the wallet file is. Raises: Malformed: no wallet has this name."""
        from ipse.owner.vault import wallet_path

        return wallet_path(self.home, self.name)

    @contextmanager
    def opened(self, *, is_new: bool = False) -> "Iterator[Owner]":
        """Open the wallet for one run; `is_new` if there may be none yet."""
        from ipse.keys.system import SystemClock, SystemEntropy
        from ipse.owner.courier import HttpsCourier
        from ipse.owner.pin import read_charter
        from ipse.owner.vault import FileVault, held
        from ipse.owner.wallet import Owner

        path = self.path
        charter = read_charter(self.charter_file or self.home / "charter.cbor")
        opened_with = passphrase(
            self.passphrase_file, is_new=is_new and not path.exists()
        )
        entropy = SystemEntropy()
        vault = FileVault(path, opened_with, entropy)
        with held(path), HttpsCourier(charter.charter) as courier:
            yield Owner(charter, vault, courier, SystemClock(), entropy)

    def want(
        self,
        purpose: Purpose,
        face: Path | None = None,
        voice: Path | None = None,
        grant: Path | None = None,
    ) -> "Told":
        """Run what the person wants, from photo to verdict."""
        body, granted = _body(face, voice), _granted(grant)
        with (
            self.opened(is_new=purpose is Purpose.ENROL) as owner,
            busy(f"Asking the three operators of {owner.charter.charter.network}"),
        ):
            return owner.want(purpose, body, granted=granted)


def _body(face: Path | None, voice: Path | None) -> "Body | None":
    if face is None:
        return None
    from ipse.owner.body import body_of

    with busy("Making a template of the photo, on this device"):
        return body_of(face, voice)


def _granted(path: Path | None) -> "SignedGrant | None":
    if path is None:
        return None
    from ipse.owner.grant import read_grant

    return read_grant(path)
