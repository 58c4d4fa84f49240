"""A secret does not show itself, and is not pickled or copied."""

import copy
import pickle
from dataclasses import dataclass

import pytest

from ipse.crypto.secret import Secret


@dataclass(frozen=True, slots=True, repr=False)
class Pin(Secret):
    """A secret for these tests."""

    digits: str


PIN = Pin("3141")


def test_a_secret_does_not_show_itself() -> None:
    for shown in (repr(PIN), str(PIN), f"{PIN}", f"{[PIN]!r}"):
        assert "3141" not in shown
        assert "Pin: secret" in shown


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(PIN, protocol)


def test_a_secret_is_not_copied() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        copy.copy(PIN)
    with pytest.raises(TypeError, match="never pickled"):
        copy.deepcopy(PIN)


def test_secrets_can_be_compared() -> None:
    assert Pin("3141") == PIN
    assert Pin("2718") != PIN
