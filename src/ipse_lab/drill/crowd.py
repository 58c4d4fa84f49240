"""What a blind attacker can make of knowing many faces, on real people.

Whoever holds the key and no picture still may ask anything that is well-formed. Could
one vector open many records, as master keys do for fingerprints? Half of the people
are the attacker's, the other half are attacked, SPLITS times::

    faces      pictures of the attacker's people, as they are
    averaged   of each of them the mean of all pictures: less noise, more of the person
    axes       the directions along which the attacker's people differ most, both ways
    noise      no face at all

Sources: Bontrager et al., "DeepMasterPrints", BTAS 2018; Shmelkin et al., "Generating
Master Faces for Dictionary Attacks", FG 2021.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse_lab.drill.counts import Told
from ipse_lab.drill.guess import LENGTH_AIMED, Floats

SPLITS: Final = 200
"""Draws of the half that is attacked: among so few people no two halves are alike."""

AXES: Final = 40
"""Axes that are tried: beyond these a direction holds less than chance."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Crowd:
    """Templates of many people, several of each."""

    templates: Floats  # [samples, length]
    people: npt.NDArray[np.int64]  # of each sample, from 0

    @property
    def averages(self) -> Floats:
        """Of each person the mean of all samples."""
        weights = np.eye(int(self.people.max()) + 1)[:, self.people]
        return np.asarray(weights @ self.templates / weights.sum(axis=1)[:, None])


def false_match_rates(crowd: Crowd, threshold: int, seed: int) -> Told:
    """How often each kind of question is accepted: the mean, and 95 % of the splits."""
    dice = np.random.default_rng(seed)
    rates: dict[str, list[float]] = {}
    for _ in range(SPLITS):
        owned = dice.permutation(int(crowd.people.max()) + 1)
        owned = owned[: len(owned) // 2]
        is_owned = np.isin(crowd.people, owned)
        asked = {
            "faces": crowd.templates[is_owned],
            "averaged": crowd.averages[owned],
            "axes": _axes(crowd.averages[owned]),
            "noise": dice.standard_normal((len(owned), crowd.templates.shape[1])),
        }
        victims = crowd.templates[~is_owned]
        for name, vectors in asked.items():
            is_yes = _lengthened(vectors) @ victims.T >= threshold
            rates.setdefault(name, []).append(float(is_yes.mean()))
    return {
        name: {
            "rate": float(np.mean(each)),
            "of_splits_95": np.percentile(each, [2.5, 97.5]).tolist(),
        }
        for name, each in rates.items()
    }


def _axes(vectors: Floats) -> Floats:
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    first = directions[:, : -AXES - 1 : -1].T
    return np.concatenate([first, -first])


def _lengthened(vectors: Floats) -> Floats:
    """Make vectors as long as operators let pass, which scores highest."""
    scaled = LENGTH_AIMED * vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.rint(scaled))
