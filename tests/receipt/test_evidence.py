"""Evidence convicts who signed it, and nobody else."""

from dataclasses import replace

import pytest

from ipse.ground.errors import Unproven
from ipse.ground.names import Outcome
from ipse.receipt.evidence import convict
from ipse.wire.evidence import Evidence
from ipse_lab.chains import KEY, end, receipts_of, sign
from ipse_lab.examples import NOW, trusted_charter

RECEIPTS = receipts_of(Outcome.MATCHED, Outcome.MATCHED)
OTHER = receipts_of(Outcome.MATCHED, Outcome.NOT_MATCHED)
LATER = NOW + 60_000

GOES_TOGETHER = {
    "one receipt, twice": Evidence(b"", (sign(1, RECEIPTS[1]),) * 2, ()),
    "one receipt of two": Evidence(
        b"", (sign(1, RECEIPTS[1]), sign(2, RECEIPTS[1])), ()
    ),
    "two that follow each other": Evidence(
        KEY.key, (sign(1, RECEIPTS[1]), sign(1, RECEIPTS[2])), ()
    ),
    "two that do not, and no key": Evidence(
        b"",
        (
            sign(1, RECEIPTS[1]),
            sign(1, replace(RECEIPTS[2], previous=bytes(31) + b"1")),
        ),
        (),
    ),
    "two operators that do not": Evidence(
        KEY.key,
        (
            sign(1, RECEIPTS[1]),
            sign(2, replace(RECEIPTS[2], previous=bytes(31) + b"1")),
        ),
        (),
    ),
    "an end that was the end": Evidence(
        KEY.key, (sign(1, RECEIPTS[2]),), (end(1, RECEIPTS[2], LATER),)
    ),
    "an end that another told": Evidence(
        KEY.key, (sign(1, RECEIPTS[2]),), (end(2, RECEIPTS[1], LATER),)
    ),
    "an end of before": Evidence(
        KEY.key, (sign(1, RECEIPTS[2]),), (end(1, RECEIPTS[1], RECEIPTS[2].at),)
    ),
    "no end, and another's first receipt": Evidence(
        bytes(32), (sign(1, RECEIPTS[0]),), (end(1, None, LATER),)
    ),
}


@pytest.mark.parametrize("evidence", GOES_TOGETHER.values(), ids=GOES_TOGETHER)
def test_what_goes_together_convicts_nobody(evidence: Evidence) -> None:
    with pytest.raises(Unproven, match="against nobody"):
        convict(evidence, trusted_charter())


@pytest.mark.parametrize("place", [0, 1])
def test_nobody_is_convicted_by_what_it_did_not_sign(place: int) -> None:
    receipts = [sign(1, RECEIPTS[2]), sign(1, OTHER[2])]
    receipts[place] = replace(receipts[place], signature=bytes(64))
    with pytest.raises(Unproven, match="signature"):
        convict(Evidence(b"", tuple(receipts), ()), trusted_charter())
    verdict = replace(end(1, RECEIPTS[1], LATER), signature=bytes(64))
    with pytest.raises(Unproven, match="signature"):
        convict(Evidence(b"", (sign(1, RECEIPTS[2]),), (verdict,)), trusted_charter())


def test_who_says_that_there_was_nothing_is_stale_as_well() -> None:
    evidence = Evidence(KEY.key, (sign(3, RECEIPTS[0]),), (end(3, None, LATER),))
    assert convict(evidence, trusted_charter()).operators == (3,)
