"""Cosignatures: a witness says that it saw this log grow up to here, and no other.

What it signs::

    cosignature/v1
    time 1679315147                 seconds since 1970, no leading zero
    ipse/local/1                    the checkpoint, as the log signed it
    42
    qk2wX1r0hU0m3b1mX3m1b2o4c1nYkq0q2w1r0hU0m3A=

and what stands in its line: the time in 8 bytes, big-endian, then the 64 bytes of
Ed25519. It is a key of kind WITNESS, so its id tells it from a log's.

Source: c2sp.org/tlog-cosignature, Ed25519. Specification: docs/spec/log.md, section 4.
"""

from collections.abc import Callable
from typing import Final, NewType

from ipse.crypto.signature import SIGNATURE_BYTES
from ipse.ground.errors import Unproven
from ipse.tlog.note import NoteKey, Signature

Seconds = NewType("Seconds", int)
"""Seconds since 1970-01-01T00:00:00Z, as the log's formats count."""

TIME_BYTES: Final = 8
_MOST: Final = 2**63


def cosigned_text(checkpoint: bytes, at: Seconds) -> bytes:
    """Return what a witness signs."""
    return f"cosignature/v1\ntime {at}\n".encode() + checkpoint


def cosign(
    checkpoint: bytes, at: Seconds, key: NoteKey, sign: Callable[[bytes], bytes]
) -> Signature:
    """Cosign a checkpoint's text, with what signs for `key`."""
    proof = sign(cosigned_text(checkpoint, at))
    return Signature(key.name, key.id, at.to_bytes(TIME_BYTES) + proof)


def check_cosignature(signed: Signature, checkpoint: bytes, key: NoteKey) -> Seconds:
    """Return when a witness cosigned. Raises: Unproven: it did not."""
    if not signed.is_by(key) or len(signed.proof) != TIME_BYTES + SIGNATURE_BYTES:
        raise Unproven(f"This is no cosignature of {key.name}.")
    at = Seconds(int.from_bytes(signed.proof[:TIME_BYTES]))
    if at >= _MOST:
        raise Unproven(f"{key.name} cosigned at no time.")
    key.verify(signed.proof[TIME_BYTES:], cosigned_text(checkpoint, at))
    return at
