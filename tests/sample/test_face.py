"""Exactly one usable face comes out of a photo, or the sentence that says why not."""

import pickle

import cv2
import numpy as np
import pytest

from ipse.ground.errors import Malformed, Refused
from ipse.owner.models import face_models
from ipse.sample.align import PLACES, misfit, similarity
from ipse.sample.face import FaceSample, read_face, read_prominent_face
from ipse.sample.finder import FaceFinder
from ipse.sample.image import Image, read_image
from ipse.sample.quality import require_quality
from ipse_lab.portraits import eileen_collins, grace_hopper

FINDER = face_models().finder
EILEEN = read_image(eileen_collins())


def png(image: Image) -> bytes:
    _, encoded = cv2.imencode(".png", image)
    return bytes(encoded)


@pytest.mark.parametrize("portrait", [eileen_collins(), grace_hopper()])
def test_a_portrait_gives_an_upright_face_of_one_size(portrait: bytes) -> None:
    crop = read_face(portrait, FINDER).crop
    assert crop.shape == (112, 112, 3)
    again = FINDER.find(np.pad(crop, ((40, 40), (40, 40), (0, 0)), mode="edge"))
    assert np.abs(again[0].landmarks - 40 - PLACES).max() < 6


def test_a_photo_without_a_face_says_so() -> None:
    with pytest.raises(Refused, match="no face was found"):
        read_face(png(np.full((300, 300, 3), 128, np.uint8)), FINDER)


def test_two_people_on_a_photo_are_one_too_many() -> None:
    both = np.hstack([EILEEN, EILEEN])
    with pytest.raises(Refused, match="2 faces were found"):
        read_face(png(both), FINDER)
    assert str(read_prominent_face(png(both), FINDER)[1]).startswith("photo: 2 faces")


def test_a_passer_by_far_behind_does_not_spoil_the_photo() -> None:
    scene = EILEEN.copy()
    scene[400:512, :112] = cv2.resize(EILEEN, (112, 112), interpolation=cv2.INTER_AREA)
    assert len(FINDER.find(scene)) == 2
    assert read_face(png(scene), FINDER).crop.shape == (112, 112, 3)


SPOILED = {
    "cut off below": (EILEEN[:140], "cut off"),
    "cut off at the side": (EILEEN[:, :230], "cut off"),
    "too small": (
        cv2.resize(EILEEN, (200, 200), interpolation=cv2.INTER_AREA),
        "come closer",
    ),
    "too dark": ((EILEEN * 0.15).astype(np.uint8), "towards the light"),
    "too bright": (255 - ((255 - EILEEN) * 0.15).astype(np.uint8), "away from the"),
    "flat": ((EILEEN * 0.12 + 90).astype(np.uint8), "no contrast"),
    "blurred": (cv2.GaussianBlur(EILEEN, (0, 0), 6), "blurred"),
}


@pytest.mark.parametrize(("image", "mend"), SPOILED.values(), ids=SPOILED)
def test_a_spoiled_photo_is_refused_with_the_mend(image: Image, mend: str) -> None:
    with pytest.raises(Refused, match=mend):
        read_face(png(np.asarray(image, np.uint8)), FINDER)


def test_bytes_that_are_no_picture_are_malformed() -> None:
    with pytest.raises(Malformed, match="not a JPEG, PNG or WebP"):
        read_face(b"hello", FINDER)


def test_landmarks_barely_move_when_the_photo_is_shifted() -> None:
    face = FINDER.find(EILEEN)[0]
    still = FINDER.steady(EILEEN, face)
    for shift in ((0, 5), (7, 3), (13, 11), (21, 18)):
        moved = np.roll(EILEEN, shift[::-1], (0, 1))
        steady = FINDER.steady(moved, FINDER.find(moved)[0])
        assert np.abs(steady - shift - still).max() < 1.0


def test_alignment_is_exact_for_a_face_that_is_only_turned_moved_and_scaled() -> None:
    angle = np.deg2rad(20)
    turn = 2.5 * np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    landmarks = PLACES @ turn.T + [30, -8]
    matrix = similarity(landmarks)
    assert np.allclose(landmarks @ matrix[:, :2].T + matrix[:, 2], PLACES)
    assert misfit(landmarks) < 1e-9


def test_a_face_turned_away_is_refused() -> None:
    turned = PLACES.copy()
    turned[2, 0] += 30  # the nose beside the eyes
    crop = read_face(eileen_collins(), FINDER).crop
    require_quality(crop, PLACES)
    with pytest.raises(Refused, match="look straight into the camera"):
        require_quality(crop, turned)


def test_a_model_file_of_something_else_is_named_so() -> None:
    with pytest.raises(Malformed, match="not YuNet's file"):
        FaceFinder(b"nothing")


def test_a_sample_shows_nothing_and_stays_where_it_is() -> None:
    sample = FaceSample(np.full((112, 112, 3), 77, np.uint8))
    assert "77" not in repr(sample)
    with pytest.raises(TypeError, match="stays in this process"):
        pickle.dumps(sample)
