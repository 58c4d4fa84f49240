"""Whatever is lost, late or lied about, nobody is shown two histories of one log.

Three logs grow while witnesses are away, answers are lost, clocks jump, and processes
end at any moment; and whoever has operator 1's log key asks for cosignatures of
whatever it likes. A seed is a play, the same on each run.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ipse.ground.names import OPERATORS, Instant, OperatorId
from ipse.operator.publisher import Publisher
from ipse.operator.sequencer import Halted
from ipse.tlog.checkpoint import Checkpoint, write_checkpoint
from ipse.tlog.fork import read_fork
from ipse.tlog.logs import log_of
from ipse.tlog.note import Note, Signature, write_note
from ipse.tlog.tree import EMPTY, prove_consistency
from ipse.tlog.trust import check_cosigned, check_signed
from ipse.tlog.witness import Asked, write_asked
from ipse_lab.examples import charter, keyrings
from ipse_lab.logs import MemoryLog, numbered
from ipse_lab.witnesses import NOW, Three

LIAR = OPERATORS[0]
HONEST = OPERATORS[1:]
STEPS = 120


@pytest.fixture
def memory() -> Iterator[Path]:
    """Return a folder in memory, if there is one."""
    shared = "/dev/shm"  # noqa: S108 (Linux's; the folder in it is fresh)
    with TemporaryDirectory(dir=shared if Path(shared).is_dir() else None) as name:
        yield Path(name)


class Play:
    """Three operators' logs, and what happens to them by these dice."""

    def __init__(self, folder: Path, seed: int) -> None:
        """Begin with three that are new."""
        self.dice = random.Random(seed)  # noqa: S311 (a play, and no secret)
        self.three = Three(folder)
        self.publishers: dict[OperatorId, Publisher] = {}
        self.shown: dict[OperatorId, int] = dict.fromkeys(OPERATORS, 0)
        self.seen: dict[OperatorId, list[bytes]] = {each: [] for each in HONEST}

    def step(self) -> None:
        """Let one thing happen, and see that all is well."""
        happening = self.dice.choices(
            (self.grow, self.turn, self.end, self.part, self.jump, self.lie),
            (4, 8, 2, 3, 1, 1),
        )[0]
        happening()
        self.expect_one_history()
        self.expect_own_leaves()
        self.expect_just_evidence()

    # --- what happens -----------------------------------------------------------------

    def grow(self) -> None:
        """A ledger has more leaves."""
        operator = self.dice.choice(OPERATORS)
        listed = self.three.leaves[operator].listed
        size = len(listed) + self.dice.choice([1, 1, 2, 250, 260])
        listed += numbered(size, f"{operator}")[len(listed) :]

    def turn(self) -> None:
        """A publisher takes a turn; it starts if it does not run."""
        operator = self.dice.choice(OPERATORS)
        if operator not in self.publishers:
            self.publishers[operator] = self.three.publisher(operator)
        self.publishers[operator].turn()

    def end(self) -> None:
        """A process ends; what it had in memory is gone."""
        operator = self.dice.choice(OPERATORS)
        self.publishers.pop(operator, None)
        self.three.witnesses[operator] = self.three.witness(operator)

    def part(self) -> None:
        """Lines go down, or up again; or only one way of them."""
        self.three.absent = set(self.dice.sample(OPERATORS, self.dice.randint(0, 1)))
        self.three.mute = set(self.dice.sample(OPERATORS, self.dice.randint(0, 1)))

    def jump(self) -> None:
        """The clocks jump."""
        self.three.clock.set(Instant(NOW + self.dice.randint(-(10**9), 10**9)))

    def lie(self) -> None:
        """Whoever has operator 1's key shows a history of its own making."""
        witness = self.dice.choice(HONEST)
        size = len(self.seen[witness]) + self.dice.choice([-1, 0, 1, 3])
        memory = MemoryLog(
            entries=numbered(max(size, 0), self.dice.choice(["1", "lie"]))
        )
        key = log_of(charter(), LIAR).key
        root = memory.reader().root
        text = write_checkpoint(Checkpoint(key.name, memory.size, root))
        line = Signature(key.name, key.id, keyrings()[0].sign_note(text))
        old = min(len(self.seen[witness]), memory.size)
        proof = prove_consistency(old, memory.size, memory.reader().span)
        note = write_note(Note(text, (line,)))
        answered = self.three.witnesses[witness].add(
            write_asked(Asked(old, proof, note))
        )
        if answered.status == 200:
            self.saw(witness, memory.entries)

    def recover(self) -> None:
        """Everybody is there again: honest logs show all that they have."""
        self.three.absent, self.three.mute = set(), set()
        for operator in HONEST:
            publisher = self.publishers.get(operator) or self.three.publisher(operator)
            while publisher.turn():
                pass
            assert not isinstance(publisher.state, Halted)
            self.expect_own_leaves()
            assert self.shown[operator] == len(self.three.leaves[operator].listed)

    # --- what must hold ---------------------------------------------------------------

    def saw(self, witness: OperatorId, entries: list[bytes]) -> None:
        """Hold what a witness cosigned against all that it cosigned before."""
        before = self.seen[witness]
        assert entries[: len(before)] == before, "a witness cosigned two histories"
        self.seen[witness] = entries

    def expect_one_history(self) -> None:
        """A witness remembers the last that it cosigned, and only ever goes on."""
        for witness in HONEST:
            path = self.three.place(witness, "witness") / f"{LIAR}"
            last = (
                check_signed(path.read_bytes(), log_of(charter(), LIAR)).checkpoint
                if path.exists()
                else Checkpoint("nothing", 0, EMPTY)
            )
            assert last.size >= len(self.seen[witness])
            if last.size > len(self.seen[witness]):  # what operator 1 itself asked for
                self.saw(witness, self.three.leaves[LIAR].listed[: last.size])
            assert last.root == MemoryLog(entries=self.seen[witness]).reader().root

    def expect_own_leaves(self) -> None:
        """An honest log shows a beginning of its leaves, and never less than before."""
        for operator in HONEST:
            note = self.three.log(operator).published()
            if note is not None:
                log = log_of(charter(), operator)
                shown = check_cosigned(note, log).signed.checkpoint
                entries = self.three.leaves[operator].listed[: shown.size]
                assert shown.root == MemoryLog(entries=entries).reader().root
                assert shown.size >= self.shown[operator]
                self.shown[operator] = shown.size

    def expect_just_evidence(self) -> None:
        """What a witness keeps as evidence checks itself, and is of the liar alone."""
        for path in self.three.folder.glob("*/witness/*.fork"):
            assert path.stem == f"{LIAR}"
            read_fork(path.read_bytes(), log_of(charter(), LIAR))


@pytest.mark.parametrize("seed", range(12))
def test_nobody_is_shown_two_histories(memory: Path, seed: int) -> None:
    play = Play(memory, seed)
    for _ in range(STEPS):
        play.step()
    play.recover()


def test_the_plays_see_liars_convicted_and_witnesses_catch_up(memory: Path) -> None:
    """They would prove little if nothing went wrong in them."""
    convicted, behind = 0, 0
    for seed in range(5):
        play = Play(memory / f"{seed}", seed)
        for _ in range(STEPS):
            play.step()
            sizes = {len(play.seen[each]) for each in HONEST}
            behind += len(sizes) > 1
        convicted += bool(list((memory / f"{seed}").glob("*/witness/1.fork")))
    assert convicted > 1
    assert behind > 20
