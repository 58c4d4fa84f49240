"""Match bits, one for every row: measurements and the laboratory, no network of people.

An operator serves this only where the charter says `laboratory`: it tells which
records a probe matches, which the two questions of `ipse.matching.verify` never do.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.ground.params import ROTATIONS
from ipse.matching import kernels
from ipse.matching.compare import (
    Alive,
    Asked,
    Parts,
    ask,
    matches,
    own_places,
    window_of,
    windows,
)
from ipse.matching.rounds import Computation, Round, Undertaking, in_blocks, words
from ipse.matching.seat import Place
from ipse.matching.signs import Bits, Circuit, both, circuit_for
from ipse.shares.shamir import Row


def match_bits(
    place: Place,
    parts: Parts,
    rows: Row,
    alive: Alive,
    threshold: int,
    circuit: Circuit | None = None,
    turns: int = ROTATIONS,
) -> Undertaking[npt.NDArray[np.bool_]]:
    """Open one match bit for each probe and row; a code's rotations are joined first.

    Shapes: the parts' components are uint32[probes, length], of a code one probe; rows
        are [rows, length] by field, alive is bool[rows]; bool[probes, rows] comes back.
    """
    asking = ask(place, parts, threshold, turns)
    probes = 1 if Form.CODE in parts else asking.probes
    bits = np.zeros((probes, len(alive)), np.bool_)
    blocks = windows(len(alive), asking)
    fitting = circuit or circuit_for(len(alive) * asking.probes)
    yield from in_blocks(
        _opened(
            own,
            asking,
            window_of(rows, window),
            alive[window],
            fitting,
            _Opening(bits.view(np.uint8), window),
        )
        for own, window in zip(own_places(place, len(blocks)), blocks, strict=True)
    )
    return bits


@dataclass(frozen=True, slots=True, eq=False)
class _Opening:
    """Where a block's opened bits belong."""

    bits: npt.NDArray[np.uint8]  # [probes, all rows]
    window: slice


def _opened(
    place: Place,
    asking: Asked,
    rows: Row,
    alive: Alive,
    circuit: Circuit,
    opening: _Opening,
) -> Computation[None]:
    found = yield from matches(place, asking, rows, alive, circuit)
    if asking.code:
        found = yield from _any_probe(place, found)
    opened = yield Round(to_next=found.own, from_prev=found.own.nbytes)
    missing = words(opened.from_prev, found.own.shape)
    lanes = (found.own ^ found.following ^ missing).view(f"<u{asking.lane_bits // 8}")
    window = opening.window
    kernels.spread(lanes, opening.bits, window.start, window.stop)


def _any_probe(place: Place, bits: Bits) -> Computation[Bits]:
    """The or over the probe axis, halving it each round: not (not a and not b)."""
    every = np.uint64(2**64 - 1)
    lanes = np.full(bits.own.shape, every)
    none = bits.inverted(place, lanes)
    while none.own.shape[1] > 1:
        pairs = none.own.shape[1] // 2
        joined = yield from both(
            place, _slice(none, 0, pairs), _slice(none, pairs, 2 * pairs)
        )
        odd = _slice(none, 2 * pairs, none.own.shape[1])
        none = Bits(
            np.concatenate([joined.own, odd.own], axis=1),
            np.concatenate([joined.following, odd.following], axis=1),
        )
    return none.inverted(place, np.full(none.own.shape, every))


def _slice(bits: Bits, start: int, stop: int) -> Bits:
    return Bits(
        np.ascontiguousarray(bits.own[:, start:stop]),
        np.ascontiguousarray(bits.following[:, start:stop]),
    )
