"""The public means weigh every person alike, and are the ones that are shipped."""

import numpy as np

from ipse.ground.names import Form
from ipse.template import means
from ipse_lab.gallery import Gallery
from ipse_lab.means import mean_over_people, written


def gallery(form: Form, rows: np.ndarray, owners: list[int]) -> Gallery:
    names = ("a", "b", "nobody")
    return Gallery(form, rows, np.array(owners), names, len(rows), (), 0)


def test_a_person_with_many_samples_weighs_no_more_and_length_counts_nothing() -> None:
    first, second = np.eye(128)[:2]
    faces = gallery(
        Form.FACE, np.stack([first, 9 * first, first, second]), [0, 0, 0, 1]
    )
    assert np.allclose(mean_over_people(faces), (first + second) / 2)


def test_what_is_written_is_a_module_with_both_means() -> None:
    faces = gallery(Form.FACE, np.eye(128)[:2], [0, 1])
    voices = gallery(Form.VOICE, np.eye(256)[:2], [0, 1])
    names: dict[str, object] = {}
    exec(written(faces, voices), names)  # noqa: S102 (our own text, just written)
    assert names["FACE_MEAN"][:3] == (0.5, 0.5, 0.0)
    assert len(names["VOICE_MEAN"]) == 256
    assert "2 people" in str(names["__doc__"])


def test_the_shipped_means_are_those_of_unit_vectors() -> None:
    for mean, length in ((means.FACE_MEAN, 128), (means.VOICE_MEAN, 256)):
        assert len(mean) == length
        assert 0.1 < np.linalg.norm(mean) < 0.9
