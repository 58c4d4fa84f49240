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


class NoteSigning(Protocol):
    """Signs the notes of logs, with a key that signs nothing else."""

    def sign_note(self, text: bytes) -> bytes:
        """Return an Ed25519 signature, 64 bytes, over a note's text."""
        ...


class Leaves(Protocol):
    """What an operator's log must hold, in its order: each was committed before."""

    def since(self, index: int, most: int) -> list[bytes]:
        """Return up to `most` leaves from number `index` on; none if there are none.

        Leaf n is the same whenever it is asked for, and after any crash.
        """
        ...


class Keys(Signing, Protocol):
    """Uses an operator's private keys."""

    def unseal(self, info: bytes, box: bytes) -> bytes:
        """Open a box sealed to this operator. Raises: Unproven: it was not."""
        ...
