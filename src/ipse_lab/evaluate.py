"""How often the network would err, measured on a folder of people.

    folder --> embeddings --> templates, as the wallet makes them --> all pairs
           --> scores, as the network computes them --> error rates

`fused` joins two folders: the n-th person with a face and the n-th with a voice become
one person who never lived (a chimera), with as many samples as both have. That is
what can be done without a set that has both; it takes face and voice of one person to
be independent, and says so in the report.

The mean that is subtracted is the shipped one (`ipse.template.means`); nothing is
fitted to the folder that is measured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Refused
from ipse.ground.names import Form
from ipse.ground.params import THRESHOLDS
from ipse.template.distance import scores
from ipse.template.means import FACE_MEAN, VOICE_MEAN
from ipse.template.vector import quantised
from ipse_lab.gallery import SEGMENT_SECONDS, Embeddings, Gallery
from ipse_lab.rates import (
    FMRS,
    MIN_FALSE_MATCHES,
    Counter,
    Curve,
    Pairs,
    Rates,
    bootstrap,
    interval,
    is_resolved,
    rates_of,
)

DRAWS: Final = 200
SEED: Final = 1
GRID: Final = tuple(float(fmr) for fmr in 10 ** np.linspace(-6, -0.3, 58))
"""FMRs at which the DET plot's band is drawn."""

MEANS: Final = {Form.FACE: FACE_MEAN, Form.VOICE: VOICE_MEAN}
PROTOCOLS: Final = {
    (Form.FACE,): "all pairs of pictures; of each the most prominent face",
    (Form.VOICE,): (
        f"all pairs of {SEGMENT_SECONDS} s segments of speech; where a person has one "
        "recording, mated segments share its session"
    ),
    (Form.FACE, Form.VOICE): (
        "chimeras: the n-th person with a face and the n-th with a voice are taken for "
        "one; all pairs of their samples"
    ),
}

Told = Callable[[int, int], None]
Templates = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Subjects:
    """Templates of people: everything that is compared."""

    forms: tuple[Form, ...]
    templates: tuple[Templates, ...]  # int16[samples, length], of each form
    people: npt.NDArray[np.int64]  # of each sample, from 0


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What was measured."""

    forms: tuple[Form, ...]
    people: int
    samples: int
    mated: int
    non_mated: int
    curve: Curve
    rates: Rates
    drawn: tuple[Rates, ...]


def templates_of(gallery: Gallery, mean: Embeddings | None = None) -> Templates:
    """Quantise every embedding as the wallet does: int16[samples, length].

    Another mean than the shipped one is for measuring other encoders.
    """
    mean = np.array(MEANS[gallery.form]) if mean is None else mean
    return np.stack(
        [quantised(gallery.form, each, mean).values for each in gallery.embeddings]
    )


def subjects_of(gallery: Gallery, mean: Embeddings | None = None) -> Subjects:
    """Everybody in one gallery of whom something was found."""
    people = np.unique(gallery.people, return_inverse=True)[1].astype(np.int64)
    return Subjects((gallery.form,), (templates_of(gallery, mean),), people)


def chimeras(faces: Gallery, voices: Gallery) -> Subjects:
    """Join the n-th person of one gallery with the n-th of another.

    Those with the most samples come first, so that mated pairs are not wasted.
    """
    rows: list[tuple[int, int, int]] = []
    orders = [_by_samples(gallery) for gallery in (faces, voices)]
    for person, (face, voice) in enumerate(zip(*orders, strict=False)):
        mine = np.flatnonzero(faces.people == face)
        spoken = np.flatnonzero(voices.people == voice)
        rows += [(int(f), int(v), person) for f, v in zip(mine, spoken, strict=False)]
    face_rows, voice_rows, people = np.array(rows, np.int64).T
    return Subjects(
        (Form.FACE, Form.VOICE),
        (templates_of(faces)[face_rows], templates_of(voices)[voice_rows]),
        people,
    )


def all_pairs(subjects: Subjects) -> Pairs:
    """Scores of every pair of samples, each once."""
    first, second = np.triu_indices(len(subjects.people), 1)
    total = np.sum([scores(each, each) for each in subjects.templates], axis=0)
    return Pairs(
        total[first, second].astype(np.int32),
        subjects.people[first],
        subjects.people[second],
    )


def measure(
    subjects: Subjects, draws: int = DRAWS, told: Told = lambda _done, _all: None
) -> Accuracy:
    """Compare everybody with everybody.

    Raises:
        Refused: nobody has two samples, or there is only one person.
    """
    pairs = all_pairs(subjects)
    if not 0 < int(pairs.is_mated.sum()) < len(pairs.scores):
        raise Refused("people: give two or more, and two samples of one at least")
    counter = Counter(pairs)
    people = int(subjects.people.max()) + 1
    curve = counter.curve(np.ones(people))
    return Accuracy(
        subjects.forms,
        people,
        len(subjects.people),
        *counter.counts,
        curve,
        rates_of(curve),
        tuple(bootstrap(counter, people, draws, SEED, (*FMRS, *GRID), told)),
    )


def report(accuracy: Accuracy) -> dict[str, object]:
    """The measurement as names and plain values, for JSON."""
    out: dict[str, object] = {
        "people": accuracy.people,
        "samples": accuracy.samples,
        "mated_pairs": accuracy.mated,
        "non_mated_pairs": accuracy.non_mated,
        "eer": accuracy.rates.eer,
        "eer_95": interval([each.eer for each in accuracy.drawn]),
    }
    unresolved: dict[str, str] = {}
    for fmr in FMRS:
        name = "fnmr_at_fmr_" + f"{fmr:.0e}".replace("e-0", "e-")
        if is_resolved(fmr, accuracy.non_mated):
            out[name] = accuracy.rates.fnmr[fmr]
            out[f"{name}_95"] = interval([each.fnmr[fmr] for each in accuracy.drawn])
            out[name.replace("fnmr_at", "threshold_at")] = accuracy.curve.threshold_at(
                fmr
            )
        else:
            out[name] = None
            unresolved[name] = (
                f"needs {MIN_FALSE_MATCHES / fmr:,.0f} non-mated pairs, "
                f"there are {accuracy.non_mated:,}"
            )
    out["unresolved"] = unresolved
    out["operating_points"] = operating_points(accuracy)
    out["protocol"] = PROTOCOLS[accuracy.forms]
    return out


def operating_points(accuracy: Accuracy) -> dict[str, dict[str, float]]:
    """What the shipped thresholds of these forms do on these people."""
    shipped = THRESHOLDS.get(accuracy.forms)
    if shipped is None:
        return {}
    points: dict[str, dict[str, float]] = {}
    for name, threshold in shipped._asdict().items():
        fmr, fnmr = accuracy.curve.at(threshold)
        points[name] = {"threshold": threshold, "fmr": fmr, "fnmr": fnmr}
    return points


def _by_samples(gallery: Gallery) -> npt.NDArray[np.int64]:
    counts = np.bincount(gallery.people, minlength=len(gallery.names))
    order = np.argsort(-counts, kind="stable")
    return np.asarray(order[counts[order] > 0], np.int64)
