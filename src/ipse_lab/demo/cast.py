"""Who plays: two real people in three photos, and a thousand people who never lived.

Eileen Collins has one public portrait here, so her second photo is made from the
first by `ipse_lab.captures`; Grace Hopper plays the impostor. All photos go through
the wallet's own way from a file's bytes to a template.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.owner.models import face_models
from ipse.owner.request import Body
from ipse.sample.face import read_face
from ipse.sample.image import read_image
from ipse.template.face import encode_face
from ipse_lab.captures import second_capture
from ipse_lab.people import people
from ipse_lab.portraits import eileen_collins, grace_hopper

MATED: Final = 10
"""Probes of people among the references; as many are of strangers."""
STRANGERS: Final = 10
SEED: Final = 1
AROUND: Final = 1.5
"""Side of a face's cut-out, as a share of the face's height."""

Pixels: TypeAlias = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in the play, as the owner's side knows them."""

    photo: Pixels  # the portrait, [height, width, 3], red green blue
    faces: tuple[Pixels, Pixels]  # the capture's and the impostor's, cut out square
    portrait: Body
    capture: Body
    impostor: Body
    references: Sequence[Body]
    probes: Sequence[Body]  # the mated ones, the strangers, and the capture
    is_mated: npt.NDArray[np.bool_]  # [probes, references and the portrait]


def assemble(references: int) -> Cast:
    """Make everybody's template. Raises: Unavailable: a model is not installed."""
    photo = eileen_collins()
    photos = (photo, second_capture(photo), grace_hopper())
    portrait, capture, impostor = map(_template, photos)
    enrolled, strangers = people(SEED, references), people(SEED + 1, STRANGERS)
    chosen = range(0, references, references // MATED)
    again = [enrolled.probes[number] for number in chosen]
    probes = [*map(_body, again), *map(_body, strangers.probes), capture]
    is_mated = np.zeros((len(probes), references + 1), np.bool_)
    is_mated[range(MATED), chosen] = True
    is_mated[-1, -1] = True
    return Cast(
        _shown(read_image(photo)),
        (_face(photos[1]), _face(photos[2])),
        portrait,
        capture,
        impostor,
        tuple(map(_body, enrolled.references)),
        tuple(probes),
        is_mated,
    )


def _template(photo: bytes) -> Body:
    models = face_models()
    sample = read_face(photo, models.finder)
    return {Form.FACE: encode_face(sample, models.encoder).values}


def _face(photo: bytes) -> Pixels:
    """Cut a square about the face, for the picture."""
    image = read_image(photo)
    face = face_models().finder.find(image)[0]
    half = round(AROUND * face.height / 2)
    column, row = (round(float(middle)) for middle in face.centre)
    top, left = max(0, row - half), max(0, column - half)
    return _shown(image[top : top + 2 * half, left : left + 2 * half])


def _shown(image: Pixels) -> Pixels:
    """Put blue, green and red in the order in which pictures are drawn."""
    return np.ascontiguousarray(image[:, :, ::-1])


def _body(vector: npt.NDArray[np.int16]) -> Body:
    return {Form.FACE: vector}
