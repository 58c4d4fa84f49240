"""SecretFlow SPU: ABY3 among three processes, only match bits opened.

Three processes over loopback brpc (no TLS), replicated shares in a 32-bit ring, the
smallest that SPU has. Products are matrix times vector, one for each probe: measured,
that is many times faster in SPU 0.9.5 than its product of two matrices. A code's
weights are folded into the probe, so that code and mask are one product.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
import spu
from spu import libspu
from spu.experimental import reveal
from spu.utils import frontend

from ipse_lab.bench.peers.exchange import Bits, Rule, Task, attend

RANKS: Final = 3
PATIENCE_MS: Final = 300_000
NAMES: Final = ("probes", "references")
ANSWER: Final = "matches"
SECRET: Final = libspu.Visibility.VIS_SECRET
SENT: Final = re.compile(r"Link details: total send bytes (\d+)")


class Aby3:
    """One of three parties."""

    def __init__(self, task: Task) -> None:
        """Meet the two others, take one's shares, and compile."""
        self._rank, self._folder = task.rank, task.folder
        described = libspu.link.Desc()
        described.recv_timeout_ms = PATIENCE_MS
        for rank, port in enumerate(task.ports):
            described.add_party(f"party {rank}", f"127.0.0.1:{port}")
        self._link = libspu.link.create_brpc(described, task.rank)
        vectors = _integers(task)
        self._program = _compiled(task.rule, vectors)
        if task.rank == 0:
            _share(self._folder, vectors)
        self.meet()
        self._sent, self._each_sends = 0, self._profiled()
        self._runtime = self._started(_configured())

    def meet(self) -> None:
        """See Peer."""
        self._link.barrier()

    def run(self) -> None:
        """Run the program; opening the match bits is its last step."""
        self._runtime.run(self._program)
        self._sent += self._each_sends

    def answers(self) -> Bits:
        """See Peer. What was opened lies in the clear at each party."""
        opened = self._runtime.get_var(ANSWER)
        bits = spu.Io(RANKS, _configured()).reconstruct([opened] * RANKS)
        return np.atleast_2d(bits).astype(np.bool_)

    def sent_bytes(self) -> int:
        """See Peer. As SPU's own profile of one run counts them."""
        return self._sent

    def _started(self, configured: Any) -> Any:  # noqa: ANN401 (spu's have no types)
        runtime = spu.Runtime(self._link, configured)
        for name in NAMES:
            runtime.set_var(name, _read(self._folder / f"{name}-{self._rank}"))
        return runtime

    def _profiled(self) -> int:
        """Run once with SPU's profile on, and read what it prints."""
        configured = _configured()
        configured.enable_pphlo_profile = True
        printed = self._folder / f"profile-{self._rank}"
        with _printing_to(printed):
            self._started(configured).run(self._program)
        told = SENT.search(printed.read_text())
        return int(told.group(1)) if told else 0


def _configured() -> Any:  # noqa: ANN401 (spu's have no types)
    return libspu.RuntimeConfig(
        protocol=libspu.ProtocolKind.ABY3, field=libspu.FieldType.FM32
    )


def _integers(task: Task) -> list[Any]:
    """Give probes and references as the program takes them."""
    probes = task.probes.astype(np.int32)
    if task.rule.is_code:
        probes[:, : task.rule.length] *= task.rule.agreement
        probes[:, task.rule.length :] *= -task.rule.weight
    return [probes, task.references.astype(np.int32)]


def _compiled(rule: Rule, vectors: list[Any]) -> Any:  # noqa: ANN401 (spu's have no types)
    program, _ = frontend.compile(
        frontend.Kind.JAX,
        _written(rule),
        vectors,
        {},
        list(NAMES),
        [SECRET] * len(NAMES),
        lambda _outputs: [ANSWER],
    )
    return program


def _written(rule: Rule) -> Callable[[jax.Array, jax.Array], jax.Array]:
    def matching(probes: jax.Array, references: jax.Array) -> jax.Array:
        scores = jnp.stack([references @ probes[each] for each in range(rule.probes)])
        if rule.is_code:
            return reveal(jnp.any(scores > 0, axis=0))
        return reveal(scores >= rule.threshold)

    return matching


def _share(folder: Path, vectors: list[Any]) -> None:
    cutting = spu.Io(RANKS, _configured())
    for name, vector in zip(NAMES, vectors, strict=True):
        for rank, share in enumerate(cutting.make_shares(vector, SECRET)):
            kept = folder / f"{name}-{rank}"
            kept.with_suffix(".meta").write_bytes(share.meta)
            for number, chunk in enumerate(share.share_chunks):
                kept.with_suffix(f".{number}").write_bytes(chunk)


def _read(kept: Path) -> Any:  # noqa: ANN401 (spu's have no types)
    share = libspu.Share()
    share.meta = kept.with_suffix(".meta").read_bytes()
    chunks = len(list(kept.parent.glob(f"{kept.name}.*"))) - 1
    share.share_chunks = [
        kept.with_suffix(f".{number}").read_bytes() for number in range(chunks)
    ]
    return share


@contextmanager
def _printing_to(path: Path) -> Iterator[None]:
    """Send what the library prints into a file for a while."""
    kept = [os.dup(number) for number in (1, 2)]
    with path.open("wb") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
    try:
        yield
    finally:
        for number, before in zip((1, 2), kept, strict=True):
            os.dup2(before, number)
            os.close(before)


if __name__ == "__main__":
    attend(Aby3, sys.argv[1:], "spu")
