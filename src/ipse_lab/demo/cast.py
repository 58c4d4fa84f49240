"""Who plays: two real people in three photos, and a thousand people who never lived.

Eileen Collins has one public portrait here, so her second photo is made from the
first by `ipse_lab.captures`; Grace Hopper plays the impostor. All photos go through
the wallet's own way from a file's bytes to a template.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.ground.params import LENGTH, SCALE
from ipse.owner.models import face_models
from ipse.owner.request import Body
from ipse.sample.face import read_face
from ipse.sample.image import read_image
from ipse.template.face import encode_face
from ipse_lab.captures import second_capture
from ipse_lab.portraits import eileen_collins, grace_hopper

MATED: Final = 10
"""Probes of people among the references; as many are of strangers."""
STRANGERS: Final = 10
SEED: Final = 1
SPREAD: Final = 0.8
"""Length of what a second capture adds, as a share of the person's own."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in the play, as the owner's side knows them."""

    photo: npt.NDArray[np.uint8]  # [height, width, red green blue]
    portrait: Body
    capture: Body
    impostor: Body
    references: Sequence[Body]
    probes: Sequence[Body]  # the mated ones, the strangers, and the capture
    is_mated: npt.NDArray[np.bool_]  # [probes, references and the portrait]


def assemble(references: int) -> Cast:
    """Make everybody's template. Raises: Unavailable: a model is not installed."""
    photo = eileen_collins()
    portrait, capture, impostor = (
        _template(each) for each in (photo, second_capture(photo), grace_hopper())
    )
    dice = np.random.default_rng(SEED)
    people = dice.normal(size=(references, LENGTH[Form.FACE]))
    chosen = range(0, references, references // MATED)
    again = people[chosen] + SPREAD * dice.normal(size=people[chosen].shape)
    strangers = dice.normal(size=(STRANGERS, LENGTH[Form.FACE]))
    probes = [*map(_invented, again), *map(_invented, strangers), capture]
    is_mated = np.zeros((len(probes), references + 1), np.bool_)
    is_mated[range(MATED), chosen] = True
    is_mated[-1, -1] = True
    return Cast(
        np.ascontiguousarray(read_image(photo)[:, :, ::-1]),
        portrait,
        capture,
        impostor,
        tuple(map(_invented, people)),
        tuple(probes),
        is_mated,
    )


def _template(photo: bytes) -> Body:
    models = face_models()
    sample = read_face(photo, models.finder)
    return {Form.FACE: encode_face(sample, models.encoder).values}


def _invented(direction: npt.NDArray[np.float64]) -> Body:
    scaled = SCALE[Form.FACE] * direction / np.linalg.norm(direction)
    return {Form.FACE: np.rint(scaled).astype(np.int16)}
