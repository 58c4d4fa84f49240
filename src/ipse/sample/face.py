"""A photo, read: exactly one usable face, upright and of one size.

    bytes --> picture --> faces --> exactly one --> steady landmarks --> crop --> good?

Each arrow may refuse, with one sentence that says what to change. Nothing here is kept:
the photo goes with the call, the sample with its owner.
"""

from dataclasses import dataclass
from typing import Final, NoReturn

import cv2
import numpy as np

from ipse.ground.errors import Refused
from ipse.sample.align import aligned
from ipse.sample.finder import Face, FaceFinder, Landmarks
from ipse.sample.image import Image, read_image
from ipse.sample.quality import require_quality, require_size

WORKING_HEIGHT: Final = 224
"""Pixels of a face's height to which a larger one is averaged down first: twice the
crop, so that the warps that follow skip no pixel."""

MIN_SHARE: Final = 1 / 3
"""A second face counts when it is higher than this share of the first: a passer-by far
behind does not spoil a photo, and nobody is enrolled by mistake for another."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FaceSample:
    """One face as the encoder wants it. Secret."""

    crop: Image  # uint8[112, 112, 3], blue green red

    def __repr__(self) -> str:
        """Show nothing."""
        return "FaceSample(hidden)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied out."""
        raise TypeError("a face sample stays in this process")


def read_face(data: bytes, finder: FaceFinder) -> FaceSample:
    """Read a photo for enrolment or verification.

    Run by: the owner's device.

    Raises:
        Malformed: the bytes are no picture.
        Refused: no face, several, or one that is cut off, too small, turned away, too
            dark, too bright, flat or blurred.
    """
    image = read_image(data)
    face = only_face(finder.find(image))
    require_size(face, image)
    crop, landmarks = _taken(image, face, finder)
    require_quality(crop, landmarks)
    return FaceSample(crop)


def read_prominent_face(
    data: bytes, finder: FaceFinder
) -> tuple[FaceSample, Refused | None]:
    """Read the most prominent face, however poor. Run by: `evaluate`.

    Returns: the sample, and what enrolment would have had against the photo.

    Raises:
        Malformed: the bytes are no picture.
        Refused: no face was found.
    """
    image = read_image(data)
    faces = finder.find(image)
    face = prominent_face(image, faces)
    crop, landmarks = _taken(image, face, finder)
    try:
        require_size(only_face(faces), image)
        require_quality(crop, landmarks)
    except Refused as objection:
        return FaceSample(crop), objection
    return FaceSample(crop), None


def only_face(faces: tuple[Face, ...]) -> Face:
    """The only face that counts."""
    if not faces:
        raise Refused("photo: no face was found; look into the camera, in even light")
    counted = [face for face in faces if face.height > MIN_SHARE * faces[0].height]
    if len(counted) > 1:
        raise Refused(
            f"photo: {len(counted)} faces were found; give a photo of one person alone"
        )
    return faces[0]


def prominent_face(image: Image, faces: tuple[Face, ...]) -> Face:
    """The face with the greatest area less four times its squared way to the centre."""
    if not faces:
        raise Refused("photo: no face was found")
    middle = np.array(image.shape[1::-1]) / 2
    return max(
        faces,
        key=lambda face: (
            face.width * face.height - 4 * float(((face.centre - middle) ** 2).sum())
        ),
    )


def _taken(image: Image, face: Face, finder: FaceFinder) -> tuple[Image, Landmarks]:
    image, face = working(image, face)
    landmarks = finder.steady(image, face)
    return aligned(image, landmarks), landmarks


def working(image: Image, face: Face) -> tuple[Image, Face]:
    """Average a picture down until its face is no higher than WORKING_HEIGHT."""
    scale = WORKING_HEIGHT / face.height
    if scale >= 1:
        return image, face
    size = [max(1, round(side * scale)) for side in image.shape[1::-1]]
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    ratio = np.array(size) / image.shape[1::-1]
    moved = Face(
        (face.centre[0] * ratio[0], face.centre[1] * ratio[1]),
        face.width * ratio[0],
        face.height * ratio[1],
        face.landmarks * ratio,
        face.score,
    )
    return np.asarray(small, np.uint8), moved
