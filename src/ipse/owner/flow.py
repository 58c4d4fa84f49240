"""The wallet's flow: what to ask next, and when the wallet file is written.

What a wallet knows of its record is its `Standing`, and it is all that outlives a
crash::

    BLANK --enrol--> PENDING --enrolled--> CONFIRMED --erase--> ERASING --> ERASED
                        |                                                     |
                        +--refused--> BLANK            enrol again, new key --+

The file is written as PENDING before an enrolment leaves the device, because the
key of an enrolled record must never be lost; so PENDING and ERASING mean "the
answer was never heard". Whatever is wanted then, the network is first asked what
became of it::

    Resting --Wanted--> Asking     --Answered--> Resting
    Resting --Wanted--> Recalling  --Answered--> Asking or Resting
                        Asking     --Answered "no" to an enrolment--> Parting
                        Parting    --Answered--> Resting

Parting asks once more before a key is thrown away: the "no" may be about an
earlier try of this same wallet that did get in.

No clock, key, file or socket lives here: `ipse.owner.wallet` performs the effects,
in order. An answer that never comes needs no event: the run ends, the file stays.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ipse.ground.errors import OutOfTurn, Refused
from ipse.ground.names import Outcome, Purpose


class Standing(StrEnum):
    """What a wallet file says about the record whose key it holds."""

    BLANK = "blank"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    ERASING = "erasing"
    ERASED = "erased"


# --- events: what the person wants, what the network answers ------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """The person asks for this."""

    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Answered:
    """A quorum of operators signed this outcome of what was last asked."""

    outcome: Outcome


# --- effects: what we ask of the world ----------------------------------------


@dataclass(frozen=True, slots=True)
class Draw:
    """Draw a fresh handle and a fresh owner key."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Write the wallet file durably, with this standing."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Forget:
    """Remove the wallet file: its key opens nothing."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a fresh request of this purpose to all operators."""

    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the person; nothing follows."""

    outcome: Outcome


# --- states -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Resting:
    """Nothing is under way."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Asking:
    """The network was asked for what is wanted."""

    standing: Standing
    wanted: Purpose


@dataclass(frozen=True, slots=True)
class Recalling:
    """The network was asked what became of a run that was cut off."""

    standing: Standing
    wanted: Purpose


@dataclass(frozen=True, slots=True)
class Parting:
    """The network said no to an enrolment, and is asked once more about the key."""

    outcome: Outcome


State: TypeAlias = Resting | Asking | Recalling | Parting
Event: TypeAlias = Wanted | Answered
Effect: TypeAlias = Draw | Keep | Forget | Ask | Tell
Step: TypeAlias = tuple[State, tuple[Effect, ...]]


def step(state: State, event: Event) -> Step:
    """Move one event forward.

    Returns:
        The next state, and the effects to perform in order.

    Raises:
        Refused: the wallet's standing does not allow what is wanted.
        OutOfTurn: no such answer can come now.
    """
    match state, event:
        case Resting(standing), Wanted(purpose):
            return _begin(standing, purpose)
        case Recalling(standing, wanted), Answered(outcome):
            return _recall(standing, wanted, outcome)
        case Asking(standing, wanted), Answered(outcome):
            return _conclude(standing, wanted, outcome)
        case Parting(), Answered(Outcome.ACTIVE):
            return _rest(Standing.CONFIRMED, Outcome.ENROLLED)
        case Parting(refusal), Answered(Outcome.UNKNOWN | Outcome.ERASED):
            return Resting(Standing.BLANK), (Forget(), Tell(refusal))
        case _:
            raise _out_of_turn(state, event)


def _begin(standing: Standing, purpose: Purpose) -> Step:
    """From rest: recall first what was cut off, then ask for what is wanted."""
    match standing, purpose:
        case ((Standing.PENDING | Standing.ERASING), _):
            return Recalling(standing, purpose), (Ask(Purpose.STATUS),)
        case ((Standing.BLANK | Standing.ERASED), Purpose.ENROL):
            asking = Asking(Standing.PENDING, purpose)
            return asking, (Draw(), Keep(Standing.PENDING), Ask(purpose))
        case Standing.BLANK, _:
            raise Refused("This wallet holds no record yet: enrol first.")
        case Standing.CONFIRMED, Purpose.ENROL:
            raise Refused(
                "This wallet already holds a record: verify with it, "
                "or erase it before you enrol again."
            )
        case Standing.CONFIRMED, Purpose.ERASE:
            asking = Asking(Standing.ERASING, purpose)
            return asking, (Keep(Standing.ERASING), Ask(purpose))
        case _:
            return Asking(standing, purpose), (Ask(purpose),)


def _recall(  # noqa: PLR0911 (a table reads best whole)
    standing: Standing, wanted: Purpose, outcome: Outcome
) -> Step:
    """Settle what was cut off, then go on with what is wanted."""
    match standing, wanted, outcome:
        case Standing.PENDING, Purpose.ENROL, Outcome.ACTIVE:
            return _rest(Standing.CONFIRMED, Outcome.ENROLLED)
        case Standing.PENDING, Purpose.ENROL, Outcome.UNKNOWN:
            return Asking(standing, wanted), (Ask(wanted),)
        case Standing.PENDING, _, Outcome.UNKNOWN:
            return Resting(standing), (Tell(outcome),)
        case _, Purpose.STATUS, Outcome.ACTIVE:
            return _rest(Standing.CONFIRMED, outcome)
        case _, _, Outcome.ACTIVE:
            state, effects = _begin(Standing.CONFIRMED, wanted)
            return state, (Keep(Standing.CONFIRMED), *effects)
        case _, Purpose.ENROL, (Outcome.UNKNOWN | Outcome.ERASED):
            return _begin(Standing.ERASED, wanted)
        case _, Purpose.ERASE, (Outcome.UNKNOWN | Outcome.ERASED):
            return _rest(Standing.ERASED, Outcome.ERASED)
        case _, _, (Outcome.UNKNOWN | Outcome.ERASED):
            return _rest(Standing.ERASED, outcome)
        case _:
            raise _out_of_turn(Recalling(standing, wanted), Answered(outcome))


def _conclude(  # noqa: PLR0911 (a table reads best whole)
    standing: Standing, wanted: Purpose, outcome: Outcome
) -> Step:
    """Hear the answer to what was wanted."""
    match wanted, outcome:
        case Purpose.ENROL, Outcome.ENROLLED:
            return _rest(Standing.CONFIRMED, outcome)
        case Purpose.ENROL, (Outcome.ALREADY_ENROLLED | Outcome.MALFORMED):
            return Parting(outcome), (Ask(Purpose.STATUS),)
        case Purpose.ERASE, (Outcome.ERASED | Outcome.UNKNOWN):
            return _rest(Standing.ERASED, outcome)
        case Purpose.VERIFY, (
            Outcome.MATCHED | Outcome.NOT_MATCHED | Outcome.MALFORMED | Outcome.UNKNOWN
        ):
            return Resting(standing), (Tell(outcome),)
        case Purpose.STATUS, (Outcome.ACTIVE | Outcome.ERASED | Outcome.UNKNOWN):
            return Resting(standing), (Tell(outcome),)
        case Purpose.WITHDRAW, (Outcome.WITHDRAWN | Outcome.UNKNOWN):
            return Resting(standing), (Tell(outcome),)
        case Purpose.LEDGER, (Outcome.LISTED | Outcome.UNKNOWN):
            return Resting(standing), (Tell(outcome),)
        case _:
            raise _out_of_turn(Asking(standing, wanted), Answered(outcome))


def _rest(standing: Standing, outcome: Outcome) -> Step:
    return Resting(standing), (Keep(standing), Tell(outcome))


def _out_of_turn(state: State, event: Event) -> OutOfTurn:
    return OutOfTurn(f"The wallet cannot take {event} in {state}: please report this.")
