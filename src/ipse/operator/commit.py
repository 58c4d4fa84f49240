"""All three or none: how a change becomes true, through any crash.

Operator 1, the convenor, decides; the two others follow::

    convenor    Proposed --Ready--> Prepared --Voted by both--> Committed
                                    Prepared --Voted no, Lost-> Aborted
                Committed --Heard by both--> Committed, and forgotten

    follower    Proposed --Ready--> Prepared --Ruled commit---> Committed
                                    Prepared --Ruled abort----> Aborted
                                    Prepared --Lost-----------> Prepared, in doubt

A state is stored before its effects are performed. So a vote means that the rows are
on that operator's disk, and an announced commit is on the convenor's. Whoever is in
doubt asks; the convenor's answer is commit if it stored that, and abort if it knows
nothing (presumed abort), which is safe because it forgets a commit only after both
others have stored it.

No clock, socket or disk lives here, and no row: only who promised what.

Source: Mohan, Lindsay, Obermarck, "Transaction Management in the R* Distributed
Database Management System", ACM TODS 11(4), 1986, section 3 (presumed abort).
"""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator.change import Change
from ipse.wire.peer import Ruling

CONVENOR: Final = OPERATORS[0]
FOLLOWERS: Final = frozenset(OPERATORS[1:])


# --- events: what the world tells us -------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """The computation agreed to the change, and there is room for it."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The change can't be prepared here."""


@dataclass(frozen=True, slots=True)
class Voted:
    """A follower says whether it is prepared. For the convenor."""

    operator: OperatorId
    is_prepared: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """The links are gone, or somebody was silent for too long."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """The convenor's decision. For a follower."""

    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Heard:
    """A follower has stored the decision. For the convenor."""

    operator: OperatorId


# --- effects: what we ask of the world -----------------------------------------


@dataclass(frozen=True, slots=True)
class CastVote:
    """Tell the convenor whether the change is prepared here."""

    is_prepared: bool


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the followers the decision."""

    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Tell the convenor that the decision is stored here."""


@dataclass(frozen=True, slots=True)
class Conclude:
    """Answer the wallet."""

    ruling: Ruling


# --- states ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposed:
    """Nothing is stored yet."""

    change: Change


@dataclass(frozen=True, slots=True)
class Prepared:
    """Stored: the change with its rows, not yet true. In doubt if links are lost."""

    change: Change
    votes: frozenset[OperatorId] = frozenset()  # the convenor's


@dataclass(frozen=True, slots=True)
class Committed:
    """Stored: the change is true."""

    change: Change
    unheard: frozenset[OperatorId] = frozenset()  # the convenor's: who must be told


@dataclass(frozen=True, slots=True)
class Aborted:
    """Stored: nothing is left of the change. Terminal."""

    change: Change


State: TypeAlias = Proposed | Prepared | Committed | Aborted
Event: TypeAlias = Ready | Broken | Voted | Lost | Ruled | Heard
Effect: TypeAlias = CastVote | Announce | Acknowledge | Conclude
Step: TypeAlias = tuple[State, tuple[Effect, ...]]


def convene(state: State, event: Event) -> Step:  # noqa: PLR0911 (a table reads best whole)
    """Move the convenor by one event.

    Raises: OutOfTurn: this can't happen now.
    """
    match state, event:
        case Proposed(change), Ready():
            return Prepared(change), ()
        case Prepared(votes=votes), Voted(operator, True):
            votes |= {operator}
            if votes < FOLLOWERS:
                return replace(state, votes=votes), ()
            done = Committed(state.change, unheard=FOLLOWERS)
            return done, (Announce(Ruling.COMMIT), Conclude(Ruling.COMMIT))
        case ((Proposed(change) | Prepared(change)), (Voted() | Lost() | Broken())):
            ends = (Announce(Ruling.ABORT), Conclude(Ruling.ABORT))
            return Aborted(change), ends
        case Committed(unheard=unheard), Heard(operator):
            return replace(state, unheard=unheard - {operator}), ()
        case ((Committed() | Aborted()), (Lost() | Voted())):
            return state, ()  # decided: who missed it will ask
        case Aborted(), Heard():
            return state, ()  # an abort needs no memory
        case _:
            raise _out_of_turn(state, event)


def follow(state: State, event: Event) -> Step:  # noqa: PLR0911 (a table reads best whole)
    """Move a follower by one event.

    Raises: OutOfTurn: this can't happen now.
    """
    match state, event:
        case Proposed(change), Ready():
            return Prepared(change), (CastVote(is_prepared=True),)
        case Proposed(change), Broken():
            return Aborted(change), (
                CastVote(is_prepared=False),
                Conclude(Ruling.ABORT),
            )
        case Proposed(change), Lost():
            return Aborted(change), (Conclude(Ruling.ABORT),)
        case Prepared(), Lost():
            return state, ()  # in doubt: ask when the links are back
        case Prepared(change), Ruled(Ruling.COMMIT):
            return Committed(change), (Acknowledge(), Conclude(Ruling.COMMIT))
        case Prepared(change), Ruled(Ruling.ABORT):
            return Aborted(change), (Acknowledge(), Conclude(Ruling.ABORT))
        case Committed(), Ruled(Ruling.COMMIT):
            return state, (Acknowledge(),)  # the acknowledgement was lost
        case Aborted(), Ruled(Ruling.ABORT):
            return state, (Acknowledge(),)
        case ((Committed() | Aborted()), Lost()):
            return state, ()
        case _:
            raise _out_of_turn(state, event)


def _out_of_turn(state: State, event: Event) -> OutOfTurn:
    return OutOfTurn(f"{type(event).__name__} in {type(state).__name__}")
