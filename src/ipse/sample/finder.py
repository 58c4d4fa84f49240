"""Finding faces: YuNet, asked more than once because it does not answer alike.

YuNet's five landmarks move by up to ten pixels when the picture is merely shifted by a
few. So a face that was found is looked at again, at two sizes and nine shifts of each,
and what counts is the mean::

    picture --> faces --> one of them --> 18 looks at it --> mean of its landmarks

What that gains was measured: docs/adr/0002-stabilised-landmarks.md. Whether a face is
good enough is `ipse.sample.quality`'s concern.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Malformed
from ipse.sample.image import Image

Landmarks: TypeAlias = npt.NDArray[np.float64]
"""float64[5, 2], x and y in pixels: the two eyes from left to right as seen, the tip of
the nose, the two corners of the mouth."""

SEARCH_SIDE: Final = 640
"""Longer side, in pixels, of the picture in which faces are searched: a face must fill
a tenth of it to be of use, and YuNet finds faces from ten pixels on."""

SCORE: Final = 0.6
"""Least score of a face. Source: OpenCV's own example has 0.9, which misses faces in
half profile; nothing but a face scored 0.6 in the centre of 797 pictures of LFW."""

OVERLAP: Final = 0.3
"""Two boxes that share more than this are one face. Source: OpenCV's example."""

LOOKS: Final = ((112.0, 224), (140.0, 288))
"""Sizes of a second look: height of the face, side of the patch, in pixels."""

SHIFTS: Final = tuple((x, y) for x in (-11, 0, 11) for y in (-11, 0, 11))
"""Pixels by which the patch is moved: a third of YuNet's coarsest stride of 32."""


@dataclass(frozen=True, slots=True)
class Face:
    """Where a face is in a picture."""

    centre: tuple[float, float]  # pixels
    width: float  # pixels
    height: float  # pixels
    landmarks: Landmarks
    score: float  # 0 to 1


class FaceFinder:
    """YuNet, from the bytes of its ONNX file."""

    def __init__(self, model: bytes) -> None:
        """Load the detector.

        Raises:
            Malformed: the bytes are no such network.
        """
        try:
            self._net = cv2.FaceDetectorYN.create(
                "onnx",
                np.frombuffer(model, np.uint8),
                np.zeros(0, np.uint8),
                (SEARCH_SIDE, SEARCH_SIDE),
                SCORE,
                OVERLAP,
            )
        except cv2.error:
            raise Malformed(
                "face detector: not YuNet's file; install it anew"
            ) from None

    def find(self, image: Image) -> tuple[Face, ...]:
        """Every face in a picture, the largest first, in the picture's pixels."""
        scale = min(1.0, SEARCH_SIDE / max(image.shape[:2]))
        if scale < 1:
            size = [max(1, round(side * scale)) for side in image.shape[1::-1]]
            image = np.asarray(
                cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8
            )
        faces = [_face(row, scale) for row in self._rows(image)]
        return tuple(sorted(faces, key=lambda face: -face.width * face.height))

    def steady(self, image: Image, face: Face) -> Landmarks:
        """The face's landmarks, averaged over LOOKS and SHIFTS.

        A look in which the face is not found again is left out; if it is never found
        again, its first landmarks stand.
        """
        seen = [
            again
            for height, side in LOOKS
            for shift in SHIFTS
            for again in self._look(image, face, height / face.height, side, shift)
        ]
        mean: Landmarks = np.mean(seen or [face.landmarks], axis=0)
        return mean

    def _look(
        self,
        image: Image,
        face: Face,
        scale: float,
        side: int,
        shift: tuple[int, int],
    ) -> tuple[Landmarks, ...]:
        middle = side / 2 + np.array(shift)
        offset = middle - scale * np.array(face.centre)
        patch = cv2.warpAffine(
            image,
            np.array([[scale, 0, offset[0]], [0, scale, offset[1]]]),
            (side, side),
        )
        again = [_face(row, 1.0) for row in self._rows(np.asarray(patch, np.uint8))]
        if not again:
            return ()
        nearest = min(again, key=lambda one: float(np.hypot(*(one.centre - middle))))
        if np.hypot(*(nearest.centre - middle)) > face.height * scale / 2:
            return ()
        return ((nearest.landmarks - offset) / scale,)

    def _rows(self, image: Image) -> npt.NDArray[np.float32]:
        self._net.setInputSize(image.shape[1::-1])
        rows: object = self._net.detect(image)[1]  # None where there is no face
        return np.asarray([] if rows is None else rows, np.float32).reshape(-1, 15)


def _face(row: npt.NDArray[np.float32], scale: float) -> Face:
    x, y, width, height = (float(each) / scale for each in row[:4])
    return Face(
        (x + width / 2, y + height / 2),
        width,
        height,
        row[4:14].reshape(5, 2).astype(np.float64) / scale,
        float(row[14]),
    )
