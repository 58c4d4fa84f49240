"""Whatever derives from Secret neither prints nor pickles, and nobody undoes it."""

import importlib
import pkgutil
import sys

import pytest

import ipse
from ipse.crypto.secret import Secret


def _secrets() -> list[type]:
    for module in pkgutil.walk_packages(ipse.__path__, "ipse."):
        if not module.name.startswith("ipse.cli") and "__main__" not in module.name:
            importlib.import_module(module.name)
    found, waiting = [], [Secret]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        # `slots=True` makes a class anew, and the old one lingers
        if getattr(sys.modules[kind.__module__], kind.__name__, None) is kind:
            found.append(kind)
    found = [kind for kind in found if kind.__module__.startswith("ipse.")]
    return sorted(found, key=lambda kind: kind.__name__)


SECRETS = _secrets()


def test_shares_keys_and_wallets_are_secrets() -> None:
    names = {kind.__name__ for kind in SECRETS}
    assert {"Contents", "WirePart", "WireComponent", "Part"} <= names
    assert {"OperatorKeyring", "Wallet"} <= names


@pytest.mark.parametrize("kind", SECRETS, ids=lambda kind: kind.__name__)
def test_no_secret_has_its_own_way_to_show_or_pickle_itself(kind: type) -> None:
    assert kind.__repr__ is Secret.__repr__
    assert kind.__str__ is object.__str__
    assert kind.__format__ is object.__format__
    assert kind.__reduce__ is Secret.__reduce__
    assert kind.__reduce_ex__ is object.__reduce_ex__
