"""The template: one integer vector of one form. The secret that this house is about.

An embedding becomes a template by

    v = embedding / |embedding| - mean        the mean over many people, public
    x = rint(SCALE v / |v|)                   integers

so that a score is a plain inner product, and the ring of 16 bits holds every one.
`Template` accepts no squared norm outside NORM_LOW to NORM_HIGH, so Cauchy-Schwarz
gives |<x, y>| <= NORM_HIGH for two templates of one form, and for a face and a voice
together |score| <= NORM_HIGH[FACE] + NORM_HIGH[VOICE]. SCALE is chosen (checked in
`ipse.ground.params`) so that with THRESHOLD_BOUND this is 2^15 - 1 at most: then
score - threshold lies in [-2^15, 2^15) for every |threshold| <= THRESHOLD_BOUND.

A code is 12,800 entries in {-1, 0, 1}, then its mask, which is each entry's square.

Comparing is `ipse.template.distance`; which embeddings there are, `face` and `voice`.
"""

from dataclasses import dataclass
from typing import Final, NoReturn

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.ground.params import (
    CODE_LENGTH,
    ENTRY_BOUND,
    LENGTH,
    MIN_VALID_BITS,
    NORM_HIGH,
    NORM_LOW,
    SCALE,
)

Vector = npt.NDArray[np.int16]
Floats = npt.NDArray[np.floating]

_TINY: Final = 1e-6
"""Length below which an embedding has no direction."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Template:
    """An integer vector that passes every check of well-formedness. Secret."""

    form: Form
    values: Vector  # int16[LENGTH[form]]

    def __post_init__(self) -> None:
        """Refuse what the operators would refuse.

        Raises:
            Malformed: naming the rule broken.
        """
        if self.values.dtype != np.int16 or self.values.shape != (LENGTH[self.form],):
            raise Malformed(
                f"{self.form} template: not {LENGTH[self.form]} integers of 16 bits"
            )
        wide = self.values.astype(np.int64)
        if self.form is Form.CODE:
            _require_code(wide[:CODE_LENGTH], wide[CODE_LENGTH:])
        else:
            _require_embedding(self.form, wide)

    def __repr__(self) -> str:
        """Show the form alone."""
        return f"Template({self.form}, hidden)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied out."""
        raise TypeError("a template stays in this process")


def quantised(form: Form, embedding: Floats, mean: Floats) -> Template:
    """Turn one embedding into a template.

    Run by: the owner's device.

    Args:
        form: FACE or VOICE.
        embedding: floats[LENGTH[form]], of any length in space but zero.
        mean: floats[LENGTH[form]], the public mean of unit embeddings.

    Raises:
        Malformed: a wrong length, NaN or an infinity, no direction, or (seven standard
            deviations away) a rounded norm outside the bounds.
    """
    if embedding.shape != (LENGTH[form],):
        raise Malformed(f"{form} embedding: not {LENGTH[form]} numbers; take it again")
    if not np.isfinite(embedding).all():
        raise Malformed(f"{form} embedding: holds NaN or infinity; take it again")
    centred = _unit(form, embedding) - mean
    scaled = np.rint(SCALE[form] * _unit(form, centred))
    if np.abs(scaled).max() > ENTRY_BOUND:
        raise Malformed(f"{form} embedding: one number outweighs all; take it again")
    return Template(form, scaled.astype(np.int16))


def _unit(form: Form, vector: Floats) -> npt.NDArray[np.float64]:
    wide = vector.astype(np.float64)
    length = np.linalg.norm(wide)
    if not _TINY < length < np.inf:
        raise Malformed(f"{form} embedding: has no direction; take it again")
    unit: npt.NDArray[np.float64] = wide / length
    return unit


def _require_embedding(form: Form, values: npt.NDArray[np.int64]) -> None:
    if np.abs(values).max() > ENTRY_BOUND:
        raise Malformed(f"{form} template: an entry is beyond {ENTRY_BOUND}")
    norm = int(values @ values)
    if not NORM_LOW[form] <= norm <= NORM_HIGH[form]:
        raise Malformed(
            f"{form} template: squared norm {norm} is not within "
            f"{NORM_LOW[form]} to {NORM_HIGH[form]}"
        )


def _require_code(code: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> None:
    if np.abs(code).max() > 1 or not np.array_equal(mask, code * code):
        raise Malformed("code template: entries are not -1, 0, 1 with their squares")
    if mask.sum() < MIN_VALID_BITS:
        raise Malformed(f"code template: fewer than {MIN_VALID_BITS} bits are valid")
