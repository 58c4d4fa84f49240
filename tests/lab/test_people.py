"""Invented people score as real people do."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.ground.params import LENGTH, SCALE, THRESHOLDS
from ipse.template.code import halves
from ipse.template.distance import scores
from ipse.template.vector import Template
from ipse_lab.evaluate import all_pairs, subjects_of
from ipse_lab.gallery import read_gallery
from ipse_lab.people import People, people

SHARED = Path(__file__).parents[3] / "shared" / "data"
FORMS = list(Form)


def split_scores(drawn: People) -> tuple[np.ndarray, np.ndarray]:
    every = scores(drawn.probes, drawn.references)
    return np.diag(every), every[~np.eye(len(every), dtype=bool)]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_seed_gives_the_same_people(form: Form) -> None:
    first, again, other = people(1, 5, form), people(1, 5, form), people(2, 5, form)
    assert np.array_equal(first.references, again.references)
    assert np.array_equal(first.probes, again.probes)
    assert not np.array_equal(first.references, other.references)


@pytest.mark.parametrize("form", FORMS)
def test_everybody_passes_the_rules_of_templates(form: Form) -> None:
    drawn = people(3, 100, form)
    for values in (*drawn.references, *drawn.probes):
        try:
            Template(form, values)
        except Malformed as error:
            pytest.fail(str(error))


def test_a_thousand_are_there_in_well_under_a_second() -> None:
    start = perf_counter()
    assert people(4, 1_000).references.shape == (1_000, LENGTH[Form.FACE])
    assert perf_counter() - start < 1


# As measured on LFW and LibriSpeech by `ipse evaluate`: quantiles of the scores.
MATED = {
    Form.FACE: {0.05: 5_063, 0.25: 6_967, 0.5: 8_076, 0.95: 10_199},
    Form.VOICE: {0.05: 5_208, 0.25: 5_978, 0.5: 6_568, 0.95: 7_574},
}
NON_MATED = {
    Form.FACE: {0.5: -52, 0.9: 1_472, 0.99: 2_747, 0.999: 3_704},
    Form.VOICE: {0.5: -197, 0.9: 1_604, 0.99: 3_190, 0.999: 4_463},
}


@pytest.mark.parametrize("form", [Form.FACE, Form.VOICE])
def test_scores_are_distributed_as_measured(form: Form) -> None:
    mated, other = split_scores(people(5, 1_500, form))
    tolerance = 0.04 * SCALE[form] ** 2
    for share, score in MATED[form].items():
        assert np.quantile(mated, share) == pytest.approx(score, abs=tolerance)
    for share, score in NON_MATED[form].items():
        assert np.quantile(other, share) == pytest.approx(score, abs=tolerance)


def test_most_are_recognised_and_hardly_any_stranger_is() -> None:
    mated, other = split_scores(people(6, 1_000))
    verify = THRESHOLDS[(Form.FACE,)].verify
    assert 0.9 < (mated >= verify).mean() < 1
    assert 1e-6 < (other >= verify).mean() < 1e-3


def test_codes_of_strangers_differ_in_half_of_the_bits_as_irises_do() -> None:
    codes, masks = halves(people(7, 60, Form.CODE).references)
    dot = codes.astype(np.float64) @ codes.T
    valid = masks.astype(np.float64) @ masks.T
    distance = ((1 - dot / valid) / 2)[np.triu_indices(60, 1)]
    assert distance.mean() == pytest.approx(0.5, abs=0.005)
    assert 200 < 0.25 / distance.var() < 400  # degrees of freedom; irises have 249


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the evaluation data is not beside this checkout"
)
def test_the_figures_above_are_near_those_of_a_few_real_speakers() -> None:
    gallery = read_gallery(SHARED / "voices-librispeech", Form.VOICE, most=24)
    pairs = all_pairs(subjects_of(gallery))
    for mated, known in ((True, MATED), (False, NON_MATED)):
        seen = pairs.scores[pairs.is_mated == mated]
        for share, score in known[Form.VOICE].items():
            if 0.25 <= share <= 0.9:  # so few people say nothing about the tails
                assert np.quantile(seen, share) == pytest.approx(score, abs=700)
