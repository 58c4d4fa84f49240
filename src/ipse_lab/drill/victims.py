"""Whom the oracle drill attacks, and what the attacker has to begin with.

    stranger     the owner's key, and pictures of people who have nothing to do with it
    look-alike   the face that scores highest among LOOK_ALIKES others: short of a match
    picture      another capture of the same body: old, or taken by somebody else

Victims are invented people (`ipse_lab.people`), and the two whose portraits are here,
through the project's own encoder; with a folder of faces, its people as well.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.owner.models import face_models
from ipse.sample.face import read_face
from ipse.template.face import encode_face
from ipse_lab.captures import Changes, second_capture
from ipse_lab.drill.crowd import Crowd
from ipse_lab.evaluate import subjects_of
from ipse_lab.gallery import read_gallery
from ipse_lab.people import people
from ipse_lab.portraits import eileen_collins, grace_hopper

Floats = npt.NDArray[np.float64]

LOOK_ALIKES: Final = 1_000
"""Faces among which a look-alike is looked for: everybody whom somebody knows."""


class Start(StrEnum):
    """What the attacker has."""

    STRANGER = "stranger"
    LOOK_ALIKE = "look-alike"
    PICTURE = "picture"


ALIKE: Final = {Start.STRANGER: 0.38, Start.LOOK_ALIKE: 0.28, Start.PICTURE: 0.62}
"""Cosine between what the attacker begins with and the template, as it expects: of a
stranger who was just accepted, of the best of LOOK_ALIKES, and of two captures of one
body, which on real faces are 0.31 (5 %), 0.64 (median) and 0.81 (95 %)."""


BAD_DAY: Final = Changes(
    roll=-15.0,
    turn=0.15,
    crop=0.75,
    light=0.5,
    shade=0.6,
    warmth=0.1,
    blur=2.5,
    noise=10.0,
    quality=20,
)
"""A picture from the side, in bad light, out of focus: at cosines of 0.55 and 0.75."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Victims:
    """People and what is had of each. Templates are secret but for invented people."""

    references: Floats  # float64[victims, length]: integers, enrolled
    pictures: Floats  # another capture of each

    @property
    def first(self) -> "Victims":
        """The first of them alone."""
        return Victims(self.references[:1], self.pictures[:1])


def invented(seed: int, count: int) -> Victims:
    """People who never lived."""
    drawn = people(seed, count)
    return Victims(drawn.references.astype(np.float64), drawn.probes.astype(np.float64))


def portrayed() -> Victims:
    """Two real people, by the encoder; a bad picture of each is made from a good one.

    Raises: Unavailable: a model, or a portrait, is not installed.
    """
    photos = (eileen_collins(), grace_hopper())
    again = [second_capture(photo, BAD_DAY, seed=1) for photo in photos]
    return Victims(_templates(photos), _templates(again))


def photographed(folder: Path, most: int) -> tuple[dict[Start, Victims], Crowd]:
    """People in a folder of faces who have two pictures, and all pictures.

    Their look-alikes are among the others there, so less alike than of LOOK_ALIKES.

    Raises: Refused: there are no pictures.
    """
    subjects = subjects_of(read_gallery(folder, Form.FACE))
    people, templates = subjects.people, subjects.templates[0].astype(np.float64)
    _, first, counts = np.unique(people, return_index=True, return_counts=True)
    twice = first[counts > 1][:most]
    references = templates[twice]
    likeness = references @ templates.T
    likeness[people[twice, None] == people] = -np.inf
    nearest = templates[likeness.argmax(axis=1)]
    had = {
        Start.LOOK_ALIKE: Victims(references, nearest),
        Start.PICTURE: Victims(references, templates[twice + 1]),
    }
    return had, Crowd(templates, people)


def look_alikes(references: Floats, strangers: Floats) -> Floats:
    """Of a crowd of strangers, the face most like each victim's."""
    return np.asarray(strangers[(references @ strangers.T).argmax(axis=1)])


def _templates(photos: tuple[bytes, ...] | list[bytes]) -> Floats:
    return np.stack(list(map(_template, photos)))


def _template(photo: bytes) -> Floats:
    models = face_models()
    sample = read_face(photo, models.finder)
    return encode_face(sample, models.encoder).values.astype(np.float64)
