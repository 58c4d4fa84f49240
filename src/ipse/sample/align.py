"""Turning a face upright and to one size, as the encoder was taught.

The similarity (turn, size, shift: four numbers) that carries five landmarks nearest to
SFace's places for them, by least squares. In complex numbers, with both sets centred,
it is z -> (sum conj(z_k) w_k / sum |z_k|^2) z.
"""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ipse.sample.finder import Landmarks
from ipse.sample.image import Image

CROP_SIDE: Final = 112
"""Pixels, each way. Source: SFace."""

PLACES: Final[Landmarks] = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)
"""Where SFace expects the landmarks. Source: OpenCV, FaceRecognizerSF::alignCrop."""


def similarity(landmarks: Landmarks) -> npt.NDArray[np.float64]:
    """The map from picture to crop, float64[2, 3]; its first two columns are s R."""
    found = (landmarks - landmarks.mean(axis=0)) @ [1, 1j]
    wanted = (PLACES - PLACES.mean(axis=0)) @ [1, 1j]
    turn = np.vdot(found, wanted) / np.vdot(found, found).real
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    shift = PLACES.mean(axis=0) - linear @ landmarks.mean(axis=0)
    return np.column_stack([linear, shift])


def aligned(image: Image, landmarks: Landmarks) -> Image:
    """The face as uint8[CROP_SIDE, CROP_SIDE, 3]."""
    crop = cv2.warpAffine(image, similarity(landmarks), (CROP_SIDE, CROP_SIDE))
    return np.asarray(crop, np.uint8)


def misfit(landmarks: Landmarks) -> float:
    """Root mean square way of the landmarks from their places, in crop pixels.

    About 2 for a face from the front; it grows as a face turns or nods, because a
    similarity can only turn within the picture.
    """
    matrix = similarity(landmarks)
    left = landmarks @ matrix[:, :2].T + matrix[:, 2] - PLACES
    return float(np.sqrt((left**2).sum(axis=1).mean()))
