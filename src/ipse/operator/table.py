"""The table: one request among three operators, from the call to the answer.

    Called --Seen--> Over | Computing | Proposing        by `judge`

    Computing --Computed--> Over, or Proposing a change of the records
    Proposing --Settled---> Over

All three see the same three stances, and have the same records; so all three come to
the same conclusion by themselves, and nobody tells another what the result is. Requests
that share a job have a state each: what becomes of one is nothing to another.

No clock, socket, share or disk lives here.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from ipse.ground.errors import IpseError, Malformed, OutOfTurn, Refused, Unavailable
from ipse.ground.names import Handle, Outcome, Purpose
from ipse.operator.position import Position, Standing
from ipse.wire.peer import Ruling, Stance
from ipse.wire.receipt import RECEIPTED

# --- events ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """What the records say, and what all three operators were sent."""

    position: Position
    stances: tuple[Stance, ...]  # by operator


@dataclass(frozen=True, slots=True)
class Computed:
    """The secret computation opened its bits."""

    outcome: Outcome
    bits: bytes = b""
    found: tuple[Handle, ...] = ()  # whose body an enrolment's is, if it is enrolled


@dataclass(frozen=True, slots=True)
class Settled:
    """The change is true at all three, or at none."""

    ruling: Ruling
    outcome: Outcome | None = None  # of this request's use, if it is true


# --- effects ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """Sign the finding, and answer the wallet."""

    outcome: Outcome
    bits: bytes = b""


@dataclass(frozen=True, slots=True)
class Fail:
    """Tell the wallet why there is no finding."""

    error: IpseError


# --- states ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Called:
    """The convenor called it."""

    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Computing:
    """Its secret computation runs, beside those of others."""

    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Proposing:
    """Its change is to be committed by all, or by none."""

    outcome: Outcome  # as it was seen here


@dataclass(frozen=True, slots=True)
class Over:
    """Answered or failed. Terminal."""


State: TypeAlias = Called | Computing | Proposing | Over
Event: TypeAlias = Seen | Computed | Settled
Effect: TypeAlias = Answer | Fail
Step: TypeAlias = tuple[State, tuple[Effect, ...]]

_TRUE_ONCE_COMMITTED: Final = {**RECEIPTED, Purpose.SEED: {Outcome.SEEDED}}
"""Outcomes that are answered once they are true at all three."""


def step(state: State, event: Event) -> Step:
    """Move one event forward.

    Raises: OutOfTurn: this can't happen now.
    """
    match state, event:
        case Called(purpose), Seen(position, stances):
            return judge(purpose, position, stances)
        case Computing(purpose), Computed(outcome, bits):
            if outcome in _TRUE_ONCE_COMMITTED.get(purpose, ()):
                return Proposing(outcome), ()
            return Over(), (Answer(outcome, bits),)
        case Proposing(), Settled(Ruling.COMMIT, Outcome.INTERRUPTED):
            return Over(), (Fail(Unavailable(_INTERRUPTED)),)
        case Proposing(outcome), Settled(Ruling.COMMIT):
            return Over(), (Answer(outcome),)
        case Proposing(), Settled(Ruling.ABORT):
            return Over(), (Fail(Unavailable(_NOT_STORED)),)
        case _:
            raise OutOfTurn(f"{type(event).__name__} in {type(state).__name__}")


def judge(  # noqa: C901, PLR0911, PLR0912 (numbered steps read best in one place)
    purpose: Purpose, position: Position, stances: tuple[Stance, ...]
) -> Step:
    """Draw the conclusion, the same at all three operators."""
    # (1) all were sent the same signed request
    if len({stance.asked for stance in stances}) > 1:
        return _fail(
            Refused("The operators were sent different requests: sign a new one.")
        )
    # (2) no rule says no
    if position.standing is Standing.REFUSED:
        return _fail(Refused(position.detail))
    # (3) the records alone may be the answer
    match purpose, position.standing:
        case Purpose.STATUS, Standing.KNOWN:
            return Over(), (Answer(Outcome.ACTIVE),)
        case Purpose.LEDGER, Standing.KNOWN:
            return Over(), (Answer(Outcome.LISTED),)
        case Purpose.WITHDRAW, Standing.KNOWN:
            return Over(), (Answer(Outcome.WITHDRAWN),)
        case Purpose.ENROL, Standing.KNOWN:
            return Over(), (Answer(Outcome.ALREADY_ENROLLED),)
        case _, Standing.UNKNOWN:
            return Over(), (Answer(Outcome.UNKNOWN),)
        case Purpose.ERASE, Standing.READY:
            return Proposing(Outcome.ERASED), ()
        case Purpose.WITHDRAW, Standing.READY:
            return Proposing(Outcome.WITHDRAWN), ()
        case _, Standing.READY:
            pass
        case _:
            raise OutOfTurn(f"{position.standing} to a request to {purpose}")
    # (4) both holders of each component hold the same
    for seat, stance in enumerate(stances):
        other = stances[(seat + 1) % len(stances)]
        if stance.tag_next != other.tag_prev:
            return _fail(_told_apart(stance, other))
    return Computing(purpose), ()


_INTERRUPTED = (
    "The operators did not all see the same, so nothing was answered. The use is in "
    "your ledger as interrupted; sign a new request."
)
_NOT_STORED = (
    "An operator could not store the change, so none did; nothing was lost. "
    "Try again later."
)


def _told_apart(one: Stance, other: Stance) -> Malformed:
    """Say that two operators hold different things, and not whose fault it is.

    The wallet told them so, or one of them lies: nobody signs that it was the wallet.
    """
    return Malformed(
        f"Operators {one.operator} and {other.operator} do not hold the same part of "
        "what was sent, so nothing was compared: send the template anew, whole. If it "
        "happens again, one of them lies."
    )


def _fail(error: IpseError) -> Step:
    return Over(), (Fail(error),)
