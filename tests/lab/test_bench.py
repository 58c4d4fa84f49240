"""A measurement checks what it measures."""

import numpy as np
import pytest

from ipse.ground.names import Form, Seat
from ipse_lab.bench import jobs
from ipse_lab.bench.match import codes, embeddings, measure


def test_three_processes_answer_every_pair_as_plain_arithmetic_does() -> None:
    report = measure(embeddings(64, 300, 3, 2, seed=1))
    assert report["bits_checked"] == 3 * 300 * 3
    assert report["bits_wrong"] == 0
    assert report["bits_matched"] >= 3
    assert report["opened_alike_by_all"]
    assert report["rounds"] == 8
    assert report["bytes_per_comparison_per_operator"] > 0


def test_codes_are_measured_with_all_their_rotations() -> None:
    report = measure(codes(records=65, rotations=5, repetitions=1, seed=2))
    assert (report["bits_checked"], report["bits_wrong"]) == (130, 0)
    assert report["bits_matched"] == 1


@pytest.mark.parametrize("job", [embeddings(64, 5_000, 2, 1, 3), codes(10, 3, 1, 3)])
def test_the_seats_shares_belong_together(job: jobs.Job) -> None:
    vectors = jobs.references(job, 0, next(jobs.blocks(job))[1])
    dice = [np.random.default_rng([job.seed, 3, 0]) for _ in range(3)]
    cut = [jobs.cut(job.form, vectors, Seat(s), dice[s]) for s in range(3)]
    total = sum(part.first for part in cut)
    assert (total.astype(np.int32) == vectors).all()
    kept = jobs.rows(job, Seat(0))
    width = job.length
    assert kept["code" if job.form is Form.CODE else "face"].shape == (
        job.records,
        width,
    )
