"""The sequencer: a log grows by one signed checkpoint at a time.

    Published --Grown-----------> Signed      effects: Ask both witnesses
    Signed    --Cosigned--------> Signed      by one
    Signed    --Cosigned--------> Published   by both
    Signed    --Behind----------> Signed      effect: Ask again, from where it is
    Signed    --Waited----------> Signed      effects: Ask whoever has not answered
    Signed    --Behind, beyond--> Signed      effect: Warn, a witness saw more than this
    any       --Convicted-------> Halted      a witness holds evidence against this log

A state is stored before its effects are performed: the tiles and then the signed
checkpoint are on the disk before a witness hears of it, and nothing is signed for a
second time while one is out. So a log never signs two roots for one size, whatever
crash comes between, and a checkpoint that anybody saw is never forgotten.

A log that others saw longer than it is here was restored from an old copy, and what it
signed next might contradict what it signed before. So it begins with what it signed
last, and signs nothing new before both witnesses have cosigned that.

No clock, key, disk or socket lives here. Specification: docs/spec/log.md, section 10.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import OperatorId
from ipse.tlog.checkpoint import Checkpoint
from ipse.tlog.note import Note, Signature

# --- events -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grown:
    """There are more entries; their tiles are on the disk, and this is signed."""

    checkpoint: Checkpoint
    note: Note  # with the log's own signature


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness cosigned what is signed now; the line was checked."""

    operator: OperatorId
    line: Signature


@dataclass(frozen=True, slots=True)
class Behind:
    """A witness says at which size it cosigned last; not the one that it was told."""

    operator: OperatorId
    size: int


@dataclass(frozen=True, slots=True)
class Waited:
    """Some time has passed."""


@dataclass(frozen=True, slots=True)
class Convicted:
    """A witness sent evidence that this log forked; it was checked."""

    operator: OperatorId


# --- effects ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a witness to cosign what is signed now."""

    operator: OperatorId
    old: int  # the size from which consistency is to be proved


@dataclass(frozen=True, slots=True)
class Warn:
    """Tell whoever runs this operator."""

    sentence: str


# --- states -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Published:
    """Everybody may see all that was signed."""

    size: int  # entries
    note: Note  # with all signatures


@dataclass(frozen=True, slots=True)
class Blank:
    """Nothing was ever signed: the first checkpoint may be of no entries."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint is signed and stored, and not cosigned by both yet."""

    size: int
    note: Note  # with the log's own signature
    olds: Mapping[OperatorId, int]  # what each witness cosigned last, as far as known
    lines: Mapping[OperatorId, Signature] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Halted:
    """It signs no more. Terminal."""

    why: str


State: TypeAlias = Blank | Published | Signed | Halted
Event: TypeAlias = Grown | Cosigned | Behind | Waited | Convicted
Effect: TypeAlias = Ask | Warn
Step: TypeAlias = tuple[State, tuple[Effect, ...]]


def step(  # noqa: C901, PLR0911 (a table reads best whole)
    state: State, event: Event, witnesses: tuple[OperatorId, ...]
) -> Step:
    """Move the sequencer by one event.

    Raises: OutOfTurn: this can't happen now.
    """
    match state, event:
        case Halted(), _:
            return state, ()
        case _, Convicted(operator):
            return Halted(_convicted(operator)), ()
        case Blank(), Grown(checkpoint, note):
            signed = Signed(checkpoint.size, note, dict.fromkeys(witnesses, 0))
            return signed, _asks(signed)
        case Published(size), Grown(checkpoint, note) if checkpoint.size > size:
            signed = Signed(checkpoint.size, note, dict.fromkeys(witnesses, size))
            return signed, _asks(signed)
        case Signed(lines=lines), Cosigned(operator, line):
            signed = replace(state, lines={**lines, operator: line})
            if not _asks(signed):
                return Published(signed.size, _whole(signed)), ()
            return signed, ()
        case Signed(size), Behind(operator, old) if old > size:
            return state, (Warn(_forgotten(operator, old, size)),)
        case Signed(olds=olds), Behind(operator, old) if old != olds[operator]:
            signed = replace(state, olds={**olds, operator: old})
            return signed, tuple(
                ask for ask in _asks(signed) if ask.operator == operator
            )
        case Signed(), Waited():
            return state, _asks(state)
        case ((Signed() | Published()), (Waited() | Cosigned() | Behind())):
            return state, ()  # an answer that came late, or says nothing new
        case _:
            raise OutOfTurn(f"{type(event).__name__} in {type(state).__name__}")


def _asks(signed: Signed) -> tuple[Ask, ...]:
    """Ask whoever has not cosigned yet."""
    return tuple(
        Ask(operator, old)
        for operator, old in signed.olds.items()
        if operator not in signed.lines
    )


def _whole(signed: Signed) -> Note:
    """Put the cosignatures under the note, in the order of their operators."""
    lines = (signed.lines[operator] for operator in sorted(signed.lines))
    return Note(signed.note.text, (*signed.note.signatures, *lines))


def _forgotten(operator: OperatorId, old: int, size: int) -> str:
    return (
        f"Operator {operator} cosigned this log at {old} entries, and here it has "
        f"{size}: it is an old copy. Restore the newest; or, if the ledger is newer, "
        "remove the folder log/, which is then written anew from it."
    )


def _convicted(operator: OperatorId) -> str:
    return (
        f"Operator {operator} holds evidence that this log showed two histories: it "
        "signs no more. Ask that operator for the evidence, and find out who has this "
        "log's key."
    )
