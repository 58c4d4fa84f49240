"""faiss: an exact range search by inner product, in the clear.

`IndexFlatIP.range_search` returns every row whose score is above the radius. Scores
are integers, so half below the threshold is the threshold.
"""

import sys

import faiss
import numpy as np

from ipse_lab.bench.peers.exchange import Bits, Plain, Task, attend


class Flat(Plain):
    """One process; its environment says how many threads."""

    def __init__(self, task: Task) -> None:
        """Fill the index."""
        self._rule = task.rule
        self._probes = task.probes.astype(np.float32)
        self._index = faiss.IndexFlatIP(task.rule.length)
        self._index.add(task.references.astype(np.float32))

    def run(self) -> None:
        """Search."""
        self._ends, _, self._rows = self._index.range_search(
            self._probes, self._rule.threshold - 0.5
        )

    def answers(self) -> Bits:
        """See Peer."""
        found = np.zeros((self._rule.probes, self._rule.records), np.bool_)
        asked = np.repeat(
            np.arange(self._rule.probes), np.diff(self._ends.astype(np.int64))
        )
        found[asked, self._rows] = True
        return found


if __name__ == "__main__":
    attend(Flat, sys.argv[1:], "faiss-cpu")
