"""A face as a template: SFace on the crop and on its mirror image.

    crop --> SFace --> f1,  mirrored --> SFace --> f2,   f1/|f1| + f2/|f2| --> template

A mirrored face is the same face in another light, so the mean of both is a little
nearer to what stays. What it gains: docs/adr/0002-stabilised-landmarks.md.
"""

import cv2
import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.sample.face import FaceSample
from ipse.sample.image import Image
from ipse.template.means import FACE_MEAN
from ipse.template.vector import Template, quantised


class FaceEncoder:
    """SFace, from the bytes of its ONNX file."""

    def __init__(self, model: bytes) -> None:
        """Load the encoder.

        Raises:
            Malformed: the bytes are no such network.
        """
        try:
            self._net = cv2.FaceRecognizerSF.create(
                "onnx", np.frombuffer(model, np.uint8), np.zeros(0, np.uint8)
            )
        except cv2.error:
            raise Malformed("face encoder: not SFace's file; install it anew") from None

    def embed(self, crop: Image) -> npt.NDArray[np.float64]:
        """Float embedding of a crop, float64[128], of unit length."""
        feature = np.asarray(self._net.feature(crop)[0], np.float64)
        unit: npt.NDArray[np.float64] = feature / np.linalg.norm(feature)
        return unit


def embed_face(sample: FaceSample, encoder: FaceEncoder) -> npt.NDArray[np.float64]:
    """Sum of the embeddings of a face and of its mirror image, float64[128]."""
    mirrored = np.ascontiguousarray(sample.crop[:, ::-1])
    return encoder.embed(sample.crop) + encoder.embed(mirrored)


def encode_face(sample: FaceSample, encoder: FaceEncoder) -> Template:
    """Template of a face. Run by: the owner's device."""
    return quantised(Form.FACE, embed_face(sample, encoder), np.array(FACE_MEAN))
