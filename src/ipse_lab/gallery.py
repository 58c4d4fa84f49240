"""A folder of people, read and embedded: what accuracy is measured on.

    faces    DIR/NAME/*.jpg          a person is a folder, a sample is a picture
    voices   DIR/SPEAKER-*.flac      a person is the number before the first "-", a
                                     sample is SEGMENT_SECONDS of speech

Of a picture the most prominent face counts, however poor: only a picture in which no
face at all is found is left out, and reported. A recording is cut into segments after
its pauses are taken out; one with less speech than a segment is left out, and reported.
Also counted is what enrolment would have refused, though it is measured all the same.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ipse.ground.errors import IpseError, Refused
from ipse.ground.names import Form
from ipse.ground.params import LENGTH
from ipse.owner.models import face_models, voice_model
from ipse.sample.face import read_prominent_face
from ipse.sample.sound import RATE, Wave, read_sound
from ipse.sample.speech import speech_of
from ipse.sample.voice import VoiceSample, at_level, require_clean
from ipse.template.face import embed_face
from ipse.template.voice import embed_voices

SEGMENT_SECONDS: Final = 3
"""The least that enrolment takes, and so the hardest case that the network allows."""

FEW: Final = 10
"""Files that are read in this process: others take seconds to start."""

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})
RECORDINGS: Final = frozenset({".flac", ".wav"})

Embeddings = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class Gallery:
    """Everybody in a folder, as float embeddings."""

    form: Form
    embeddings: Embeddings  # float64[samples, length], of any norm
    people: npt.NDArray[np.int64]  # of each sample
    names: tuple[str, ...]  # of each person
    files: int  # read or not
    failures: tuple[str, ...]  # files in which nothing was found to measure
    refused: int  # files that enrolment would refuse, failures included


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave."""

    embeddings: Embeddings  # none if nothing was found
    is_refused: bool  # by the rules of enrolment


def read_gallery(
    folder: Path,
    form: Form,
    told: Callable[[int, int], None] = lambda _done, _all: None,
    most: int | None = None,
) -> Gallery:
    """Read and embed a folder, on every core.

    Args:
        folder: as above.
        form: FACE or VOICE.
        told: called with the number of files done and of all files.
        most: only so many files, the first; all by default.

    Raises:
        Refused: the folder holds no such files.
    """
    files = list(people_files(folder, form))[:most]
    if not files:
        raise Refused(
            f"{folder}: holds no files for {form}; see `ipse evaluate --help`"
        )
    names = sorted({name for name, _ in files})
    embeddings: list[Embeddings] = []
    people: list[int] = []
    failures: list[str] = []
    refused = 0
    read = _read_face if form is Form.FACE else _read_voice
    for done, (reading, (name, path)) in enumerate(
        zip(_readings(read, [path for _, path in files]), files, strict=True), 1
    ):
        embeddings.append(reading.embeddings)
        people += [names.index(name)] * len(reading.embeddings)
        refused += reading.is_refused
        if not len(reading.embeddings):
            failures.append(str(path.relative_to(folder)))
        told(done, len(files))
    return Gallery(
        form,
        np.concatenate(embeddings),
        np.array(people, np.int64),
        tuple(names),
        len(files),
        tuple(failures),
        refused,
    )


def people_files(folder: Path, form: Form) -> Iterator[tuple[str, Path]]:
    """Name of the person and path, of each file, in the order of their paths."""
    for path in sorted(folder.rglob("*")):
        if form is Form.FACE and path.suffix.lower() in PICTURES:
            yield path.parent.name, path
        elif form is Form.VOICE and path.suffix.lower() in RECORDINGS:
            yield path.name.partition("-")[0], path


def _readings(read: Callable[[Path], Reading], paths: list[Path]) -> Iterator[Reading]:
    """What each file gives; a few are not worth starting processes for."""
    if len(paths) <= FEW:
        yield from map(read, paths)
        return
    with workers() as pool:
        yield from pool.map(read, paths, chunksize=4)


def workers() -> ProcessPoolExecutor:
    """Start a process for every core, each with one thread."""
    # One thread in each process: two libraries that both take every core wait for each
    # other. The variable is read when NumPy's library starts, in the new process.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return ProcessPoolExecutor(
        os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count(),
        get_context("spawn"),
        initializer=_one_thread,
    )


def _one_thread() -> None:
    cv2.setNumThreads(1)


def _read_face(path: Path) -> Reading:
    models = face_models()
    try:
        sample, objection = read_prominent_face(path.read_bytes(), models.finder)
    except IpseError:
        return Reading(np.zeros((0, LENGTH[Form.FACE])), is_refused=True)
    embedding = embed_face(sample, models.encoder)
    return Reading(embedding[None], is_refused=objection is not None)


def _read_voice(path: Path) -> Reading:
    nothing = Reading(np.zeros((0, LENGTH[Form.VOICE])), is_refused=True)
    try:
        wave = read_sound(path.read_bytes())
    except IpseError:
        return nothing
    speech = speech_of(at_level(wave)) if wave.any() else wave[:0]
    size = SEGMENT_SECONDS * RATE
    segments = [
        VoiceSample(speech[at : at + size])
        for at in range(0, len(speech) - size + 1, size)
    ]
    if not segments:
        return nothing
    return Reading(embed_voices(segments, voice_model()), _is_unclean(wave))


def _is_unclean(wave: Wave) -> bool:
    try:
        require_clean(wave)
    except Refused:
        return True
    return False
