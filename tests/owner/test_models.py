"""A model counts only if it is the very file that accuracy was measured with."""

import pytest

from ipse.ground.errors import Unavailable
from ipse.owner.models import (
    FACE_DETECTOR,
    FACE_ENCODER,
    VOICE_ENCODER,
    ModelFile,
    face_models,
    model_bytes,
)

FILES = [FACE_DETECTOR, FACE_ENCODER, VOICE_ENCODER]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_the_installed_files_are_the_pinned_ones(file: ModelFile) -> None:
    assert len(model_bytes(file)) > 100_000


@pytest.mark.parametrize(
    "file",
    [
        ModelFile("no-such-package", "model.onnx", FACE_DETECTOR.sha256),
        ModelFile(FACE_DETECTOR.package, "no/such/model.onnx", FACE_DETECTOR.sha256),
    ],
)
def test_a_missing_file_is_named_with_the_mend(file: ModelFile) -> None:
    with pytest.raises(Unavailable, match="not installed; run `make` again"):
        model_bytes(file)


def test_another_file_under_the_same_name_is_not_used() -> None:
    swapped = ModelFile(FACE_ENCODER.package, FACE_DETECTOR.path, FACE_ENCODER.sha256)
    with pytest.raises(Unavailable, match="not the file that was measured"):
        model_bytes(swapped)


def test_models_are_loaded_once() -> None:
    assert face_models() is face_models()
