"""A second capture from one photo: what another day at another camera would change.

    turn of the head (perspective, roll) --> crop --> light from a side, weaker,
    warmer --> out of focus --> noise of the sensor --> JPEG

Deterministic: a seed gives the same bytes each time. It is less than a real second
photo, for which accuracy is measured by `ipse evaluate`: the face has the same
expression and age.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ipse.sample.image import Image, read_image


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the first photo."""

    roll: float = 6.0  # degrees, clockwise
    turn: float = 0.06  # how much smaller the far side is, as a share of the height
    crop: float = 0.9  # share of each side that stays
    light: float = 0.8  # brightness of the whole, 1 is as before
    shade: float = 0.3  # how much darker the right edge is than the left
    warmth: float = 0.06  # more red and less blue, as a share
    blur: float = 0.9  # pixels, standard deviation, in a picture of 512
    noise: float = 3.0  # grey levels, standard deviation
    quality: int = 60  # JPEG, 0 to 100


ANOTHER_DAY: Final = Changes()
_SIDE: Final = 512
_MIDDLE: Final = 0.5


def second_capture(
    photo: bytes, changes: Changes = ANOTHER_DAY, *, seed: int = 0
) -> bytes:
    """Make another capture, a JPEG, of the person in a photo.

    Raises:
        Malformed: the bytes are no picture.
    """
    image = _turned(read_image(photo), changes)
    height, width = image.shape[:2]
    light = _light(height, width, changes)
    seen = image.astype(np.float64) * light
    blur = changes.blur * max(height, width) / _SIDE
    seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), blur), np.float64)
    seen += np.random.default_rng(seed).normal(0, changes.noise, seen.shape)
    pixels = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
    _, encoded = cv2.imencode(
        ".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, changes.quality]
    )
    return bytes(encoded)


def _turned(image: Image, changes: Changes) -> Image:
    """Perspective and roll about the middle, then the crop, moved off the middle."""
    height, width = image.shape[:2]
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64) - _MIDDLE
    sides = np.array([width, height], np.float64)
    far = corners * [1, 1 - changes.turn]
    moved = np.where(corners[:, :1] > 0, far, corners) / changes.crop
    angle = np.deg2rad(changes.roll)
    cosine, sine = np.cos(angle), np.sin(angle)
    rolled = moved * sides @ np.array([[cosine, sine], [-sine, cosine]])
    matrix = cv2.getPerspectiveTransform(
        ((corners + _MIDDLE) * sides).astype(np.float32),
        (rolled + _MIDDLE * sides).astype(np.float32),
    )
    seen = cv2.warpPerspective(
        image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(seen, np.uint8)


def _light(height: int, width: int, changes: Changes) -> npt.NDArray[np.float64]:
    """Factor for each pixel and colour, float64[height, width, 3]."""
    across = changes.light * np.linspace(1, 1 - changes.shade, width)
    colour = np.array([1 - changes.warmth, 1, 1 + changes.warmth])
    light: npt.NDArray[np.float64] = across[None, :, None] * colour
    return np.repeat(light, height, axis=0)
