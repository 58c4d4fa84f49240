"""Row sums: eight bytes by which a damaged, moved or foreign row is known.

    sum(slot, row) = (slot + 1) w_0 + x_0 w_1 + x_1 w_2 + ...   mod 2^64

where x are the row's 32-bit words, little-endian, and w odd numbers drawn by
SHAKE-256 from the segment's header: network, epoch, operator and field.

What it finds: every change of a single word, every row in another slot; any other
damage passes with a chance of 2^-32 at most, over the weights. It is for
accidents. Whoever may write to the operator's disk may write a fitting sum, as with any
sum that has no key. It is one multiplication a word, and so as fast as a disk can be.

Source: Lemire, Kaser, "Strongly universal string hashing is fast", The Computer
Journal 57(11), 2014 (multilinear hashing).
"""

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.ground.names import Slot

SUM_BYTES: Final = 8
WORD_BYTES: Final = 4

Sums = npt.NDArray[np.uint64]


class RowSums:
    """The sums of one segment."""

    def __init__(self, header: bytes, row_bytes: int) -> None:
        """Draw the weights: rows are `row_bytes` long, a multiple of four."""
        words, rest = divmod(row_bytes, WORD_BYTES)
        if rest:
            raise ValueError(f"A row has {row_bytes} bytes, no whole number of words.")
        drawn = hashlib.shake_256(header).digest((words + 1) * SUM_BYTES)
        weights = np.frombuffer(drawn, "<u8").astype(np.uint64) | np.uint64(1)
        self._of_slot, self._of_word = weights[0], weights[1:]

    def of(self, slots: npt.NDArray[np.int64], rows: Words) -> Sums:
        """Return the sums of rows in their slots.

        Shapes: slots int64[n]; rows little-endian [n, length], each row contiguous;
            the result is uint64[n].
        """
        words = rows.view("<u4").astype(np.uint64)
        sums: Sums = words @ self._of_word
        sums += (slots.astype(np.uint64) + np.uint64(1)) * self._of_slot
        return sums


def consecutive(first: Slot, count: int) -> npt.NDArray[np.int64]:
    """Return the slots of `count` rows that stand one after the other."""
    return np.arange(first, first + count, dtype=np.int64)
