"""The same job for a peer: the vectors of `ipse_lab.bench.jobs`, laid down as files.

A code's probe is handed over in all its rotations; turning it is not in a peer's time.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.ground.params import CODE_SHAPE, CODE_SHIFT, CODE_WEIGHT
from ipse_lab.bench import jobs
from ipse_lab.bench.jobs import Job
from ipse_lab.bench.peers.exchange import Bits, Rule, write_task


def rule_of(job: Job) -> Rule:
    """Say when a comparison of this job matches."""
    return Rule(
        form="code" if job.form is Form.CODE else "embedding",
        length=job.length,
        records=job.records,
        probes=job.probes,
        threshold=job.threshold,
        agreement=2**CODE_SHIFT,
        weight=CODE_WEIGHT,
    )


def lay_down(job: Job, folder: Path) -> Bits:
    """Write the task of a job. Returns: its plain answers, bool[probes, records]."""
    rule = rule_of(job)
    width = job.length * (2 if rule.is_code else 1)
    references = np.empty((job.records, width), np.int8)
    for start, stop in jobs.blocks(job):
        references[start:stop] = jobs.references(job, start, stop)
    asking = jobs.probes(job)
    probes = _rotated(asking[0], job.probes) if rule.is_code else asking
    write_task(folder, rule, probes.astype(np.int8), references)
    return jobs.expected(job)


def _rotated(vector: npt.NDArray[np.int32], rotations: int) -> npt.NDArray[np.int32]:
    first = -(rotations // 2)
    turned = [
        np.concatenate(
            [
                np.roll(half.reshape(CODE_SHAPE), first + turn, axis=1).reshape(-1)
                for half in np.split(vector, 2)
            ]
        )
        for turn in range(rotations)
    ]
    return np.stack(turned)
