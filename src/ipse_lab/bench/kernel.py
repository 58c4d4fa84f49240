"""How close the inner loops come to what a core can do.

    ceiling    a tile's multiply-accumulates on words that stay in registers: no memory,
               no rows, no result but one
    kernel     the same multiply-accumulates as an operator does them: rows from memory,
               sums kept, turned and written

The two take turns on one core, and their ratio is taken within a turn. Times are of the
processor, so that what others take of the machine counts as little as it can. Shares
are uniform 16-bit numbers, and so are the vectors here: the arithmetic can't tell.

A code's masks are multiplied in two digits (`ipse.matching.products`); their nibbles
are four to a word instead of two, and count half.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numba
import numpy as np

from ipse.crypto.stream import KEY_BYTES, Stream
from ipse.ground.params import CODE_LENGTH
from ipse.matching import kernels, lanes, tiles
from ipse.matching.kernels import COMPILE, Array
from ipse.matching.products import code_panels, code_scores, inner_products, panel
from ipse.shares.shamir import TOP_BITS
from ipse_lab.bench import machine

Report = dict[str, Any]

BLOCKS: Final = 2  # of the ceiling's tile: 24 sums, which stand in registers
TALL: Final = min(lanes.SUMS[lanes.Words.PAIRS] // BLOCKS, lanes.MOST_ROWS)
STEPS: Final = 200_000
BLOCK: Final = 1 << 20  # comparisons, as a search cuts them
PLACES: Final = 15  # carries of a sign of 16 bits

_ceiling = tiles.ceiling(lanes.Words.PAIRS, BLOCKS, TALL)


@numba.njit(**{**COMPILE, "cache": False})
def _at_most(count: int, given: Array) -> None:
    _ceiling(count, given)


@dataclass(frozen=True, slots=True)
class Case:
    """One kernel at one size."""

    name: str
    comparisons: int
    products: int  # multiply-accumulates of 16 bits for one comparison
    run: Callable[[], None]


def measure(turns: int, seed: int) -> Report:
    """Measure all kernels in turns with the ceiling."""
    dice = np.random.default_rng(seed)
    cases = (_embeddings(512, 64, 8_192, dice), *_codes(31, 480, dice))
    one = _embeddings(512, 1, 65_536, dice)
    told = [_held_to_the_ceiling(case, turns) for case in cases]
    return {
        "fraction_of_ceiling": min(each["fraction_of_ceiling"] for each in told),
        "cases": told,
        "one_probe": _of_memory(one, turns),
        "ns_per_comparison": {
            name: _ns(run, turns) for name, run in _others(dice).items()
        },
        "lanes": lanes.LANES,
        "products_of_bytes": lanes.HAS_BYTE_PRODUCTS,
        "turns": turns,
        "machine": machine.described(),
    }


def _embeddings(length: int, probes: int, rows: int, dice: np.random.Generator) -> Case:
    asked = panel(dice.integers(0, 1 << 16, (probes, length), np.uint16))
    stored = dice.integers(0, 1 << 16, (rows, length), np.uint16)
    out = np.zeros((probes, rows), np.uint16)
    return Case(
        f"{probes} probes, embeddings of {length}",
        probes * rows,
        length,
        lambda: inner_products(asked, stored, out),
    )


def _codes(turns: int, rows: int, dice: np.random.Generator) -> tuple[Case, Case]:
    """Return the code alone, and the code with its mask."""
    code, low = (
        dice.integers(0, 1 << 16, (turns, CODE_LENGTH), np.uint16) for _ in range(2)
    )
    top = dice.integers(0, 1 << TOP_BITS, (turns, CODE_LENGTH), np.uint8)
    kept = {
        "code": dice.integers(0, 1 << 16, (rows, CODE_LENGTH), np.uint16),
        "mask": dice.integers(0, 1 << 16, (rows, CODE_LENGTH), np.uint16),
        "mask_top": dice.integers(0, 1 << TOP_BITS, (rows, CODE_LENGTH), np.uint8),
    }
    alone, panels = panel(code), code_panels(code, low, top)
    agreements = np.zeros((turns, rows), np.uint16)
    scores = np.zeros((turns, rows), np.uint32)
    return (
        Case(
            f"{turns} rotations, codes of {CODE_LENGTH}",
            turns * rows,
            CODE_LENGTH,
            lambda: inner_products(alone, kept["code"], agreements),
        ),
        Case(
            f"{turns} rotations, codes of {CODE_LENGTH} with their masks",
            turns * rows,
            3 * CODE_LENGTH,  # code, mask, and twice as many nibbles that count half
            lambda: code_scores(panels, kept, scores),
        ),
    )


def _held_to_the_ceiling(case: Case, turns: int) -> Report:
    given = np.arange(TALL * lanes.LANES, dtype=np.int32)
    in_ceiling = STEPS * TALL * BLOCKS * lanes.LANES * 2
    case.run()
    _at_most(1, given)
    ceilings, rates = [], []
    for _ in range(turns):
        ceilings.append(in_ceiling / _seconds(lambda: _at_most(STEPS, given)))
        rates.append(case.comparisons * case.products / _seconds(case.run))
    fractions = [rate / most for rate, most in zip(rates, ceilings, strict=True)]
    return {
        "name": case.name,
        "fraction_of_ceiling": round(statistics.median(fractions), 3),
        "worst_to_best": [round(min(fractions), 3), round(max(fractions), 3)],
        "gmac_per_second": round(statistics.median(rates) / 1e9, 1),
        "ceiling_gmac_per_second": round(statistics.median(ceilings) / 1e9, 1),
        "ns_per_comparison": round(1e9 * case.products / statistics.median(rates), 2),
    }


def _of_memory(case: Case, turns: int) -> Report:
    """A single probe is bound by reading its rows: two bytes a product."""
    ns = _ns(case.run, turns, case.comparisons)
    return {
        "name": case.name,
        "ns_per_comparison": ns,
        "gb_per_second": round(2 * case.products / ns, 1),
    }


def _others(dice: np.random.Generator) -> dict[str, Callable[[], None]]:
    """What else a search does with its comparisons, one block of them."""
    values = dice.integers(0, 1 << 16, BLOCK, np.uint16)
    planes = np.zeros((16, BLOCK // 64), np.uint64)
    run = values.view(np.uint64).reshape(1, 16, -1)
    shape = (3, BLOCK // 3 // 64)
    u, v = (dice.integers(0, 2**64, (3, 16, shape[1]), np.uint64) for _ in range(2))
    own, following, received, one, other, out = (
        dice.integers(0, 2**64, shape, np.uint64) for _ in range(6)
    )
    stream = Stream(dice.bytes(KEY_BYTES))

    def carries() -> None:
        for place in range(PLACES):
            kernels.next_carry(
                0, place, u, v, own, following, received, one, other, out
            )

    def drawn(of: Stream) -> None:
        of.draw(8 * BLOCK)

    return {
        "transposition": lambda: kernels.transpose(run, planes),
        "carries": carries,
        "8 bytes of a stream": lambda: drawn(stream),
    }


def _ns(run: Callable[[], Any], turns: int, comparisons: int = BLOCK) -> float:
    run()
    seconds = [_seconds(run) for _ in range(turns)]
    return round(1e9 * statistics.median(seconds) / comparisons, 3)


def _seconds(run: Callable[[], Any]) -> float:
    began = time.thread_time()
    run()
    return time.thread_time() - began
