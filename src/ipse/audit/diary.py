"""The auditor's diary: which canaries there are, and how tests went.

    [diary, network, charter digest, canaries, presented, newcomers, wrong]
    [canary, handle, owner seed, stage, enrolled]

A private file beside the operator's home, written whole or not at all. Whoever reads it
knows which records are canaries, and can lie about all others: nobody but the auditor
may. It holds no person's template and no person's key.

A canary's life::

    ENTERING --enrolled--> WAITING --is presented, once--> SPENT --erased--> gone
        '------------------ anything else ------------------^

Its owner key is written down before anything is sent, so no crash leaves a record
behind that nobody can erase; a test that was cut off counts for nothing.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from ipse.crypto import signature
from ipse.crypto.secret import Secret
from ipse.ground.errors import Refused
from ipse.ground.names import Handle
from ipse.keys import durable
from ipse.ports import Entropy
from ipse.wire import limits
from ipse.wire.charter import TrustedCharter
from ipse.wire.fields import choice, many, octets, whole
from ipse.wire.kinds import DIGEST, HANDLE, NETWORK
from ipse.wire.known_answer import SENT, Sent
from ipse.wire.record import Shape

CANARIES: Final = 256
"""Canaries of one auditor: more would be a share of a small network's records."""


class Stage(StrEnum):
    """Where a canary is in its life."""

    ENTERING = "entering"  # its enrolment was not answered yet
    WAITING = "waiting"  # enrolled, and not presented yet
    SPENT = "spent"  # to be erased


@dataclass(frozen=True, slots=True, repr=False)
class Canary(Secret):
    """One record of an invented body, and the key that it obeys."""

    handle: Handle
    owner_seed: bytes  # 32 bytes, Ed25519
    stage: Stage
    enrolled: tuple[Sent, ...]  # its enrolment, once that was answered

    def __post_init__(self) -> None:
        """Check the fields."""
        CANARY.check(self)


CANARY: Final = Shape(
    "ipse/canary/1",
    Canary,
    limits.SENT + 256,
    {
        "handle": HANDLE,
        "owner_seed": octets(signature.KEY_BYTES),
        "stage": choice(Stage),
        "enrolled": many(SENT.nested(), 0, 1),
    },
)


@dataclass(frozen=True, slots=True, repr=False)
class Diary(Secret):
    """All that an auditor remembers."""

    network: str
    charter_digest: bytes  # 32 bytes
    canaries: tuple[Canary, ...]
    presented: int  # tests that were answered: canaries that must be found
    newcomers: int  # and invented newcomers that must not
    wrong: int  # of both

    def __post_init__(self) -> None:
        """Check the fields."""
        DIARY.check(self)

    def at(self, stage: Stage) -> tuple[Canary, ...]:
        """Return the canaries in a stage of their life."""
        return tuple(canary for canary in self.canaries if canary.stage is stage)

    def having(self, canary: Canary) -> "Diary":
        """Write a canary down, in the place of what stood there of it."""
        return replace(self, canaries=(*self.without(canary).canaries, canary))

    def without(self, canary: Canary) -> "Diary":
        """Cross a canary out."""
        left = tuple(one for one in self.canaries if one.handle != canary.handle)
        return replace(self, canaries=left)


DIARY: Final = Shape(
    "ipse/diary/1",
    Diary,
    CANARIES * limits.SENT,
    {
        "network": NETWORK,
        "charter_digest": DIGEST,
        "canaries": many(CANARY.nested(), 0, CANARIES),
        "presented": whole(0),
        "newcomers": whole(0),
        "wrong": whole(0),
    },
)


def opened(path: Path, charter: TrustedCharter) -> Diary:
    """Read the diary, or begin one; a test that was cut off is to be erased.

    Raises: Refused: it is of another network or charter, or others may read it.
        Malformed: it is none.
    """
    if not path.exists():
        return Diary(charter.charter.network, charter.digest, (), 0, 0, 0)
    diary = DIARY.decode(durable.read_private(path, DIARY.most))
    if diary.charter_digest != charter.digest:
        raise Refused(
            f"{path.name} is of another network, or of an earlier charter: move it "
            "away to begin a new one."
        )
    canaries = tuple(
        replace(one, stage=Stage.SPENT) if one.stage is Stage.ENTERING else one
        for one in diary.canaries
    )
    return replace(diary, canaries=canaries)


def keep(path: Path, diary: Diary, entropy: Entropy) -> None:
    """Write the diary down. Raises: Unavailable: the disk will not."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    durable.replace(path, DIARY.encode(diary), entropy)
