"""Canaries: invented bodies, whose answers their auditor knows.

    invented      a body that nobody has, drawn evenly over all directions
    nearby        another capture of it: far above every threshold
    coincidence   how likely an invented body matches a given record after all

A canary need not look like a person. What operators hold of a template is noise,
whatever the template is (docs/threat-model.md, section 1), so nobody can tell an
invented one by its shares; and the less it resembles people, the less often it matches
one by accident. A direction that is uniform on the sphere has the same small chance
against every record, whatever faces look like; a code of independent coin flips has
next to none.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.ground.params import CODE_LENGTH, LENGTH, NORM_HIGH, SCALE

Body: TypeAlias = Mapping[Form, npt.NDArray[np.int16]]
"""One body's template, as one integer vector for each form."""

NOISE: Final = 0.5
"""Length of what a second capture adds, as a part of the first's: the cosine of the two
is 0.89 on average, where a search needs 0.47 (`THRESHOLDS` in ipse.ground.params)."""

FLIPPED: Final = 0.1
"""Share of a code's bits that differ between two captures; a match needs below 0.34."""

STEPS: Final = 100_000
"""Of the integral in `coincidence`: more change nothing in its third digit."""


def invented(dice: np.random.Generator, forms: tuple[Form, ...]) -> Body:
    """Draw a body that nobody has."""
    return {form: _drawn(dice, form) for form in forms}


def nearby(dice: np.random.Generator, body: Body) -> Body:
    """Draw another capture of a body."""
    return {form: _again(dice, form, vector) for form, vector in body.items()}


def coincidence(form: Form, threshold: int) -> float:
    """Chance that an invented embedding reaches a threshold against one record.

    One coordinate of a uniform point on the sphere of dimension d has a density that
    is proportional to (1 - s^2)^((d - 3) / 2). The longest vectors that pass the
    check are assumed, so it is no smaller than the real one.
    """
    power = (LENGTH[form] - 3) / 2
    cosines = np.linspace(-1.0, 1.0, STEPS)
    density = (1.0 - cosines**2) ** power
    return float(density[cosines >= threshold / NORM_HIGH[form]].sum() / density.sum())


def _drawn(dice: np.random.Generator, form: Form) -> npt.NDArray[np.int16]:
    if form is Form.CODE:
        bits = dice.integers(0, 2, CODE_LENGTH)
        return np.concatenate([2 * bits - 1, np.ones_like(bits)]).astype(np.int16)
    return _scaled(dice.standard_normal(LENGTH[form]), form)


def _again(
    dice: np.random.Generator, form: Form, vector: npt.NDArray[np.int16]
) -> npt.NDArray[np.int16]:
    if form is Form.CODE:
        turned = np.where(dice.random(CODE_LENGTH) < FLIPPED, -1, 1)
        kept = np.concatenate([turned, np.ones_like(turned)])
        return np.asarray(vector * kept, np.int16)
    noise = dice.standard_normal(LENGTH[form])
    noise *= NOISE * SCALE[form] / np.linalg.norm(noise)
    return _scaled(vector + noise, form)


def _scaled(vector: npt.NDArray[np.float64], form: Form) -> npt.NDArray[np.int16]:
    scaled = vector * (SCALE[form] / np.linalg.norm(vector))
    return np.asarray(np.rint(scaled), np.int16)
