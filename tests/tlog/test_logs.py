"""A charter says whose log is which, and who watches it."""

import pytest

from ipse.ground.names import OPERATORS, OperatorId
from ipse.tlog.logs import log_of, others, witness_of
from ipse.tlog.note import Kind
from ipse_lab.examples import charter, keyrings


@pytest.mark.parametrize("operator", OPERATORS)
def test_each_log_is_watched_by_the_two_others(operator: OperatorId) -> None:
    log = log_of(charter(), operator)
    assert log.origin == log.key.name == f"ipse/example/{operator}"
    assert log.key.key == keyrings()[operator - 1].log_key
    watching = [witness_of(charter(), other) for other in others(operator)]
    assert list(log.witnesses) == watching
    assert log.key.key not in {one.key for one in log.witnesses}


def test_an_operator_signs_as_a_log_and_as_a_witness_with_one_key_and_two_ids() -> None:
    log, witness = log_of(charter(), OPERATORS[0]), witness_of(charter(), OPERATORS[0])
    assert (log.key.key, log.key.kind) == (witness.key, Kind.LOG)
    assert log.key.id != witness.id
