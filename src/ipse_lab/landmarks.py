"""What steady landmarks and the mirror image gain: `python -m ipse_lab.landmarks DIR`.

    each picture  -->  landmarks of one look, or steady ones
                  -->  embedding of the crop, or of it and its mirror image
                  -->  error rates of the four
    some pictures, shifted by some pixels  -->  cosine with the picture unshifted

Its figures stand in docs/adr/0002-stabilised-landmarks.md.
"""

import sys
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.owner.models import face_models
from ipse.sample.align import aligned
from ipse.sample.face import prominent_face, working
from ipse.sample.finder import Landmarks
from ipse.sample.image import Image, read_image
from ipse_lab.evaluate import measure, report, subjects_of
from ipse_lab.gallery import Gallery, people_files, workers
from ipse_lab.means import mean_over_people

Floats = npt.NDArray[np.float64]

WAYS: Final = ("one look", "steady", "one look, mirrored", "steady, mirrored")
SHIFTS: Final = ((1, 0), (3, 2), (5, 7), (9, 4), (13, 13))
"""Pixels right and down, in pictures of 250."""
EVERY: Final = 8
"""One picture in so many is shifted."""


def embeddings(image: Image) -> Floats:
    """Unit embeddings of the most prominent face in the four WAYS, float64[4, 128]."""
    models = face_models()
    image, face = working(image, prominent_face(image, models.finder.find(image)))
    rows: list[Floats] = []
    for landmarks in (face.landmarks, models.finder.steady(image, face)):
        rows += _both(image, landmarks)
    return np.stack([rows[0], rows[2], rows[1], rows[3]])


def of_file(path: Path) -> Floats:
    """Embeddings of a picture."""
    return embeddings(read_image(path.read_bytes()))


def cosines(path: Path) -> Floats:
    """Cosines of a picture with itself shifted, float64[SHIFTS, 4]."""
    image = read_image(path.read_bytes())
    still = embeddings(image)
    return np.stack(
        [(embeddings(_shifted(image, shift)) * still).sum(axis=1) for shift in SHIFTS]
    )


def _both(image: Image, landmarks: Landmarks) -> list[Floats]:
    crop = aligned(image, landmarks)
    plain = face_models().encoder.embed(crop)
    both = plain + face_models().encoder.embed(np.ascontiguousarray(crop[:, ::-1]))
    return [plain, both / np.linalg.norm(both)]


def _shifted(image: Image, shift: tuple[int, int]) -> Image:
    height, width = image.shape[:2]
    move = np.array([[1.0, 0, shift[0]], [0, 1, shift[1]]])
    border = cv2.BORDER_REPLICATE
    return np.asarray(
        cv2.warpAffine(image, move, (width, height), borderMode=border), np.uint8
    )


def main(folder: str) -> None:
    """Measure on a folder of faces and print a table."""
    files = list(people_files(Path(folder), Form.FACE))
    names = tuple(sorted({name for name, _ in files}))
    people = np.array([names.index(name) for name, _ in files], np.int64)
    paths = [path for _, path in files]
    with workers() as pool:
        every = np.stack(list(pool.map(of_file, paths, chunksize=8)))
        moved = np.concatenate(list(pool.map(cosines, paths[::EVERY], chunksize=2)))
    for way, name in enumerate(WAYS):
        gallery = Gallery(Form.FACE, every[:, way], people, names, len(files), (), 0)
        mean = mean_over_people(gallery)
        found = report(measure(subjects_of(gallery, mean), 100))
        least, tenth, middle = np.percentile(moved[:, way], [1, 10, 50])
        rates = ("eer", "fnmr_at_fmr_1e-2", "fnmr_at_fmr_1e-3", "fnmr_at_fmr_1e-4")
        words = [f"{found[rate]:.4%}" for rate in rates]
        print(name, *words, f"{least:.4f} {tenth:.4f} {middle:.4f}", sep=" | ")  # noqa: T201 (a table is its output)


if __name__ == "__main__":
    main(*sys.argv[1:])
