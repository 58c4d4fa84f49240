"""NumPy: one float32 matrix product and a comparison, in the clear.

Entries are integers below 2^7 and sums stay below 2^24, which float32 represents
exactly: every bit must be right. Rows are taken in blocks that stay in the cache.
"""

import sys
from typing import Final

import numpy as np

from ipse_lab.bench.peers.exchange import Bits, Plain, Task, attend

BLOCK: Final = 4_096  # rows; their scores for 64 probes are 1 MB


class Blas(Plain):
    """One process, as many threads as its environment allows BLAS."""

    def __init__(self, task: Task) -> None:
        """Turn the vectors into float32."""
        self._rule = task.rule
        probes = task.probes.astype(np.float32)
        if task.rule.is_code:
            probes[:, : task.rule.length] *= task.rule.agreement
            probes[:, task.rule.length :] *= -task.rule.weight
        self._probes = np.ascontiguousarray(probes.T)
        self._references = task.references.astype(np.float32)
        self._found = np.empty((task.rule.records, task.rule.probes), np.bool_)
        self._joined = np.empty(task.rule.records, np.bool_)

    def run(self) -> None:
        """Score all rows, a block at a time."""
        lowest = 1 if self._rule.is_code else self._rule.threshold
        for start in range(0, self._rule.records, BLOCK):
            rows = slice(start, start + BLOCK)
            scores = self._references[rows] @ self._probes
            np.greater_equal(scores, lowest, out=self._found[rows])
        if self._rule.is_code:
            np.any(self._found, axis=1, out=self._joined)

    def answers(self) -> Bits:
        """See Peer."""
        if self._rule.is_code:
            return self._joined[np.newaxis]
        return self._found.T


if __name__ == "__main__":
    attend(Blas, sys.argv[1:], "numpy")
