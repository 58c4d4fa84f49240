"""Is this vector one that an honest wallet could have sent? Decided in secret.

A hostile wallet may send any bytes. Unchecked, uniform garbage is accepted about
every second time, a long vector is accepted by everybody and a short one is found by
nobody. Every rule is a sign test in the ring of 32 bits: the value must not be
negative. For an embedding x, entry by entry and once for the whole::

    x + ENTRY_BOUND,  ENTRY_BOUND - x          each entry is in range
    |x|^2 - NORM_LOW, NORM_HIGH - |x|^2        the norm is neither short nor long

and for a code c with its mask m::

    m,  1 - m,  m - c,  m + c                  m is a bit and |c| <= m
    |c|^2 - sum m                              so c is zero only where m is
    sum m - MIN_VALID_BITS                     enough bits are valid

A value passes as signed number of 32 bits, so two tests pin an entry to its range,
and after that no sum wraps: the squared norm is below LENGTH * ENTRY_BOUND^2 < 2^23.
Hence the bounds of `ipse.ground.params` hold for whatever passes. That both holders of
a component hold the same is checked before, by digests.

Specification: docs/spec/matching.md, section 3.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.ground.params import (
    CODE_LENGTH,
    ENTRY_BOUND,
    MIN_VALID_BITS,
    NORM_HIGH,
    NORM_LOW,
    UPLOAD_BITS,
)
from ipse.matching.rounds import Computation, together
from ipse.matching.seat import SEATS, Place
from ipse.matching.signs import WORD, Bits, Circuit, by_components, negative, split
from ipse.matching.zero_test import none_set, toss
from ipse.shares.replicated import Part, Vector

_GROUPED: Final = SEATS * WORD


def flaws(place: Place, part: Part) -> Computation[Bits]:
    """Secret bits, one for each rule and entry: set where the rule is broken.

    Run by: each seat, in 1 + 2 + 1 + 5 rounds.
    Shapes: the part's components are uint32[probes, length]; uint64[groups, probes,
        words] comes back, places without a rule are clear.
    """
    first, second, constants = _entry_rules(part)
    entries = by_components(place, first, second, constants)
    sums = yield from split(place, _sum_rules(place, part))
    addends = np.concatenate([entries, sums], axis=-1)
    return (yield from negative(place, addends, UPLOAD_BITS, Circuit.PREFIX))


def well_formed(
    place: Place, parts: tuple[Part, ...]
) -> Computation[npt.NDArray[np.bool_]]:
    """Open one bit a probe: do all of its vectors keep all rules?

    Run by: each seat, before a reference is stored, and by `verify` in its own rounds.
    Shapes: bool[probes].
    """
    found, coin = yield from together(all_flaws(place, parts), toss(place))
    return (yield from none_set(place, coin, found))


def all_flaws(place: Place, parts: tuple[Part, ...]) -> Computation[Bits]:
    """The flaws of several vectors of the same probes, in the same rounds."""
    if len(parts) == 1:
        return (yield from flaws(place, parts[0]))
    one, others = yield from together(
        flaws(place, parts[0]), all_flaws(place, parts[1:])
    )
    return Bits(
        np.concatenate([one.own, others.own], axis=-1),
        np.concatenate([one.following, others.following], axis=-1),
    )


def _entry_rules(part: Part) -> tuple[Vector, Vector, Vector]:
    """Both components of the entries' rules, and the constants, padded alike."""
    rules: list[Vector] = []
    pairs = []
    for component in (part.first, part.second):
        if part.form is Form.CODE:
            code, mask = component[:, :CODE_LENGTH], component[:, CODE_LENGTH:]
            rules = [mask, np.negative(mask), mask - code, mask + code]
        else:
            rules = [component, np.negative(component)]
        pairs.append(_padded(np.concatenate(rules, axis=-1)))
    constants = [0, 1, 0, 0] if part.form is Form.CODE else [ENTRY_BOUND, ENTRY_BOUND]
    public = np.repeat(np.array(constants, np.uint32), rules[0].shape[-1])
    return pairs[0], pairs[1], _padded(public)


def _sum_rules(place: Place, part: Part) -> Vector:
    """This seat's additive shares of the sums' rules: uint32[groups, probes, WORD]."""
    squares = _squares(part)
    if part.form is Form.CODE:
        # each component is counted once, by the seat whose own it is
        valid = part.first[:, CODE_LENGTH:].sum(axis=-1, dtype=np.uint32)
        rules = [squares - valid, valid]
        constants = [0, -MIN_VALID_BITS]
    else:
        rules = [squares, np.negative(squares)]
        constants = [-NORM_LOW[part.form], NORM_HIGH[part.form]]
    shares = np.zeros((SEATS, len(squares), WORD), np.uint32)
    for index, (rule, constant) in enumerate(zip(rules, constants, strict=True)):
        public = np.uint32(constant % (1 << UPLOAD_BITS) if place.seat == 0 else 0)
        shares[0, :, index] = rule + public
    return shares


def _squares(part: Part) -> Vector:
    """This seat's additive share of the squared norm (of the code, not its mask).

    (x_0 + x_1 + x_2)^2 has three squares and three double products, one each a seat.
    """
    length = CODE_LENGTH if part.form is Form.CODE else part.first.shape[-1]
    own, following = part.first[:, :length], part.second[:, :length]
    shares: Vector = (own * (own + 2 * following)).sum(axis=-1, dtype=np.uint32)
    return shares


def _padded(values: Vector) -> Vector:
    """Fill up with zeros, which break no rule, to whole words in each group."""
    missing = -values.shape[-1] % _GROUPED
    return np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, missing)])
