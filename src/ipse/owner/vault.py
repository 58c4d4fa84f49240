"""Where a wallet lives: one sealed file, its lock, and evidence beside it.

    HOME/wallets/NAME.wallet                  sealed under the passphrase
    HOME/wallets/NAME.notebook                sealed under a key that the wallet holds
    HOME/wallets/NAME.lock                    held while one run uses it
    HOME/wallets/NAME.evidence-DIGEST.cbor    what operators signed against each other

Two runs on one wallet could each draw a key and overwrite the other's, so the second
is refused. The lock is the kernel's: it ends with the process, however that ends.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from ipse.ground.errors import Malformed, Unavailable
from ipse.keys.durable import read_private, replace, sync_directory
from ipse.keys.passphrase import COST, Cost
from ipse.keys.sealed import open_with, seal_with
from ipse.keys.wallet import Wallet, create_wallet, load_wallet, save_wallet
from ipse.owner.notebook import EMPTY, NOTEBOOK, Notebook
from ipse.ports import Entropy
from ipse.wire import limits

NOTEBOOK_KEY: Final = "ipse/notebook-key/1"
"""What the key of a notebook is derived for."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DIGITS: Final = 16


class Vault(Protocol):
    """Keeps one wallet."""

    def load(self) -> Wallet | None:
        """Return the wallet, or None if there is none yet."""
        ...

    def save(self, wallet: Wallet) -> None:
        """Keep the wallet, durably, in the place of the one before."""
        ...

    def forget(self) -> None:
        """Remove the wallet."""
        ...

    def read(self, wallet: Wallet) -> Notebook:
        """Return the wallet's notebook; an empty one if there is none yet."""
        ...

    def note(self, wallet: Wallet, notebook: Notebook) -> None:
        """Keep the wallet's notebook, durably, in the place of the one before."""
        ...

    def keep_evidence(self, evidence: bytes) -> str:
        """Keep what convicts an operator. Returns where it is."""
        ...


class FileVault:
    """A wallet file under a passphrase."""

    def __init__(
        self, path: Path, passphrase: str, entropy: Entropy, cost: Cost = COST
    ) -> None:
        """Keep the wallet at `path`; use inside `held`."""
        self._path = path
        self._passphrase = passphrase
        self._entropy = entropy
        self._cost = cost

    def load(self) -> Wallet | None:
        """Return the wallet, or None if there is none yet. Raises: Refused."""
        if not self._path.exists():
            return None
        return load_wallet(self._path, self._passphrase)

    def save(self, wallet: Wallet) -> None:
        """Keep the wallet, durably, in the place of the one before."""
        write = save_wallet if self._path.exists() else create_wallet
        write(self._path, wallet, self._passphrase, self._entropy, self._cost)

    def forget(self) -> None:
        """Remove the wallet file."""
        self._path.unlink(missing_ok=True)
        self._notebook.unlink(missing_ok=True)
        sync_directory(self._path.parent)

    def read(self, wallet: Wallet) -> Notebook:
        """Return the wallet's notebook; an empty one if there is none yet.

        Raises: Refused: it is another wallet's, or was changed.
        """
        if not self._notebook.exists():
            return EMPTY
        content = read_private(self._notebook, limits.NOTEBOOK + 64)
        return NOTEBOOK.decode(open_with(wallet.owner_seed, NOTEBOOK_KEY, content))

    def note(self, wallet: Wallet, notebook: Notebook) -> None:
        """Keep the wallet's notebook, durably, in the place of the one before."""
        plain = NOTEBOOK.encode(notebook)
        sealed = seal_with(wallet.owner_seed, NOTEBOOK_KEY, plain, self._entropy)
        replace(self._notebook, sealed, self._entropy)

    @property
    def _notebook(self) -> Path:
        return self._path.with_suffix(".notebook")

    def keep_evidence(self, evidence: bytes) -> str:
        """Write evidence beside the wallet. Returns the file's path."""
        name = hashlib.sha256(evidence).hexdigest()[:_DIGITS]
        place = self._path.with_suffix(f".evidence-{name}.cbor")
        place.write_bytes(evidence)
        return str(place)


def wallet_path(home: Path, name: str) -> Path:
    """Return where the wallet of this name lives. Raises: Malformed: no such name."""
    if not _NAME.fullmatch(name):
        raise Malformed(
            "A wallet's name has up to 64 letters, digits, - and _: choose another."
        )
    return home / "wallets" / f"{name}.wallet"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a wallet's lock. Raises: Unavailable: another run holds it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(
            path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
    except OSError as error:
        raise Unavailable(
            f"The wallet folder {path.parent} cannot be used ({error.strerror}): "
            "choose another --home, or mend its permissions."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise Unavailable(
            f"The wallet {path.stem} is in use by another run: wait for it to end."
        ) from None
    try:
        yield
    finally:
        os.close(lock)
