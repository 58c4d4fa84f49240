"""Whether a face is good enough to enrol, and if not, what to change.

Judged on the aligned crop, so that a limit means the same for every camera. The limits
refuse what is hopeless, not what is ordinary: how many ordinary pictures each of them
refuses stands in docs/adr/0002-stabilised-landmarks.md.
"""

from typing import Final

import cv2
import numpy as np

from ipse.ground.errors import Refused
from ipse.sample.align import misfit
from ipse.sample.finder import Face, Landmarks
from ipse.sample.image import Image

MIN_HEIGHT: Final = 64
"""Pixels from brow to chin in the photo. The encoder sees 112 x 112; below two
thirds of that it is shown invented pixels."""

MAX_BEYOND: Final = 0.1
"""Share of a face's height that may lie beyond the edge of the photo: hair, an ear."""

MAX_MISFIT: Final = 8.0
"""Crop pixels, see `misfit`."""

MIN_LIGHT: Final = 35
MAX_LIGHT: Final = 225
"""Mean grey level of the face, of 0 to 255."""

MIN_CONTRAST: Final = 10
"""Standard deviation of the face's grey levels: below it there is no shade to read."""

MIN_SHARPNESS: Final = 0.012
"""Variance of the Laplacian over the variance of the grey levels."""


def require_size(face: Face, image: Image) -> None:
    """Refuse a face that is cut off, or shows too few pixels."""
    height, width = image.shape[:2]
    beyond = max(
        face.width / 2 - min(face.centre[0], width - face.centre[0]),
        face.height / 2 - min(face.centre[1], height - face.centre[1]),
    )
    if beyond > MAX_BEYOND * face.height:
        raise Refused("photo: the face is cut off; move into the middle of the picture")
    if face.height < MIN_HEIGHT:
        raise Refused(
            f"photo: the face is {face.height:.0f} pixels high, not {MIN_HEIGHT}; "
            "come closer or give a larger photo"
        )


def require_quality(crop: Image, landmarks: Landmarks) -> None:
    """Refuse a face that an encoder would only guess at.

    Raises:
        Refused: naming the first thing to change.
    """
    if misfit(landmarks) > MAX_MISFIT:
        raise Refused("photo: the face is turned away; look straight into the camera")
    light, contrast = light_of(crop)
    if light < MIN_LIGHT:
        raise Refused("photo: the face is too dark; turn towards the light")
    if light > MAX_LIGHT:
        raise Refused("photo: the face is too bright; turn away from the light")
    if contrast < MIN_CONTRAST:
        raise Refused("photo: the face has no contrast; use more even, frontal light")
    if sharpness(crop) < MIN_SHARPNESS:
        raise Refused("photo: the face is blurred; hold still and focus")


def light_of(crop: Image) -> tuple[float, float]:
    """Mean and standard deviation of the face's grey levels, without the corners."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)[16:-8, 16:-16].astype(np.float64)
    return float(grey.mean()), float(grey.std())


def sharpness(crop: Image) -> float:
    """Variance of the Laplacian over the variance of the greys; 0 for a flat crop."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)[16:-8, 16:-16].astype(np.float64)
    spread = float(grey.var())
    edges = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    return edges / spread if spread else 0.0
