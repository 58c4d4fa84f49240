"""Masked codes as bits, in the clear: XOR, AND and a population count, compiled.

Agreements minus disagreements is the count of jointly valid bits, less twice the
count of those that differ. The loop is compiled by Numba; the compiler turns the
arithmetic below into the processor's own instruction where there is one.
"""

import sys
from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt

from ipse_lab.bench.peers.exchange import Bits, Bytes, Plain, Task, attend

WORD: Final = 64
Words = npt.NDArray[np.uint64]
compiled: Any = numba.njit(nogil=True, cache=False)


@compiled  # type: ignore[untyped-decorator]  # numba ships no types
def _count(word: np.uint64) -> np.uint64:
    # the textbook's count, which LLVM recognises
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled  # type: ignore[untyped-decorator]  # numba ships no types
def _search(
    probe: Words, valid: Words, codes: Words, masks: Words, rule: Words, found: Bits
) -> None:
    agreement, weight = np.int64(rule[0]), np.int64(rule[1])
    for row in range(codes.shape[0]):
        matched: bool | np.bool_ = False
        for turn in range(probe.shape[0]):
            differing, joint = np.uint64(0), np.uint64(0)
            for word in range(codes.shape[1]):
                both = valid[turn, word] & masks[row, word]
                joint += _count(both)
                differing += _count((probe[turn, word] ^ codes[row, word]) & both)
            dot = np.int64(joint) - 2 * np.int64(differing)
            matched |= agreement * dot > weight * np.int64(joint)
        found[row] = matched


class Popcount(Plain):
    """One process, one thread."""

    def __init__(self, task: Task) -> None:
        """Pack the codes, and compile."""
        length = task.rule.length
        self._probe, self._valid = _packed(task.probes, length)
        self._codes, self._masks = _packed(task.references, length)
        self._rule = np.array([task.rule.agreement, task.rule.weight], np.uint64)
        self._found = np.empty(task.rule.records, np.bool_)
        self.run()  # compiles

    def run(self) -> None:
        """Search all rows, every rotation."""
        _search(
            self._probe,
            self._valid,
            self._codes,
            self._masks,
            self._rule,
            self._found,
        )

    def answers(self) -> Bits:
        """See Peer."""
        return self._found[np.newaxis]


class NumpyPopcount(Popcount):
    """The same by NumPy's own bitwise_count, a row block at a time."""

    BLOCK: Final = 64  # rows; their words fit the second cache

    def run(self) -> None:
        """Search all rows, every rotation."""
        agreement, weight = self._rule.astype(np.int64)
        for start in range(0, len(self._codes), self.BLOCK):
            rows = slice(start, start + self.BLOCK)
            matched = np.zeros(len(self._codes[rows]), np.bool_)
            for probe, valid in zip(self._probe, self._valid, strict=True):
                both = valid & self._masks[rows]
                joint = np.bitwise_count(both).sum(axis=1, dtype=np.int64)
                unlike = (probe ^ self._codes[rows]) & both
                differing = np.bitwise_count(unlike).sum(axis=1, dtype=np.int64)
                matched |= agreement * (joint - 2 * differing) > weight * joint
            self._found[rows] = matched


def _packed(vectors: Bytes, length: int) -> tuple[Words, Words]:
    """Bits of codes and masks, zeros at the end: each uint64[vectors, words]."""
    padded = -length % WORD
    halves = (vectors[:, :length] > 0, vectors[:, length:] > 0)
    code, mask = (
        np.packbits(np.pad(half, ((0, 0), (0, padded))), axis=1).view(np.uint64)
        for half in halves
    )
    return code, mask


if __name__ == "__main__":
    if sys.argv[4:] == ["numpy"]:
        attend(NumpyPopcount, sys.argv[1:4], "numpy")
    else:
        attend(Popcount, sys.argv[1:4], "numba")
