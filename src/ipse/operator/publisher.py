"""The publisher: moves the sequencer, on the disk and towards the witnesses.

    resume    what is on the disk is checked: signatures, the root over the tiles, and
              that the ledger's leaves are those that were logged last; and what was
              signed last is cosigned anew
    turn      leaves -> tiles -> signed -> two cosignatures -> checkpoint, and the
              partial tiles go whose full ones the checkpoint covers

The leaves come from the ledger in their order. A leaf is in the log a moment after it
was committed; a crash in between delays it, and no more: the next turn asks the ledger
from the log's own size on. A log that is lost is written anew from the ledger, all of
it before its first signature: it is the same log, and the witnesses know how long it
was.

Specification: docs/spec/log.md, section 10.
"""

import logging
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from ipse.ground.errors import Malformed, Misbehaved
from ipse.ground.names import OperatorId
from ipse.net.drive import move
from ipse.operator import sequencer
from ipse.operator.sequencer import (
    Ask,
    Blank,
    Effect,
    Event,
    Grown,
    Halted,
    Published,
    Signed,
    State,
    Warn,
)
from ipse.ports import Leaves, NoteSigning
from ipse.store.log import LogFolder
from ipse.tlog.checkpoint import Checkpoint, write_checkpoint
from ipse.tlog.growth import grow
from ipse.tlog.note import Note, Signature, write_note
from ipse.tlog.reader import TileReader
from ipse.tlog.tiles import WIDTH, tiles_of
from ipse.tlog.tree import EMPTY, prove_consistency
from ipse.tlog.trust import Log, check_cosigned, check_signed
from ipse.tlog.witness import Asked

AT_ONCE: Final = 4_096
"""Leaves of one checkpoint: a log that is far behind catches up in steps that a crash
may cut off."""

_log = logging.getLogger(__name__)


class Witnesses(Protocol):
    """The two operators that watch this log, as far as they can be reached."""

    def ask(self, operator: OperatorId, asked: Asked) -> Event | None:
        """Ask one for its cosignature; none where there is no answer for now."""
        ...


@dataclass(frozen=True, slots=True)
class Publishing:
    """What a publisher works with."""

    log: Log
    folder: LogFolder
    leaves: Leaves
    keys: NoteSigning
    witnesses: Witnesses
    watching: tuple[OperatorId, ...]  # in the order of the log's witnesses


class Publisher:
    """One operator's log, at work. It belongs to one thread."""

    def __init__(self, publishing: Publishing) -> None:
        """Resume from what is on the disk.

        Raises:
            Malformed, Unproven: the log on the disk is damaged, or another's.
            Misbehaved: the ledger has other leaves than were logged.
        """
        self._with = publishing
        self._tidied = 0
        self.state = self._resumed()
        self._move = partial(sequencer.step, witnesses=publishing.watching)

    def turn(self) -> bool:
        """Do what can be done now. Returns: whether there is more to do at once.

        Raises: Unavailable: the disk is full, or the ledger can't be read.
        """
        match self.state:
            case Blank() | Published():
                if (grown := self._grown()) is None:
                    return False
                self._happen(grown)
            case Signed():
                self._happen(sequencer.Waited())
            case Halted():
                return False
        return isinstance(self.state, Published)

    # --- what is on the disk ----------------------------------------------------------

    def _resumed(self) -> State:
        log, folder = self._with.log, self._with.folder
        content, signed_content = folder.published(), folder.signed()
        kept = [] if content is None else [check_cosigned(content, log).signed]
        kept += [] if signed_content is None else [check_signed(signed_content, log)]
        if not kept:
            return Blank()
        for each in kept:
            self._expect_tiles(each.checkpoint)
        last = max(kept, key=lambda each: each.checkpoint.size)
        size = last.checkpoint.size
        self._expect_leaves(size)
        self._tidied = max(0, size - AT_ONCE)  # a crash may have left what was before
        note = Note(last.note.text, (last.line,))
        return Signed(size, note, dict.fromkeys(self._with.watching, size))

    def _expect_tiles(self, checkpoint: Checkpoint) -> None:
        if TileReader(checkpoint.size, self._with.folder.tile).root != checkpoint.root:
            raise Malformed(
                f"The tiles of {checkpoint.origin} are not those of its checkpoint of "
                f"{checkpoint.size} entries: restore them from a copy."
            )

    def _expect_leaves(self, size: int) -> None:
        """Hold the last entry against the ledger that it was taken from."""
        if not size:
            return
        entry = TileReader(size, self._with.folder.tile).entry(size - 1)
        if self._with.leaves.since(size - 1, 1) != [entry]:
            raise Misbehaved(
                f"Entry {size - 1} of the log is not in the ledger: the ledger is "
                "another one, or an old copy. Restore the newest of both."
            )

    # --- one turn ---------------------------------------------------------------------

    def _grown(self) -> Grown | None:
        """Write the tiles of what is new, and sign for it."""
        folder, leaves = self._with.folder, self._with.leaves
        before = self.state.size if isinstance(self.state, Published) else 0
        size, root = before, EMPTY
        while entries := leaves.since(size, AT_ONCE):
            grown = grow(size, entries, folder.tile)
            folder.write_tiles(grown.tiles)
            size, root = grown.size, grown.root
            if isinstance(self.state, Published):
                break  # the rest is for the next checkpoint
        if size == before and isinstance(self.state, Published):
            return None
        checkpoint = Checkpoint(self._with.log.origin, size, root)
        text = write_checkpoint(checkpoint)
        key = self._with.log.key
        line = Signature(key.name, key.id, self._with.keys.sign_note(text))
        return Grown(checkpoint, Note(text, (line,)))

    def _happen(self, event: Event) -> None:
        """Move by an event, and by those that its effects lead to."""
        events = [event]
        while events:
            effects: list[Effect] = []
            self.state = move(
                self._move,
                self.state,
                events.pop(0),
                store=self._store,
                perform=effects.append,
            )
            for effect in effects:
                answer = self._perform(effect)
                events += [] if answer is None else [answer]

    def _store(self, state: State) -> None:
        folder = self._with.folder
        match state:
            case Signed(note=note, lines=lines) if not lines:
                folder.keep_signed(write_note(note))
            case Published(size, note):
                folder.publish(write_note(note))
                self._tidy(size)
                _log.info("log: %d entries, cosigned by both", size)
            case Halted(why):
                _log.critical("%s", why)
            case _:
                pass  # one cosignature of two: asked for again after a crash

    def _tidy(self, size: int) -> None:
        """Remove partial tiles that are full by now: there is one for each turn."""
        for tile in tiles_of(size, self._tidied):
            if tile.width == WIDTH:
                self._with.folder.drop_partials(tile)
        self._tidied = size

    def _perform(self, effect: Effect) -> Event | None:
        """Perform one effect. Returns: what came of it, if anything did."""
        match effect, self.state:
            case Ask(operator, old), Signed(size, note):
                span = TileReader(size, self._with.folder.tile).span
                proof = prove_consistency(old, size, span)
                asked = Asked(old, proof, write_note(note))
                return self._with.witnesses.ask(operator, asked)
            case Warn(sentence), _:
                _log.error("%s", sentence)
                return None
            case _:
                return None  # it halted meanwhile: nobody is asked any more
