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

An entry's rules are tested in 32 bits, so two of them pin the entry to its range. After
that no sum wraps: a squared norm is at most LENGTH * ENTRY_BOUND^2 < 2^22, and so the
sums' rules are tested in 23 bits, which is fewer rounds. What fails an entry's rule
fails, whatever its sums say.
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
from ipse.matching import kernels, lookup
from ipse.matching.rounds import Computation, together
from ipse.matching.seat import SEATS, Place
from ipse.matching.signs import WORD, Bits, by_components, split
from ipse.matching.zero_test import none_set, toss
from ipse.shares.replicated import Part, Vector

SUM_BITS: Final = 23
"""Bits of the ring in which sums are tested: they and their bounds differ by less than
2^22 once every entry passed."""

ENTRY_LEVELS: Final = 3
SUM_LEVELS: Final = 2
"""Halvings of the carries: 8 digits of 4 bits, and 4 of 6. Sums need one round more
before (the split), entries one more after, so all end together after 4 rounds."""

_GROUPED: Final = SEATS * WORD


def well_formed(
    place: Place, parts: tuple[Part, ...]
) -> Computation[npt.NDArray[np.bool_]]:
    """Open one bit a probe: do all of its vectors keep all rules?

    Run by: each seat, before a reference is stored, in 5 rounds.
    Shapes: bool[probes].
    """
    (found, _), coin = yield from together(
        flaws(place, parts, _no_scores(parts)), toss(place)
    )
    return (yield from none_set(place, coin, found))


def flaws(
    place: Place, parts: tuple[Part, ...], scores: Vector
) -> Computation[tuple[Bits, Bits]]:
    """Secret bits, one for each rule and entry of each vector: set where it is broken.

    Other numbers have their signs tested in the same rounds: a score less its
    threshold. Whether it means anything is only known once no flaw is found.

    Run by: each seat, in 4 rounds.

    Shapes: the parts' components are uint32[probes, length]; scores are this seat's
    additive shares, uint32[probes, scores] mod 2^SUM_BITS. Twice uint64[groups,
    probes, words] comes back: flaws, and which scores are not negative; places without
    a rule or a score are clear.
    """
    first, second, constants = (
        np.concatenate(each, axis=-1)
        for each in zip(*map(_entry_rules, parts), strict=True)
    )
    entries = by_components(place, first, second, constants)
    rules = np.concatenate([_sum_rules(place, part) for part in parts], axis=-1)
    of_entries, of_sums = yield from together(
        lookup.negative(place, entries, UPLOAD_BITS, ENTRY_LEVELS),
        _signs(place, np.concatenate([rules, scores], axis=-1)),
    )
    lanes = _lanes(0, rules.shape[-1])
    found = Bits(
        np.concatenate([of_entries.own, of_sums.own & lanes], axis=-1),
        np.concatenate([of_entries.following, of_sums.following & lanes], axis=-1),
    )
    count = scores.shape[-1]
    return found, of_sums.inverted(place, _lanes(rules.shape[-1], count))


def _signs(place: Place, shares: Vector) -> Computation[Bits]:
    """Signs of numbers of SUM_BITS bits that are shared additively: [probes, numbers].

    They are few, so they stand in one word of the first group.
    """
    probes, count = shares.shape
    run = np.zeros((SEATS, probes, WORD), np.uint32)
    run[0, :, :count] = shares
    addends = yield from split(place, run, UPLOAD_BITS)
    return (yield from lookup.negative(place, addends, SUM_BITS, SUM_LEVELS))


def _lanes(start: int, count: int) -> npt.NDArray[np.uint64]:
    """Public lanes of some of the numbers that `_signs` tests: uint64[groups, 1, 1]."""
    places = np.zeros((SEATS, 1, WORD), np.bool_)
    places[0, 0, start : start + count] = True
    return kernels.pack(places, UPLOAD_BITS)


def _no_scores(parts: tuple[Part, ...]) -> Vector:
    return np.zeros((len(parts[0].first), 0), np.uint32)


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
    """This seat's additive shares of the sums' rules: uint32[probes, rules]."""
    squares = _squares(part)
    if part.form is Form.CODE:
        # each component is counted once, by the seat whose own it is
        valid = part.first[:, CODE_LENGTH:].sum(axis=-1, dtype=np.uint32)
        rules = [squares - valid, valid]
        constants = [0, -MIN_VALID_BITS]
    else:
        rules = [squares, np.negative(squares)]
        constants = [-NORM_LOW[part.form], NORM_HIGH[part.form]]
    shares: Vector = np.stack(rules, axis=-1)
    if place.seat == 0:
        shares += np.array(constants, np.int64).astype(np.uint32)
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
    length = values.shape[-1]
    padded = np.zeros((*values.shape[:-1], length + -length % _GROUPED), np.uint32)
    padded[..., :length] = values
    return padded
