"""What convicts the operators of a wrong answer to a question that was known.

    [sent, request, boxes, vectors, seeds, verdicts]
    [known-answer, enrolled, asked]

A sent request, opened: beside the three boxes stand the template that was in them and
the seeds that cut it, so that what each operator was sent can be made again. All of it
is of an invented body (`ipse.audit`): no person's template has an encoding.

Whether it convicts, `ipse.audit.evidence` says. Specification: docs/spec/wire.md,
section 10.
"""

from dataclasses import dataclass
from typing import Final

from ipse.ground.errors import Malformed
from ipse.ground.names import OPERATORS, Form
from ipse.ground.params import LENGTH
from ipse.wire import limits, tags
from ipse.wire.fields import many, octets
from ipse.wire.parts import SEED_BYTES
from ipse.wire.record import Shape
from ipse.wire.request import REQUEST, Request
from ipse.wire.verdict import QUORUM, VERDICT, Verdict

SEEDS: Final = 2
"""Of each vector: two of its three components are grown from seeds."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, what was in its boxes, and what operators said to it."""

    request: Request
    boxes: tuple[bytes, ...]  # as sent to operators 1, 2, 3
    vectors: tuple[bytes, ...]  # one a form: each entry a signed byte
    seeds: tuple[bytes, ...]  # 32 bytes each, two a form
    verdicts: tuple[Verdict, ...]  # of two or three operators: not checked yet

    def __post_init__(self) -> None:
        """Check the fields, and that each form has its vector and seeds."""
        SENT.check(self)
        forms = self.request.header.forms
        sizes = tuple(len(vector) for vector in self.vectors)
        if sizes != tuple(LENGTH[form] for form in forms):
            raise Malformed("A sent request must have one vector for each form.")
        if len(self.seeds) != SEEDS * len(forms):
            raise Malformed("A sent request must have two seeds for each form.")


SENT: Final = Shape(
    tags.SENT,
    Sent,
    limits.SENT,
    {
        "request": REQUEST.nested(),
        "boxes": many(octets(0, limits.ONE_BODY), len(OPERATORS), len(OPERATORS)),
        "vectors": many(octets(1, max(LENGTH.values())), 0, len(Form)),
        "seeds": many(octets(SEED_BYTES), 0, SEEDS * len(Form)),
        "verdicts": many(VERDICT.nested(), QUORUM, len(OPERATORS)),
    },
)


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A question whose answer was known, and what it was known from."""

    enrolled: tuple[Sent, ...]  # the body that was presented; none for a newcomer
    asked: Sent

    def __post_init__(self) -> None:
        """Check the fields."""
        KNOWN_ANSWER.check(self)


KNOWN_ANSWER: Final = Shape(
    tags.KNOWN_ANSWER,
    KnownAnswer,
    2 * limits.SENT + 256,
    {"enrolled": many(SENT.nested(), 0, 1), "asked": SENT.nested()},
)
