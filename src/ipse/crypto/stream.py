"""Streams of bytes that two parties draw alike from a key that both hold.

A stream is AES-256 in counter mode. It is a function of its key alone, so a key
serves one stream and one job, never two: `ipse.net` derives one from secrets that
both sides drew afresh for this connection, and from the job's number.

The counter mode is that inside AES-GCM, whose implementation is the faster one;
the authentication tag is never asked for. Source: NIST SP 800-38D, section 6.5,
and its limit of 2^39 - 256 bits under one key and nonce.
"""

from typing import Final, NoReturn

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM

KEY_BYTES: Final = 32
LIMIT_BYTES: Final = (1 << 36) - 32
"""Bytes in one stream. Source: SP 800-38D, section 5.2.1.1."""

_NONCE: Final = bytes(12)  # one key, one stream: the nonce never has to change
_PAGE: Final = bytes(1 << 18)  # zeros to encrypt, small enough to stay in cache
_PAGE_VIEW: Final = memoryview(_PAGE)
_BLOCK: Final = 16


class Stream:
    """A deterministic stream of bytes under one secret key."""

    __slots__ = ("_cipher", "_drawn")

    def __init__(self, key: bytes) -> None:
        """Begin the stream of a 32-byte key."""
        self._cipher = Cipher(AES256(key), GCM(_NONCE)).encryptor()
        self._drawn = 0

    def __repr__(self) -> str:
        """Say how much was drawn, never what."""
        return f"Stream({self._drawn} bytes drawn)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied out of the process."""
        raise TypeError("a stream holds a secret key and is never pickled")

    def draw(self, size: int) -> npt.NDArray[np.uint8]:
        """Return the next `size` bytes.

        Raises:
            ValueError: the key is used up.
        """
        self._drawn += size
        if self._drawn > LIMIT_BYTES:
            raise ValueError("stream: drawn to its limit; a job needs a key of its own")
        drawn = np.empty(size + _BLOCK, np.uint8)
        view = drawn.data
        for start in range(0, size, len(_PAGE)):
            count = min(len(_PAGE), size - start)
            self._cipher.update_into(
                _PAGE_VIEW[:count], view[start : start + count + _BLOCK]
            )
        return drawn[:size]
