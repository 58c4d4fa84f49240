"""Claims: all that the three say in a computation, put down at each seat, to be proved.

A computation writes down every message as it is sent and received: what this seat said,
and of what the two others said the half that it knows (`ipse.matching.statement`). All
three write the same equations in the same order. `proved` then holds all of them
against each other (`ipse.matching.proof`), and the opening that follows carries each
prover's word: a lie is found before anything is opened, and it is said whose it can be.
"""

from collections.abc import Iterable
from typing import Final

from ipse.crypto.digest import DIGEST_BYTES
from ipse.crypto.secret import Secret
from ipse.ground.errors import Misbehaved
from ipse.ground.names import Falsehood, Seat
from ipse.matching.galois import Numbers
from ipse.matching.proof import Proved, proved
from ipse.matching.rounds import Computation, Round
from ipse.matching.seat import SEATS, Place
from ipse.matching.statement import HeardOfNext, HeardOfPrev, Said

GOES_ON: Final = b"\1"
STOPS: Final = b"\0"

_SEEN: Final = {
    Falsehood.MESSAGE: "a message of the computation is proved to be false",
    Falsehood.PROOF: "another operator says that it saw a proof fail",
    Falsehood.COMPONENT: "both others hold the same numbers, and told them differently",
    Falsehood.ROW: "a row is not the one that was stored",
}


class Lied(Misbehaved):
    """A seat lied, and nothing was answered: one of `suspects`."""

    def __init__(
        self, place: Place, suspects: Iterable[Seat], falsehood: Falsehood
    ) -> None:
        """Name whom the seat at this place must suspect, by what it saw itself."""
        self.suspects = tuple(sorted(set(suspects)))
        self.falsehood = falsehood
        names = " or ".join(f"operator {seat + 1}" for seat in self.suspects)
        super().__init__(
            f"Operator {place.seat + 1} suspects {names} of a lie: "
            f"{_SEEN[falsehood]}. Nothing was answered and nothing was lost; operator "
            f"{place.seat + 1} keeps a complaint."
        )


class Claims(Secret):
    """What was said so far, as one seat knows it."""

    __slots__ = ("_of_next", "_of_prev", "_said")

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._said, self._of_next, self._of_prev = Said(), HeardOfNext(), HeardOfPrev()

    def say(self, bits: int, u: Numbers, v: Numbers, c1: Numbers) -> None:
        """Put down what this seat said. Shapes: see `Said`."""
        self._said.equations(bits, u, v, c1)

    def hear_next(self, bits: int, u: Numbers, c1: Numbers) -> None:
        """Put down what the next seat said."""
        self._of_next.equations(bits, u, c1)

    def hear_prev(self, bits: int, v: Numbers, c2: Numbers) -> None:
        """Put down what the previous seat said."""
        self._of_prev.equations(bits, v, c2)

    def proved(self, place: Place) -> Computation[Proved]:
        """Prove and verify all of it, in three rounds."""
        return proved(place, self._said, self._of_next, self._of_prev)


def told_by_both(
    place: Place, proof: Proved, to_next: bytes, to_prev: bytes
) -> Computation[bytes]:
    """Open what each seat lacks and both others know, if all claims are proved.

    Run by: each seat, in one round. Whoever saw a proof fail sends zeros in the place
        of what it knows.

    Returns: what the two others told this seat alike.
    Raises: Lied: somebody did, and nothing may be answered.
    """
    if not proof.holds:
        to_next, to_prev = bytes(len(to_next)), bytes(len(to_prev))
    goes_on = GOES_ON if proof.holds else STOPS
    size = 1 + DIGEST_BYTES + len(to_next)
    received = yield Round(
        goes_on + proof.word_to_next + to_next,
        goes_on + proof.word_to_prev + to_prev,
        size,
        size,
    )
    said = bytes(received.from_next), bytes(received.from_prev)
    words = [each[1 : 1 + DIGEST_BYTES] for each in said]
    if suspects := _suspects(proof, *words):
        raise Lied(place, suspects, Falsehood.MESSAGE)
    others = [place.next_seat, place.prev_seat]
    stopped = [
        seat for seat, each in zip(others, said, strict=True) if each[:1] != GOES_ON
    ]
    if stopped:
        # it saw the third seat's proof fail, or says so
        raise Lied(place, others, Falsehood.PROOF)
    if said[0][1 + DIGEST_BYTES :] != said[1][1 + DIGEST_BYTES :]:
        raise Lied(place, others, Falsehood.COMPONENT)
    return said[0][1 + DIGEST_BYTES :]


def _suspects(proof: Proved, from_next: bytes, from_prev: bytes) -> frozenset[Seat]:
    """Say who lied, given both provers' words: one of these, or nobody.

    Seat 0 comes first. What it writes in a table (`ipse.matching.lookup`) may reach one
    of the others alone, and then honest proofs fail as well; whether they do depends on
    a secret, so they are not looked at.
    """
    for seen, word in ((proof.of_next, from_next), (proof.of_prev, from_prev)):
        if seen.prover == 0 and (found := seen.suspects(word)):
            return found
    return proof.suspects(from_next, from_prev)


def others_of(place: Place) -> list[Seat]:
    """Both others: whom a seat suspects that is told two things."""
    return [Seat((place.seat + step) % SEATS) for step in (1, 2)]
