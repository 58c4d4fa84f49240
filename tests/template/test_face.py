"""A face's numbers are SFace's; another photo is near, another person is far."""

import cv2
import numpy as np
import pytest

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.ground.params import THRESHOLDS
from ipse.owner.models import FACE_ENCODER, face_models, model_bytes
from ipse.sample.align import aligned
from ipse.sample.face import read_face
from ipse.sample.finder import Face
from ipse.sample.image import read_image
from ipse.template.distance import matches, scores
from ipse.template.face import FaceEncoder, embed_face, encode_face
from ipse.template.vector import Template
from ipse_lab.captures import Changes, second_capture
from ipse_lab.portraits import eileen_collins, grace_hopper

MODELS = face_models()
LIMITS = THRESHOLDS[(Form.FACE,)]


def template(photo: bytes) -> Template:
    return encode_face(read_face(photo, MODELS.finder), MODELS.encoder)


EILEEN = template(eileen_collins())
GRACE = template(grace_hopper())


@pytest.mark.parametrize(
    ("made", "known"),
    [
        (EILEEN, {42: -33, 54: -27, 62: -24, 70: 21, 120: 21}),
        (GRACE, {17: 27, 55: 26, 75: 26, 70: 25, 12: 23}),
    ],
)
def test_a_known_portrait_gives_the_known_template(
    made: Template, known: dict[int, int]
) -> None:
    for place, value in known.items():
        assert made.values[place] == pytest.approx(value, abs=2)


def test_the_crop_is_the_one_that_opencv_would_have_made() -> None:
    image = read_image(eileen_collins())
    face: Face = MODELS.finder.find(image)[0]
    recognizer = cv2.FaceRecognizerSF.create(
        "onnx",
        np.frombuffer(model_bytes(FACE_ENCODER), np.uint8),
        np.zeros(0, np.uint8),
    )
    row = np.concatenate([np.zeros(4), face.landmarks.ravel(), [1]]).astype(np.float32)
    theirs = recognizer.alignCrop(image, row).astype(int)
    assert np.abs(aligned(image, face.landmarks) - theirs).mean() < 1


def test_a_mirrored_face_is_the_same_face() -> None:
    crop = read_face(eileen_collins(), MODELS.finder)
    mirrored = type(crop)(np.ascontiguousarray(crop.crop[:, ::-1]))
    one, other = (embed_face(each, MODELS.encoder) for each in (crop, mirrored))
    assert np.allclose(one, other)


CAPTURES = {
    "another day": Changes(),
    "turned the other way": Changes(roll=-8.0, turn=-0.08),
    "dim": Changes(light=0.5, shade=0.4),
    "out of focus": Changes(blur=1.4, quality=40),
}


@pytest.mark.parametrize("changes", CAPTURES.values(), ids=CAPTURES)
def test_another_capture_of_the_same_face_is_recognised_and_found(
    changes: Changes,
) -> None:
    probe = template(second_capture(eileen_collins(), changes))
    assert matches({Form.FACE: probe}, {Form.FACE: EILEEN}, LIMITS.verify)
    assert matches({Form.FACE: probe}, {Form.FACE: EILEEN}, LIMITS.unique)


def test_a_stranger_is_refused_with_room_to_spare() -> None:
    (score,) = scores(GRACE.values[None], EILEEN.values[None])[0]
    assert score < LIMITS.verify - 1_500


def test_a_model_file_of_something_else_is_named_so() -> None:
    with pytest.raises(Malformed, match="not SFace's file"):
        FaceEncoder(b"nothing")
