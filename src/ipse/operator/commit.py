"""All three or none: how a change becomes true, through any crash.

Operator 1, the convenor, decides; the two others follow::

    convenor    Proposed --Ready--> Prepared --Seen--> Prepared
                                    Prepared --Voted by both--> Committed
                                    Prepared --Voted no, Lost-> Aborted
                Committed --Heard by both--> Committed, and forgotten

    follower    Proposed --Ready--> Prepared --Seen--> Prepared, and it votes
                                    Prepared --Ruled commit---> Told --Kept--> Committed
                                    Prepared --Ruled abort----> Aborted
                                    Prepared --Lost-----------> Prepared, in doubt

A state is stored before its effects are performed. So a vote means that the rows are
on that operator's disk, and an announced commit is on the convenor's. Whoever was in
doubt is told when the links are back: commit if the convenor stored that, and abort if
it knows nothing (presumed abort), which is safe because it forgets a commit only after
both others have stored it.

What a change's uses ended in, its outcomes, is seen by all three, and voted on. A use
is prepared before anything is opened, so a bit that anybody saw has left a doubt at all
three. Such a change is never aborted once the convenor has prepared it: where the three
did not all see the same, or not all of them lived to say so, it is committed as
interrupted. The decision then carries the change, for whoever has not prepared it.

A follower may answer with a decision before it has stored it: if it crashes in between
it finds its doubt, and is told once more.

No clock, socket or disk lives here, and no row: only who promised what.

Source: Mohan, Lindsay, Obermarck, "Transaction Management in the R* Distributed
Database Management System", ACM TODS 11(4), 1986, section 3 (presumed abort).
"""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from ipse.ground.errors import Misbehaved, OutOfTurn
from ipse.ground.names import OPERATORS, OperatorId, Outcome
from ipse.wire.change import Change, Kind
from ipse.wire.peer import Ruling

CONVENOR: Final = OPERATORS[0]
FOLLOWERS: Final = frozenset(OPERATORS[1:])

Outcomes: TypeAlias = tuple[Outcome, ...]
"""What the uses of a change ended in, use by use."""


# --- events: what the world tells us -------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """There is room for the change."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The change can't be prepared here."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The computation is over, and this is what its uses ended in."""

    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Voted:
    """A follower says whether it is prepared, and what it saw. For the convenor."""

    operator: OperatorId
    is_prepared: bool
    outcomes: Outcomes = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """The links are gone, or somebody was silent for too long."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """The convenor's decision. For a follower."""

    ruling: Ruling
    outcomes: Outcomes = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What was told is to be stored now. For a follower."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A follower has stored the decision. For the convenor."""

    operator: OperatorId


# --- effects: what we ask of the world -----------------------------------------


@dataclass(frozen=True, slots=True)
class CastVote:
    """Tell the convenor whether the change is prepared here, and what was seen."""

    is_prepared: bool
    outcomes: Outcomes = ()


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the followers the decision."""

    ruling: Ruling
    outcomes: Outcomes = ()
    missed: tuple[Change, ...] = ()  # the change, where somebody may not have it


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Tell the convenor that the decision is stored here."""


@dataclass(frozen=True, slots=True)
class Conclude:
    """Answer the wallet."""

    ruling: Ruling
    outcomes: Outcomes = ()


# --- states ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposed:
    """Nothing is stored yet."""

    change: Change


@dataclass(frozen=True, slots=True)
class Prepared:
    """Stored: the change with its rows, not yet true. In doubt if links are lost."""

    change: Change
    seen: Outcomes | None = None  # not stored: a crash forgets what was seen
    votes: frozenset[OperatorId] = frozenset()  # the convenor's, not stored


@dataclass(frozen=True, slots=True)
class Told:
    """The change is true, which the convenor has stored. Here it is in doubt."""

    change: Change
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Committed:
    """Stored: the change is true."""

    change: Change
    outcomes: Outcomes
    unheard: frozenset[OperatorId] = frozenset()  # the convenor's: who must be told


@dataclass(frozen=True, slots=True)
class Aborted:
    """Stored: nothing is left of the change. Terminal."""

    change: Change


State: TypeAlias = Proposed | Prepared | Told | Committed | Aborted
Event: TypeAlias = Ready | Broken | Seen | Voted | Lost | Ruled | Kept | Heard
Effect: TypeAlias = CastVote | Announce | Acknowledge | Conclude
Step: TypeAlias = tuple[State, tuple[Effect, ...]]


def interrupted(change: Change) -> Outcomes:
    """Return what the uses of a change ended in that was cut off."""
    return (Outcome.INTERRUPTED,) * len(change.uses)


def convene(state: State, event: Event) -> Step:  # noqa: C901, PLR0911 (a table reads best whole)
    """Move the convenor by one event.

    Raises: OutOfTurn: this can't happen now.
    """
    match state, event:
        case Proposed(change), Ready():
            return Prepared(change), ()
        case Prepared(seen=None), Seen(outcomes):
            return replace(state, seen=outcomes), ()
        case Prepared(change, seen, votes), Voted(operator, True, outcomes) if (
            seen is not None and outcomes == seen
        ):
            votes |= {operator}
            if votes < FOLLOWERS:
                return replace(state, votes=votes), ()
            return _commit(change, outcomes)
        case Prepared(change), (Voted() | Lost() | Broken()):
            if change.kind is Kind.USE:
                return _commit(change, interrupted(change), (change,))
            return _abort(change)
        case Proposed(change), (Voted() | Lost() | Broken()):
            return _abort(change)
        case Committed(unheard=unheard), Heard(operator):
            return replace(state, unheard=unheard - {operator}), ()
        case ((Committed() | Aborted()), (Lost() | Voted())):
            return state, ()  # decided: who missed it will be told
        case Aborted(), Heard():
            return state, ()  # an abort needs no memory
        case _:
            raise _out_of_turn(state, event)


def follow(state: State, event: Event) -> Step:  # noqa: C901, PLR0911 (a table reads best whole)
    """Move a follower by one event.

    Raises:
        OutOfTurn: this can't happen now.
        Misbehaved: the convenor decides something else than was seen here.
    """
    match state, event:
        case Proposed(change), Ready():
            return Prepared(change), ()
        case Prepared(seen=None), Seen(outcomes):
            vote = CastVote(is_prepared=True, outcomes=outcomes)
            return replace(state, seen=outcomes), (vote,)
        case Proposed(change), Broken():
            return Aborted(change), (CastVote(is_prepared=False), *_never(change))
        case Proposed(change), Lost():
            return Aborted(change), _never(change)
        case Prepared(), Lost():
            return state, ()  # in doubt: it will be told when the links are back
        case Prepared(change, seen), Ruled(Ruling.COMMIT, outcomes):
            _expect_seen(change, seen, outcomes)
            return Told(change, outcomes), (Conclude(Ruling.COMMIT, outcomes),)
        case Told(change, outcomes), Kept():
            return Committed(change, outcomes), (Acknowledge(),)
        case Prepared(change), Ruled(Ruling.ABORT):
            return Aborted(change), (Acknowledge(), Conclude(Ruling.ABORT))
        case Committed(), Ruled(Ruling.COMMIT):
            return state, (Acknowledge(),)  # the acknowledgement was lost
        case Aborted(), Ruled(Ruling.ABORT):
            return state, (Acknowledge(),)
        case ((Told() | Committed() | Aborted()), Lost()):
            return state, ()
        case _:
            raise _out_of_turn(state, event)


def _commit(
    change: Change, outcomes: Outcomes, missed: tuple[Change, ...] = ()
) -> Step:
    done = Committed(change, outcomes, unheard=FOLLOWERS)
    ruling = Ruling.COMMIT
    return done, (Announce(ruling, outcomes, missed), Conclude(ruling, outcomes))


def _abort(change: Change) -> Step:
    return Aborted(change), (Announce(Ruling.ABORT), Conclude(Ruling.ABORT))


def _never(change: Change) -> tuple[Effect, ...]:
    """Answer that a change will not be, where a follower alone may say so.

    A use that the convenor has prepared is told of later, as interrupted.
    """
    return () if change.kind is Kind.USE else (Conclude(Ruling.ABORT),)


def _expect_seen(change: Change, seen: Outcomes | None, outcomes: Outcomes) -> None:
    """Refuse outcomes that are not those that were seen here, nor an interruption."""
    allowed = {interrupted(change)} if change.kind is Kind.USE else set[Outcomes]()
    if seen is not None:
        allowed.add(seen)
    is_known = seen is not None or len(outcomes) != len(change.uses)
    if is_known and outcomes not in allowed:
        raise Misbehaved(
            f"Operator {CONVENOR} decided that uses ended in something else than was "
            "seen here: nothing of it was stored."
        )


def _out_of_turn(state: State, event: Event) -> OutOfTurn:
    return OutOfTurn(f"{type(event).__name__} in {type(state).__name__}")
