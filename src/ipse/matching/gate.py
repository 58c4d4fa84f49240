"""A gate: one quadratic rule over secret numbers, in one round, and what it claims.

Numbers are shared replicated, mod 2^bits: seat i holds components i and i + 1. A rule
f is a sum of products, and so its value at x_0 + x_1 + x_2 falls into three addends of
which seat i computes one from what it holds::

    addend_i  =  local(x_i)  +  sum of left(x_i) right(x_{i+1})

It hides its addend under a sharing of zero and tells the seat before it: then the
result is shared replicated like what it was made of. Nobody else could compute this
addend, but its factors are known: left(x_i) and local(x_i) to the seat before, which
holds x_i as well, and right(x_{i+1}) to the seat after. So the message is a claim about
an inner product of what one of the others holds with what the other holds, and is put
down at all three seats, to be proved (`ipse.matching.proof`).

Source: Araki, Furukawa, Lindell, Nof, Ohara, CCS 2016 (the gate); Boneh, Boyle,
Corrigan-Gibbs, Gilboa, Ishai, CRYPTO 2019, section 6 (its message as a statement that
the two others share).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.crypto.secret import Secret
from ipse.crypto.stream import Stream
from ipse.matching.claims import Claims
from ipse.matching.rounds import Came, Computation, Round
from ipse.matching.seat import Place

Numbers: TypeAlias = npt.NDArray[np.uint32]

ONE_BIT: Final = 1
BYTE: Final = 8  # bits
HALF: Final = 16


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shared(Secret):
    """Secret numbers, replicated. Shapes: the two are alike."""

    own: Numbers  # component `seat`
    following: Numbers  # component `seat + 1`

    def __xor__(self, other: "Shared") -> "Shared":
        """Add bits."""
        return Shared(self.own ^ other.own, self.following ^ other.following)

    def __getitem__(self, index: Any) -> "Shared":  # noqa: ANN401 (whatever NumPy takes)
        """Take some of the numbers."""
        return Shared(self.own[index], self.following[index])

    def shaped(self, *shape: int) -> "Shared":
        """Lay the numbers out in another shape."""
        return Shared(self.own.reshape(shape), self.following.reshape(shape))

    @staticmethod
    def joined(parts: "Sequence[Shared]") -> "Shared":
        """Put numbers side by side, along the last axis."""
        return Shared(
            np.concatenate([part.own for part in parts], axis=-1),
            np.concatenate([part.following for part in parts], axis=-1),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A sum of products of numbers, told by what each seat does with components.

    Shapes: a component is whatever array the rule reads, [..., numbers]; `local` gives
        [equations]; `left` and `right` give [equations, products].
    """

    local: Callable[[Numbers, bool], Numbers]  # True: of component 0, add constants
    left: Callable[[Numbers], Numbers]
    right: Callable[[Numbers], Numbers]


def gate(
    place: Place, claims: Claims, bits: int, taken: Shared, rule: Rule
) -> Computation[Shared]:
    """Compute a rule's values, mod 2^bits, in one round.

    Run by: each seat.
    Shapes: what comes back is uint32[equations].
    """
    left, right = rule.left(taken.own), rule.right(taken.following)
    local = rule.local(taken.own, place.seat == 0)
    told = yield from reshared(place, bits, local + inner(left, right))
    heard = rule.local(taken.following, place.next_seat == 0)
    claims.say(bits, *flat(left, right, local - told.of_own))
    claims.hear_next(bits, *flat(rule.left(taken.following), heard - told.of_next))
    claims.hear_prev(bits, *flat(rule.right(taken.own), told.drawn_prev))
    return told.shared


def flat(*factors_and_constants: Numbers) -> list[Numbers]:
    """Put equations in one line: [.., equations, products]; last [.., equations]."""
    *factors, constants = factors_and_constants
    lines = [each.reshape(-1, each.shape[-1]) for each in factors]
    return [*lines, constants.reshape(-1)]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Told(Secret):
    """Numbers that were reshared, and what hid the addends."""

    shared: Shared
    drawn_next: Numbers  # added to this seat's addend, taken from the next seat's
    drawn_prev: Numbers  # added to the previous seat's, taken from this one's

    @property
    def of_own(self) -> Numbers:
        """This seat's message, less what it took away: known to the previous seat."""
        return self.shared.own + self.drawn_prev

    @property
    def of_next(self) -> Numbers:
        """The next seat's message, less what that took away: known to this seat."""
        return self.shared.following + self.drawn_next


def reshared(place: Place, bits: int, addends: Numbers) -> Computation[Told]:
    """Turn addends of three seats into replicated numbers, mod 2^bits, in one round."""
    drawn_next = drawn(place.next, addends.shape)
    drawn_prev = drawn(place.prev, addends.shape)
    own = (addends + drawn_next - drawn_prev) & mask(bits)
    message = packed(own, bits)
    received = yield Round(to_prev=message, from_next=len(message))
    following = unpacked(received.from_next, bits, own.shape)
    return Told(Shared(own, following), drawn_next, drawn_prev)


def both(
    place: Place, claims: Claims, one: Shared, other: Shared
) -> Computation[Shared]:
    """Multiply bits: is it both? One round. `one` may have fewer, for all alike."""
    taken = Shared(
        np.stack(np.broadcast_arrays(one.own, other.own)),
        np.stack(np.broadcast_arrays(one.following, other.following)),
    )
    return (yield from gate(place, claims, ONE_BIT, taken, _BOTH))


_BOTH: Final = Rule(
    local=lambda pair, _first: pair[0] * pair[1],
    left=lambda pair: np.stack([pair[0], pair[1]], axis=-1),
    right=lambda pair: np.stack([pair[1], pair[0]], axis=-1),
)


def inner(left: Numbers, right: Numbers) -> Numbers:
    """Add up each equation's products, mod 2^32."""
    sums: Numbers = np.einsum("...p,...p->...", left, right)
    return sums


def mask(bits: int) -> np.uint32:
    """The numbers below 2^bits."""
    return np.uint32((1 << bits) - 1)


def drawn(stream: Stream, shape: tuple[int, ...]) -> Numbers:
    """Draw numbers that the stream's other end draws alike."""
    count = int(np.prod(shape))
    return stream.draw(4 * count).view(np.uint32).reshape(shape)


def drawn_bits(stream: Stream, shape: tuple[int, ...]) -> Numbers:
    """The same for bits, eight of a byte."""
    count = int(np.prod(shape))
    return _bits(stream.draw(-(-count // BYTE)), count).reshape(shape)


def packed(numbers: Numbers, bits: int) -> bytes:
    """Spell numbers mod 2^bits: single bits packed, others in 2 or 4 bytes."""
    if bits == ONE_BIT:
        return np.packbits(numbers.astype(np.uint8), bitorder="little").tobytes()
    return numbers.astype("<u2" if bits <= HALF else "<u4").tobytes()


def unpacked(came: Came, bits: int, shape: tuple[int, ...]) -> Numbers:
    """Read what `packed` spelled."""
    count = int(np.prod(shape))
    if bits == ONE_BIT:
        return _bits(np.frombuffer(came, np.uint8), count).reshape(shape)
    read = np.frombuffer(came, "<u2" if bits <= HALF else "<u4")
    return read.astype(np.uint32).reshape(shape) & mask(bits)


def packed_size(count: int, bits: int) -> int:
    """Bytes of so many packed numbers."""
    return -(-count // BYTE) if bits == ONE_BIT else count * (2 if bits <= HALF else 4)


def _bits(content: npt.NDArray[np.uint8], count: int) -> Numbers:
    return np.unpackbits(content, count=count, bitorder="little").astype(np.uint32)
