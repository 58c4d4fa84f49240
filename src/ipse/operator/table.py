"""The table: one request among three operators, from the call to the answer.

    convenor    Calling ----Took (three)----> Deciding ...
    follower    Waiting ----Saw the stances-> Deciding ...

    Deciding = Answered | Failed | Computing | Proposing, by `judge`

    Computing --Computed--> Answered, or Proposing a change of the records
    Proposing --Settled---> Answered, or Failed

All three see the same three stances, so all three come to the same conclusion by
themselves; nobody tells another what the result is.

No clock, socket, share or disk lives here.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from ipse.ground.errors import IpseError, OutOfTurn, Refused, Unavailable
from ipse.ground.names import OPERATORS, Outcome, Purpose
from ipse.wire.peer import Position, Ruling, Stance

# --- events ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Took:
    """An operator took its stance. For the convenor."""

    stance: Stance


@dataclass(frozen=True, slots=True)
class Saw:
    """The convenor showed all stances. For a follower."""

    stances: tuple[Stance, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """The secret computation opened its bits."""

    outcome: Outcome
    bits: bytes = b""


@dataclass(frozen=True, slots=True)
class Settled:
    """The change is true at all three, or at none."""

    ruling: Ruling


# --- effects ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Show:
    """Show all stances to the followers."""

    stances: tuple[Stance, ...]


@dataclass(frozen=True, slots=True)
class Compute:
    """Run the secret computation of the request's purpose."""


@dataclass(frozen=True, slots=True)
class Propose:
    """Have the request's change of the records committed by all, or by none."""


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
class Calling:
    """The convenor collects stances."""

    purpose: Purpose
    stances: tuple[Stance, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A follower took its stance, and waits for those of the others."""

    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Computing:
    """The rounds run."""

    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Proposing:
    """The commit machine has it."""

    outcome: Outcome  # if it commits


@dataclass(frozen=True, slots=True)
class Over:
    """Answered or failed. Terminal."""


State: TypeAlias = Calling | Waiting | Computing | Proposing | Over
Event: TypeAlias = Took | Saw | Computed | Settled
Effect: TypeAlias = Show | Compute | Propose | Answer | Fail
Step: TypeAlias = tuple[State, tuple[Effect, ...]]

_TRUE_ONCE_COMMITTED = {
    Purpose.ENROL: Outcome.ENROLLED,
    Purpose.SEED: Outcome.SEEDED,
    Purpose.ERASE: Outcome.ERASED,
}


def step(state: State, event: Event) -> Step:  # noqa: PLR0911 (a table reads best whole)
    """Move one event forward.

    Raises: OutOfTurn: this can't happen now.
    """
    match state, event:
        case Calling(purpose, stances), Took(stance):
            if any(taken.operator == stance.operator for taken in stances):
                raise OutOfTurn(f"Operator {stance.operator} took two stances.")
            stances = tuple(
                sorted((*stances, stance), key=lambda taken: taken.operator)
            )
            if len(stances) < len(OPERATORS):
                return replace(state, stances=stances), ()
            following, effects = judge(purpose, stances)
            return following, (Show(stances), *effects)
        case Waiting(purpose), Saw(stances):
            return judge(purpose, stances)
        case Computing(purpose), Computed(outcome, bits):
            if outcome == _TRUE_ONCE_COMMITTED.get(purpose):
                return Proposing(outcome), (Propose(),)
            return Over(), (Answer(outcome, bits),)
        case Proposing(outcome), Settled(Ruling.COMMIT):
            return Over(), (Answer(outcome),)
        case Proposing(), Settled(Ruling.ABORT):
            return Over(), (Fail(Unavailable(_NOT_STORED)),)
        case _:
            raise OutOfTurn(f"{type(event).__name__} in {type(state).__name__}")


def judge(  # noqa: C901, PLR0911 (numbered steps read best in one place)
    purpose: Purpose, stances: tuple[Stance, ...]
) -> Step:
    """Draw the conclusion from three stances, the same at all three operators."""
    positions = {stance.position for stance in stances}
    # (1) nobody's rules say no, and everybody can
    for stance in stances:
        if stance.position is Position.REFUSED:
            return _fail(Refused(f"Operator {stance.operator}: {stance.detail}"))
        if stance.position is Position.UNABLE:
            return _fail(Unavailable(f"Operator {stance.operator}: {stance.detail}"))
    # (2) all were sent the same signed request
    if len({stance.asked for stance in stances}) > 1:
        return _fail(
            Refused("The operators were sent different requests: sign a new one.")
        )
    # (3) all have the same records
    if len({stance.roll for stance in stances}) > 1 or len(positions) > 1:
        return _fail(Unavailable(_ROLLS_DIFFER))
    # (4) the records alone may be the answer
    (position,) = positions
    match purpose, position:
        case Purpose.STATUS, Position.KNOWN:
            return Over(), (Answer(Outcome.ACTIVE),)
        case Purpose.ENROL, Position.KNOWN:
            return Over(), (Answer(Outcome.ALREADY_ENROLLED),)
        case _, Position.UNKNOWN:
            return Over(), (Answer(Outcome.UNKNOWN),)
        case Purpose.ERASE, Position.READY:
            return Proposing(Outcome.ERASED), (Propose(),)
        case _, Position.READY:
            pass
        case _:
            raise OutOfTurn(f"{position} to a request to {purpose}")
    # (5) both holders of each component hold the same
    if any(
        stance.tag_next != stances[(seat + 1) % len(stances)].tag_prev
        for seat, stance in enumerate(stances)
    ):
        return Over(), (Answer(Outcome.MALFORMED),)
    return Computing(purpose), (Compute(),)


_NOT_STORED = (
    "An operator could not store the change, so none did; nothing was lost. "
    "Try again later."
)
_ROLLS_DIFFER = (
    "The operators do not have the same records, so nothing was answered and nothing "
    "was lost; they must settle this before they serve again."
)


def _fail(error: IpseError) -> Step:
    return Over(), (Fail(error),)
