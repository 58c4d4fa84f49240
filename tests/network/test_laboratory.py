"""In a laboratory many are seeded at once, and every opened bit is the right one."""

import numpy as np

from ipse.ground.names import Form, Outcome, Purpose
from ipse.keys.system import SystemEntropy
from ipse.shares.replicated import cut
from ipse.shares.spelling import spell
from ipse.wire.verdict import Verdict
from ipse_lab.drill.hostile import forced
from ipse_lab.forgery import resealed
from ipse_lab.processes import (
    THRESHOLDS,
    Network,
    new_body,
    new_owner,
    outcome_of,
)

SEEDED = 300


def test_bits_are_those_of_plain_arithmetic(laboratory: Network) -> None:
    bodies = [new_body(seed) for seed in range(SEEDED)]
    owner = new_owner(laboratory)
    assert laboratory.outcome(owner, Purpose.SEED, *bodies) is Outcome.SEEDED
    references = np.stack([body[Form.FACE] for body in bodies]).astype(np.int64)
    for number in (0, 17, SEEDED - 1, SEEDED + 5):
        probe = new_body(number)
        replies = laboratory.ask(owner, Purpose.BITS, probe)
        found = {r.finding for r in replies.values() if isinstance(r, Verdict)}
        (finding,) = found
        opened = np.unpackbits(
            np.frombuffer(finding.bits, np.uint8), count=SEEDED, bitorder="little"
        )
        scores = references @ probe[Form.FACE].astype(np.int64)
        assert np.array_equal(opened, scores >= THRESHOLDS[0].verify)


def test_what_is_seeded_is_found_when_it_enrols(laboratory: Network) -> None:
    body = new_body(SEEDED + 50)
    owner = new_owner(laboratory)
    assert laboratory.outcome(owner, Purpose.SEED, body) is Outcome.SEEDED
    someone = new_owner(laboratory)
    found = laboratory.outcome(someone, Purpose.ENROL, body)
    assert found is Outcome.ALREADY_ENROLLED


def test_one_bad_reference_keeps_all_from_being_seeded(laboratory: Network) -> None:
    before = laboratory.records(laboratory.charter.charter.operators[0].operator)
    good, bad = new_body(SEEDED + 60), new_body(SEEDED + 61)
    owner = new_owner(laboratory)
    short = forced(bad[Form.FACE].astype(np.int64)[np.newaxis] // 2)[0]
    spellings = [spell(Form.FACE, good[Form.FACE]), short]
    draw = SystemEntropy().draw
    sent = [cut(Form.FACE, each, (draw(32), draw(32))) for each in spellings]
    honest = laboratory.compose(owner, Purpose.SEED, good, bad)
    held = [tuple(parts[seat] for parts in sent) for seat in range(3)]
    forged = resealed(laboratory.charter, honest, owner, held)
    assert outcome_of(laboratory.deliver(forged)) is Outcome.MALFORMED
    for entry in laboratory.charter.charter.operators:
        assert laboratory.records(entry.operator) == before
