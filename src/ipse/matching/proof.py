"""The proof that what a seat said is true, before a bit is opened: three rounds.

Each seat is the prover of its own statement (`ipse.matching.statement`), and verifies
the two others' with one neighbour against the other. All three proofs run at once::

    prover i     V1 = seat i - 1 knows u, c1     V2 = seat i + 1 knows v, c2

    (1) V1, V2 -> prover   the coin: random weights, which V1 and V2 draw alike
    (2) prover -> V2       its share of a polynomial h; V1 has drawn the other
    (3) V1 <-> V2          their factors and shares at a random point r,
        V1, V2 -> prover   and the point

Column m of the statement is two polynomials, with masks a_m and b_m of which the prover
draws one with each verifier::

    U_m = alpha_0 u_0m + alpha_1 u_1m X + ...        + a_m X^rows       V1 knows it
    V_m = v_0m X^(rows - 1) + v_1m X^(rows - 2) + ... + b_m X^rows      V2 knows it
    h   = sum over m of beta_m U_m V_m                                  shared

The coefficient of X^(rows - 1) in h is the weighted sum of all products u v. Nobody
sends a share of it: it must be what the constants say, so V1 and V2 take that. If the
statement is false, then U, V and what is called h don't fit, whatever the prover sent;
they are polynomials over a ring in which few points hide that.

What V1 and V2 tell each other is masked at any r but 0. Weights and r are drawn when
everything before is fixed. After (3) the prover knows what each verifier had to answer;
it gives the other one a digest of it, its *word*, so that a proof that fails names who
can have lied: `Seen.suspects`.

Source: Boneh, Boyle, Corrigan-Gibbs, Gilboa, Ishai, CRYPTO 2019 (fully linear proofs);
Boyle, Gilboa, Ishai, Nof, CCS 2019, section 4 (over rings, three parties).
Specification: docs/spec/matching.md, section 8; the argument: docs/threat-model.md.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ipse.crypto.digest import DIGEST_BYTES, digest, same
from ipse.crypto.stream import KEY_BYTES, Stream
from ipse.ground.names import Seat
from ipse.matching.galois import DEGREE, Elements
from ipse.matching.rounds import Came, Computation, Round
from ipse.matching.seat import SEATS, Place
from ipse.matching.sides import (
    ELEMENT_BYTES,
    Weights,
    elements,
    first_side,
    prover_sides,
    second_side,
    told,
)
from ipse.matching.statement import HeardOfNext, HeardOfPrev, Layout, Said
from ipse.wire.tags import ANSWER_DIGEST

POINT_BYTES: Final = 8

NO_WORD: Final = bytes(DIGEST_BYTES)
"""The word of a prover whose verifiers told it different things: no digest is zero."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a verifier saw of one proof."""

    prover: Seat
    other: Seat  # the other verifier
    holds: bool
    answered: bytes  # digest of what the other verifier answered

    def suspects(self, word: bytes) -> frozenset[Seat]:
        """Say who lied, given the prover's word: one of these, or nobody.

        If the other verifier answered what the prover expected, the prover's proof
        is bad. Else they contradict each other, and one of them lies.
        """
        if not same(word, self.answered):
            return frozenset({self.prover, self.other})
        return frozenset() if self.holds else frozenset({self.prover})


@dataclass(frozen=True, slots=True)
class Proved:
    """What a seat knows after the three proofs, and what it tells of its own."""

    of_next: Seen
    of_prev: Seen
    agrees: bool  # both verifiers told this seat the same coin and the same point
    word_to_next: bytes  # 32 bytes, for the next round
    word_to_prev: bytes

    @property
    def holds(self) -> bool:
        """Whether this seat may open anything."""
        return self.agrees and self.of_next.holds and self.of_prev.holds

    def suspects(self, from_next: bytes, from_prev: bytes) -> frozenset[Seat]:
        """Say who lied, given both provers' words: one of these, or nobody.

        A single liar is in all suspicions; if nobody is, more than one lied.
        """
        seen = [self.of_next.suspects(from_next), self.of_prev.suspects(from_prev)]
        if not self.agrees:
            seen.append(frozenset({self.of_next.prover, self.of_prev.prover}))
        found = [each for each in seen if each]
        if not found:
            return frozenset()
        return frozenset.intersection(*found) or frozenset.union(*found)


def proved(
    place: Place, said: Said, of_next: HeardOfNext, of_prev: HeardOfPrev
) -> Computation[Proved]:
    """Prove what this seat said, and verify what both neighbours said.

    Run by: each seat, in 3 rounds, when all that the statements speak of was sent.
    Nothing may be opened unless what comes back holds.
    """
    own, following, before = said.laid(), of_next.laid(), of_prev.laid()
    streams, neighbours = _Streams.of(place), _neighbours(place)

    # (1) the coin of each proof; the previous seat's is drawn with the next
    coin_of_prev = streams.about_prev.draw(KEY_BYTES).tobytes()
    coin_of_next = streams.about_next.draw(KEY_BYTES).tobytes()
    received = yield Round(coin_of_next, coin_of_prev, KEY_BYTES, KEY_BYTES)
    coin = bytes(received.from_next)
    agrees = same(coin, bytes(received.from_prev))

    # (2) the proof
    sides = prover_sides(
        own, Weights.drawn(own.layout, coin), streams.with_first, streams.with_second
    )
    first = first_side(
        following, Weights.drawn(following.layout, coin_of_next), streams.of_next
    )
    mask = elements(streams.of_prev, before.layout.columns)
    received = yield Round(
        to_next=told(sides[1]) if agrees else streams.noise(own.layout),
        from_prev=_told_size(before.layout) * ELEMENT_BYTES,
    )
    second = second_side(
        before,
        Weights.drawn(before.layout, coin_of_prev),
        mask,
        _elements(received.from_prev),
    )

    # (3) the points, and what the sides are there
    point_of_prev, point_of_next = (
        _point(streams.about_prev),
        _point(streams.about_next),
    )
    to_next, to_prev = second.answer(point_of_prev), first.answer(point_of_next)
    received = yield Round(
        to_next.tobytes() + point_of_next.tobytes(),
        to_prev.tobytes() + point_of_prev.tobytes(),
        to_next.nbytes + POINT_BYTES,
        to_prev.nbytes + POINT_BYTES,
    )
    about_prev, point = _parted(received.from_next)
    about_next, same_point = _parted(received.from_prev)
    agrees = agrees and point == same_point
    words = [_word(side.answer(point)) if agrees else NO_WORD for side in sides]
    return Proved(
        Seen(*neighbours, first.fits(to_prev, about_next), _word(about_next)),
        Seen(*neighbours[::-1], second.fits(to_next, about_prev), _word(about_prev)),
        agrees,
        word_to_next=words[0],
        word_to_prev=words[1],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Streams:
    """Streams for each part that a seat has in the three proofs.

    Each is drawn from by two seats alike, in one proof; the third knows nothing of it.
    """

    about_prev: Stream  # with the next seat: coin and point of the previous one's proof
    about_next: Stream  # with the previous seat: those of the next one's
    with_first: Stream  # own proof: what the first verifier, the previous seat, knows
    with_second: Stream
    of_next: Stream  # the next seat's proof: what its first verifier, this one, knows
    of_prev: Stream

    @classmethod
    def of(cls, place: Place) -> "_Streams":
        """Take three from each pair's: for the third seat's proof, then the pair's."""
        about_prev, with_second, of_next = _three(place.next)
        about_next, of_prev, with_first = _three(place.prev)
        return cls(about_prev, about_next, with_first, with_second, of_next, of_prev)

    def noise(self, layout: Layout) -> Elements:
        """Draw what tells neither verifier anything, in place of a proof.

        Verifiers of whom one lied about the coin would use different weights, and what
        they tell each other then depends on secrets. Each knows one addend of this.
        """
        size = _told_size(layout)
        return elements(self.with_first, size) + elements(self.with_second, size)


def _three(stream: Stream) -> tuple[Stream, Stream, Stream]:
    first, second, third = (Stream(stream.draw(KEY_BYTES).tobytes()) for _ in range(3))
    return first, second, third


def _neighbours(place: Place) -> tuple[Seat, Seat]:
    return Seat((place.seat + 1) % SEATS), Seat((place.seat + 2) % SEATS)


def _told_size(layout: Layout) -> int:
    return 2 * layout.rows


def _point(stream: Stream) -> np.uint64:
    """Draw a point. At 0 nothing would be masked, so 1 stands for it as well."""
    drawn: np.uint64 = stream.draw(POINT_BYTES).view(np.uint64)[0]
    return max(drawn, np.uint64(1))


def _parted(came: Came) -> tuple[Elements, np.uint64]:
    """Cut what came into an answer and the point of one's own proof."""
    return _elements(came[:-POINT_BYTES]), np.frombuffer(
        came[-POINT_BYTES:], np.uint64
    )[0]


def _elements(came: Came) -> Elements:
    return np.frombuffer(came, np.uint32).reshape(-1, DEGREE).copy()


def _word(answer: Elements) -> bytes:
    return digest(ANSWER_DIGEST, answer.tobytes())
