"""Computes the public means and writes them down: `python -m ipse_lab.means`.

    faces, voices --> unit embeddings --> mean of each person --> mean over people

Every person weighs the same, however many samples there are. The folders are not part
of the project; the result is, as `ipse.template.means`.
"""

import sys
from pathlib import Path
from typing import Final

import numpy as np

from ipse.ground.names import Form
from ipse_lab.gallery import Embeddings, Gallery, read_gallery

DIGITS: Final = 4
PER_LINE: Final = 8

HEAD: Final = '''"""Public means: what is subtracted from every embedding.

An encoder puts all faces on one side of the origin; without their mean, strangers are
nearly at right angles, and a score speaks about what is this person's own.

The mean over many people, each weighing the same, is no biometric of any of them. It
was computed by `ipse_lab.means` on {faces} people of Labeled Faces in the Wild and
{voices} speakers of LibriSpeech. It is part of the encoder: all wallets of a network
must use the same, and changing it changes every template.
"""

from typing import Final

# fmt: off
'''


def mean_over_people(gallery: Gallery) -> Embeddings:
    """Mean of the people's mean unit embeddings, float64[length]."""
    lengths = np.linalg.norm(gallery.embeddings, axis=1, keepdims=True)
    unit = gallery.embeddings / lengths
    means = [unit[gallery.people == each].mean(axis=0) for each in _seen(gallery)]
    return np.asarray(np.mean(means, axis=0), np.float64)


def written(faces: Gallery, voices: Gallery) -> str:
    """The module `ipse.template.means`, as source."""
    people = {"faces": len(_seen(faces)), "voices": len(_seen(voices))}
    return HEAD.format(**people) + "".join(
        f"{name}: Final = (\n{_lines(mean_over_people(gallery))})\n"
        for name, gallery in (("FACE_MEAN", faces), ("VOICE_MEAN", voices))
    )


def _seen(gallery: Gallery) -> list[int]:
    return [int(person) for person in np.unique(gallery.people)]


def _lines(mean: Embeddings) -> str:
    words = [f"{each:.{DIGITS}f}" for each in mean]
    rows = [words[i : i + PER_LINE] for i in range(0, len(words), PER_LINE)]
    return "".join(f"    {', '.join(row)},\n" for row in rows)


def main(faces: str, voices: str, target: str) -> None:
    """Read both folders and write the module."""
    galleries = (
        read_gallery(Path(faces), Form.FACE),
        read_gallery(Path(voices), Form.VOICE),
    )
    Path(target).write_text(written(*galleries), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
