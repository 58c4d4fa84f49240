"""What the inside may ask of the outside: the time, dice, and the use of keys.

Each port is as small as its callers allow. The real ones live in ipse.keys, the
fakes in ipse_lab.fakes. Nothing here holds state or does anything.
"""

from typing import Protocol

from ipse.ground.names import Instant


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Instant:
        """Return the present, in milliseconds since 1970-01-01T00:00:00Z."""
        ...


class Entropy(Protocol):
    """Throws dice."""

    def draw(self, size: int) -> bytes:
        """Return `size` fresh, uniform, unpredictable bytes."""
        ...


class Signing(Protocol):
    """Signs with a key that stays where it is."""

    def sign(self, tag: str, message: bytes) -> bytes:
        """Return an Ed25519 signature, 64 bytes, over `tag ‖ 0x00 ‖ message`."""
        ...


class Keys(Signing, Protocol):
    """Uses an operator's private keys."""

    def unseal(self, info: bytes, box: bytes) -> bytes:
        """Open a box sealed to this operator. Raises: Unproven: it was not."""
        ...
