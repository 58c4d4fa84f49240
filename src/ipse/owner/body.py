"""From a photo, and perhaps a recording, to one body: the only way in.

    files --> bytes --> samples --> templates --> integer vectors, by form

Run by: the owner's device. What is read here goes no further than
`ipse.owner.request`, which cuts it into shares.
"""

from pathlib import Path
from typing import Final

from ipse.ground.errors import Refused, Unavailable
from ipse.ground.names import Form
from ipse.owner.models import face_models, voice_model
from ipse.owner.request import Body
from ipse.sample.face import read_face
from ipse.sample.voice import read_voice
from ipse.template.face import encode_face
from ipse.template.voice import encode_voice

FILE_BYTES: Final = 64 * 2**20
"""Largest file that is read: a photo of 40 million pixels, ten minutes of sound."""


def body_of(face: Path, voice: Path | None = None) -> Body:
    """Make a template of a photo and, if there is one, of a recording.

    Raises:
        Unavailable: a file, or a model, cannot be read.
        Malformed: a file is no photo, or no recording.
        Refused: the photo or the recording will not do; the sentence says why.
    """
    faces = face_models()
    sample = read_face(read_file(face), faces.finder)
    body = {Form.FACE: encode_face(sample, faces.encoder).values}
    if voice is not None:
        spoken = read_voice(read_file(voice))
        body[Form.VOICE] = encode_voice(spoken, voice_model()).values
    return body


def read_file(path: Path) -> bytes:
    """Read a photo or a recording. Raises: Unavailable, Refused."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise Unavailable(
            f"Cannot read {path} ({error.strerror}): check the file's name."
        ) from error
    if len(content) > FILE_BYTES:
        raise Refused(
            f"{path} has more than {FILE_BYTES >> 20} MiB: give a smaller one."
        )
    return content
