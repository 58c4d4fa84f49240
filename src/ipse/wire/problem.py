"""Why an operator did not serve a request: JSON, as RFC 9457 has it for HTTP.

    {"detail":"...","family":"refused","operator":2,"title":"..."}

The one record that is not CBOR, because people and their tools read it. It still has
one spelling: keys in order, no space, no escape but those that JSON demands. It is
signed by nobody and proves nothing: TLS says which operator sent it.

Specification: docs/spec/wire.md, section 6.
"""

import json
import unicodedata
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from ipse.ground.errors import (
    IpseError,
    Malformed,
    Misbehaved,
    OutOfTurn,
    Refused,
    Unavailable,
    Unproven,
)
from ipse.ground.names import OperatorId
from ipse.wire import limits
from ipse.wire.fields import Codec, choice, text
from ipse.wire.kinds import OPERATOR

MEDIA_TYPE: Final = "application/problem+json"


class Family(StrEnum):
    """Which of the error tree's families a problem belongs to."""

    MALFORMED = "malformed"
    REFUSED = "refused"
    UNPROVEN = "unproven"
    MISBEHAVED = "misbehaved"
    UNAVAILABLE = "unavailable"
    OUT_OF_TURN = "out-of-turn"


ERRORS: Final[dict[Family, type[IpseError]]] = {
    Family.MALFORMED: Malformed,
    Family.REFUSED: Refused,
    Family.UNPROVEN: Unproven,
    Family.MISBEHAVED: Misbehaved,
    Family.UNAVAILABLE: Unavailable,
    Family.OUT_OF_TURN: OutOfTurn,
}

STATUS: Final[dict[Family, int]] = {
    Family.MALFORMED: 400,
    Family.REFUSED: 403,
    Family.UNPROVEN: 401,
    Family.MISBEHAVED: 502,
    Family.UNAVAILABLE: 503,
    Family.OUT_OF_TURN: 500,
}
"""The HTTP status that goes with each family."""

TITLES: Final[dict[Family, str]] = {
    Family.MALFORMED: "The request breaks a rule",
    Family.REFUSED: "The network's policy says no",
    Family.UNPROVEN: "A proof is missing",
    Family.MISBEHAVED: "A party broke the protocol",
    Family.UNAVAILABLE: "Try again later",
    Family.OUT_OF_TURN: "The operator's software has a fault",
}

_FIELDS: Final[dict[str, Codec[Any]]] = {
    "family": choice(Family),
    "title": text(limits.TEXT),
    "detail": text(limits.DETAIL),
    "operator": OPERATOR,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one operator did not serve a request."""

    family: Family
    title: str  # the same for the whole family
    detail: str  # one plain sentence: the thing, the rule and what to do
    operator: OperatorId  # 1 to 3

    def __post_init__(self) -> None:
        """Check the fields."""
        for name, codec in _FIELDS.items():
            codec.check(f"problem: {name}", getattr(self, name))


def problem_of(error: IpseError, operator: OperatorId) -> Problem:
    """Tell an error as a problem. What is unprintable or too long in it is cut."""
    family = next(
        (family for family, kind in ERRORS.items() if isinstance(error, kind)),
        Family.OUT_OF_TURN,
    )
    said = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())
    said = unicodedata.normalize("NFC", said)[: limits.DETAIL].strip()
    return Problem(family, TITLES[family], said or TITLES[family], operator)


def error_of(problem: Problem) -> IpseError:
    """Tell a problem as an error of its family, naming the operator."""
    return ERRORS[problem.family](f"Operator {problem.operator}: {problem.detail}")


def encode_problem(problem: Problem) -> bytes:
    """Write a problem in its only spelling."""
    return json.dumps(
        asdict(problem), ensure_ascii=False, separators=(",", ":"), sort_keys=True
    ).encode()


def decode_problem(encoded: bytes) -> Problem:
    """Read a problem, refusing every spelling but the one `encode_problem` writes.

    Raises: Malformed: naming the first rule broken.
    """
    if len(encoded) > limits.PROBLEM:
        raise Malformed(f"A problem must have at most {limits.PROBLEM} bytes.")
    try:
        found = json.loads(encoded.decode())
    except (ValueError, RecursionError):
        raise Malformed("A problem must be JSON in UTF-8.") from None
    if type(found) is not dict or set(found) != set(_FIELDS):
        raise Malformed("A problem must have family, title, detail and operator.")
    problem = Problem(
        **{
            name: codec.read(f"problem: {name}", found[name])
            for name, codec in _FIELDS.items()
        }
    )
    if encode_problem(problem) != encoded:
        raise Malformed("A problem must be in its one spelling.")
    return problem
