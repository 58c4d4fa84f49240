"""A lying seat: it computes as it should and says something else.

    honest seat   --Round-->  lie  --another Round-->  the others

A seat that lies may say anything at any time. What it says is all that the others
learn of it, so a liar is an honest computation whose messages are changed on their
way out; nothing in `ipse` knows how to lie.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar, overload

from ipse.matching.rounds import Computation, Message, Round, Undertaking

T = TypeVar("T")

Lie = Callable[[int, Round], Round]
"""What to say instead, given a round's number, from 0, and what is true."""


@overload
def lying(undertaking: Computation[T], lie: Lie) -> Computation[T]: ...


@overload
def lying(undertaking: Undertaking[T], lie: Lie) -> Undertaking[T]: ...


def lying(undertaking: Undertaking[T], lie: Lie) -> Undertaking[T]:
    """Tell a lie in the place of each round's truth. Sizes stay as they are."""
    number = 0
    try:
        asked = next(undertaking)
        while True:
            if isinstance(asked, Round):
                asked, number = lie(number, asked), number + 1
            asked = undertaking.send((yield asked))
    except StopIteration as end:
        result: T = end.value
        return result


def said_otherwise(
    told: Round, change: Callable[[bytes], bytes], *, to_next: bool
) -> Round:
    """Change one of a round's messages; one that is not sent can't be changed."""
    message = told.to_next if to_next else told.to_prev
    if message is None:
        return told
    said = change(spelled(message))
    return replace(told, to_next=said) if to_next else replace(told, to_prev=said)


def spelled(message: Message | None) -> bytes:
    """Return a message as the bytes that it stands in; of none, none."""
    if message is None:
        return b""
    return message if isinstance(message, bytes) else message.tobytes()


@dataclass(frozen=True, slots=True)
class Flipped:
    """A lie of one byte, in one round, to one neighbour."""

    round: int
    to_next: bool
    place: float  # 0 for the first byte, nearly 1 for the last
    change: int = 1  # 1 to 255: what is added to it, bit by bit

    def __call__(self, number: int, told: Round) -> Round:
        """Lie, when it is time to."""
        if number != self.round:
            return told
        return said_otherwise(told, self._changed, to_next=self.to_next)

    def _changed(self, message: bytes) -> bytes:
        said = bytearray(message)
        said[int(self.place * len(said))] ^= self.change
        return bytes(said)
