"""A stream is the same at both ends, and never tells its key."""

import pickle

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from ipse.crypto import stream
from ipse.crypto.stream import Stream

KEY = bytes(range(32))


def test_it_is_aes_256_in_counter_mode_from_block_two() -> None:
    oracle = Cipher(AES256(KEY), CTR(bytes(12) + (2).to_bytes(4, "big"))).encryptor()
    assert Stream(KEY).draw(100).tobytes() == oracle.update(bytes(100))


def test_it_does_not_depend_on_how_it_is_cut() -> None:
    whole = Stream(KEY).draw(1 << 19)
    pieces = Stream(KEY)
    cut = np.concatenate([pieces.draw(n) for n in (1, 15, 16, 1000, (1 << 19) - 1032)])
    assert (whole == cut).all()


def test_it_ends_before_its_counter_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LIMIT_BYTES", 64)
    short = Stream(KEY)
    short.draw(64)
    with pytest.raises(ValueError, match="limit"):
        short.draw(1)


def test_it_is_neither_shown_nor_pickled() -> None:
    assert KEY.hex() not in repr(Stream(KEY))
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(Stream(KEY))
