"""The story: what happens in the demonstration, scene by scene.

    three operators start · a photo becomes a template · a thousand strangers enrol ·
    Eileen Collins enrols · disks are read · she comes back with another photo ·
    Grace Hopper tries with her key · she enrols a second time · 21 probes meet all
    records, and every bit is held against plain arithmetic · she erases, and comes
    back once more

Everything a person does here goes through the wallet (`ipse.owner`), everything a
laboratory does through `laboratory`; the three operators are processes of their own.
What only the owner's side could know (templates, scores) never leaves this process.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.ground.names import OPERATORS, Form, Outcome, Purpose
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.owner.courier import HttpsCourier
from ipse.owner.request import Body
from ipse.owner.vault import FileVault, wallet_path
from ipse.owner.wallet import Owner
from ipse.template.distance import scores
from ipse_lab.demo.cast import Cast, assemble
from ipse_lab.demo.disks import face_rows
from ipse_lab.demo.engine import compile_engine, is_compiled
from ipse_lab.demo.laboratory import Laboratory
from ipse_lab.demo.stage import Stage, laboratory_network

REFERENCES: Final = 1_000
PASSPHRASE_BYTES: Final = 16

Bytes: TypeAlias = npt.NDArray[np.uint8]


Find: TypeAlias = Callable[[object], None]
"""What was found in a scene is told to this."""


class Narrator(Protocol):
    """Tells a person what happens while it happens."""

    def scene(self, sentence: str) -> AbstractContextManager[Find]:
        """Announce a scene; at its end say that it is over, and what was found."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that was seen, by whoever saw it."""

    cast: Cast
    pids: tuple[int, ...]
    outcomes: dict[str, Outcome]  # by scene
    disks: tuple[Bytes, ...]  # uint8[records, row's bytes], each operator's
    erased_rows: tuple[Bytes, ...]  # uint8[row's bytes], her row after the erasure
    bits: npt.NDArray[np.bool_]  # [probes, records], opened by the operators
    scores: npt.NDArray[np.int64]  # [probes, records], in plain: the owner's side only
    genuine: int  # score of the second photo
    impostor: int  # score of the stranger
    threshold: int
    seconds: dict[str, float]  # by scene


@dataclass(slots=True)
class Story:
    """One performance."""

    narrator: Narrator
    seconds: dict[str, float] = field(default_factory=dict)

    def perform(self) -> Seen:
        """Play all scenes.

        Raises: IpseError: whatever stops the play; no process is left behind.
        """
        if not is_compiled():
            with self.scene("compile", "The engine is compiled, once on this machine"):
                compile_engine()
        with ExitStack() as curtain:
            with self.scene(
                "start", "Three operators start, each a process of its own"
            ):
                stage = curtain.enter_context(laboratory_network())
            courier = curtain.enter_context(HttpsCourier(stage.charter.charter))
            seen = self._play(stage, courier)
            with self.scene("stop", "The operators stop, and their disks are removed"):
                curtain.close()
        return seen

    @contextmanager
    def scene(self, name: str, sentence: str) -> Iterator[Find]:
        """Tell and time one scene."""
        start = time.monotonic()
        with self.narrator.scene(sentence) as find:
            yield find
        self.seconds[name] = round(time.monotonic() - start, 3)

    def _play(self, stage: Stage, courier: HttpsCourier) -> Seen:
        laboratory = Laboratory(stage.charter, courier, SystemClock(), SystemEntropy())
        eileen, again = (_owner(stage, courier, name) for name in ("eileen", "again"))
        said: dict[str, Outcome] = {}
        records = REFERENCES + 1

        def act(
            name: str, sentence: str, who: Owner, what: Purpose, body: Body
        ) -> None:
            with self.scene(name, sentence) as find:
                said[name] = who.want(what, body).outcome
                find(said[name])

        with self.scene("templates", "Photos become templates, on the owner's device"):
            cast = assemble(REFERENCES)
        with self.scene("seed", f"{REFERENCES:,} invented people are enrolled"):
            laboratory.seed(cast.references)
        act("enrol", "Eileen Collins enrols", eileen, Purpose.ENROL, cast.portrait)
        with self.scene("read_disks", "The operators' disks are read, as by a thief"):
            disks = _rows(stage, records)
        act(
            "recognise",
            "She comes back, in a second capture",
            eileen,
            Purpose.VERIFY,
            cast.capture,
        )
        act(
            "refuse",
            "Grace Hopper comes, with Collins's key",
            eileen,
            Purpose.VERIFY,
            cast.impostor,
        )
        act(
            "duplicate",
            "Collins enrols once more, as somebody else",
            again,
            Purpose.ENROL,
            cast.capture,
        )
        with self.scene(
            "compare", f"{len(cast.probes)} probes meet {records:,} records"
        ) as find:
            bits = np.array([laboratory.match_bits(p, records) for p in cast.probes])
            find(f"{bits.sum()} of {bits.size:,} match")
        with self.scene("erase", "Collins erases her record") as find:
            said["erase"] = eileen.want(Purpose.ERASE).outcome
            find(said["erase"])
        act(
            "after",
            "She comes back once more",
            eileen,
            Purpose.VERIFY,
            cast.capture,
        )
        left = _rows(stage, records)
        portrait, capture, impostor = (
            _faces([body]) for body in (cast.portrait, cast.capture, cast.impostor)
        )
        return Seen(
            cast=cast,
            pids=stage.pids,
            outcomes=said,
            disks=disks,
            erased_rows=tuple(rows[REFERENCES] for rows in left),
            bits=bits,
            scores=scores(
                _faces(cast.probes), np.vstack([_faces(cast.references), portrait])
            ),
            genuine=int(scores(capture, portrait)[0, 0]),
            impostor=int(scores(impostor, portrait)[0, 0]),
            threshold=stage.charter.charter.thresholds_for((Form.FACE,)).verify,
            seconds=self.seconds,
        )


def _owner(stage: Stage, courier: HttpsCourier, name: str) -> Owner:
    """A person with a wallet of their own, under a passphrase that nobody knows."""
    entropy = SystemEntropy()
    path = wallet_path(stage.home, name)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    vault = FileVault(path, entropy.draw(PASSPHRASE_BYTES).hex(), entropy)
    return Owner(stage.charter, vault, courier, SystemClock(), entropy)


def _rows(stage: Stage, count: int) -> tuple[Bytes, ...]:
    return tuple(face_rows(stage.home, operator, count) for operator in OPERATORS)


def _faces(bodies: Sequence[Body]) -> npt.NDArray[np.integer]:
    return np.stack([body[Form.FACE] for body in bodies])
