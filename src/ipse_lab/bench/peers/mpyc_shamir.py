"""MPyC: Shamir's sharing among three processes, only match bits opened.

Semi-honest, one corrupted of three, as Ipse is; a prime field instead of a ring, and
Python with NumPy instead of compiled kernels. Three processes over loopback TCP, no
TLS. Integers have as many bits as a score needs, no more.
"""

import sys
from typing import Any, Final

import numpy as np

from ipse_lab.bench.peers.exchange import Bits, Task, attend

SCORE_BITS: Final = 17  # |score| stays below 2^15, |score - threshold| below 2^16


class Shamir:
    """One of three parties."""

    def __init__(self, task: Task) -> None:
        """Meet the two others and share the vectors."""
        addresses = [f"-P127.0.0.1:{port}" for port in task.ports]
        # MPyC reads its parties from the command line when it is imported
        sys.argv = [sys.argv[0], *addresses, f"-I{task.rank}", "--no-log"]
        from mpyc.runtime import mpc  # noqa: PLC0415 (see above)

        self._mpc, self._threshold = mpc, task.rule.threshold
        mpc.run(mpc.start())
        whole = mpc.SecInt(SCORE_BITS)
        self._probes, self._references = (
            mpc.input(whole.array(np.asarray(vectors, np.object_)), senders=0)
            for vectors in (task.probes, task.references.T)
        )
        self._found: Bits = np.zeros((0, 0), np.bool_)

    def meet(self) -> None:
        """See Peer."""
        self._mpc.run(self._mpc.transfer(0))

    def run(self) -> None:
        """Multiply, compare, open the bits."""
        self._found = self._mpc.run(self._searched())

    async def _searched(self) -> Bits:
        scores = self._mpc.np_matmul(self._probes, self._references)
        matching: Any = scores >= self._threshold
        opened = await self._mpc.output(matching)
        return np.asarray(opened, np.int64).astype(np.bool_)

    def answers(self) -> Bits:
        """See Peer."""
        return self._found

    def sent_bytes(self) -> int:
        """See Peer."""
        others = (party for party in self._mpc.parties if party.pid != self._mpc.pid)
        return sum(party.protocol.nbytes_sent for party in others)


if __name__ == "__main__":
    attend(Shamir, sys.argv[1:], "mpyc")
