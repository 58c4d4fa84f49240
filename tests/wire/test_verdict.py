"""A finding counts when two operators signed it over the wallet's own request."""

from dataclasses import fields, replace
from itertools import permutations
from typing import Any

import pytest

from ipse.ground.errors import Malformed, Misbehaved, Unproven
from ipse.ground.names import (
    OPERATORS,
    Epoch,
    Handle,
    Instant,
    OperatorId,
    Outcome,
    Purpose,
    RequestId,
)
from ipse.wire.request import request_digest, sign_request
from ipse.wire.verdict import (
    OUTCOMES,
    Finding,
    VerifiedVerdict,
    agreed,
    check_verdict,
    finding_for,
    sign_verdict,
)
from ipse_lab.examples import (
    BOXES,
    NOW,
    finding,
    header,
    keyrings,
    request,
    sign_as_owner,
    trusted_charter,
    verdict,
)

CHANGED: dict[str, Any] = {
    "network": "other",
    "charter_digest": bytes(32),
    "epoch": Epoch(8),
    "request": RequestId(bytes(16)),
    "request_digest": bytes(32),
    "purpose": Purpose.ENROL,
    "handle": Handle(bytes(16)),
    "outcome": Outcome.NOT_MATCHED,
    "bits": b"\x01",
}


def _changed(name: str) -> Finding:
    if name == "purpose":
        return replace(finding(), purpose=Purpose.ENROL, outcome=Outcome.MALFORMED)
    if name == "bits":
        return replace(
            finding(), purpose=Purpose.BITS, outcome=Outcome.BITS, bits=b"\x01"
        )
    if name == "receipt":
        return replace(finding(), receipt=bytes(32))
    return replace(finding(), **{name: CHANGED[name]})


def _word(operator: int, said: Finding, at: int = NOW) -> VerifiedVerdict:
    keyring = keyrings()[operator - 1]
    signed = sign_verdict(said, OperatorId(operator), Instant(at), keyring.sign)
    return check_verdict(signed, trusted_charter())


YES = finding()
NO = replace(finding(), outcome=Outcome.NOT_MATCHED)


def test_an_operators_own_verdict_is_verified() -> None:
    assert check_verdict(verdict(), trusted_charter()).verdict == verdict()


@pytest.mark.parametrize("name", [field.name for field in fields(Finding)])
def test_a_finding_changed_in_any_field_is_unproven(name: str) -> None:
    with pytest.raises(Unproven):
        check_verdict(replace(verdict(), finding=_changed(name)), trusted_charter())


@pytest.mark.parametrize("name", ["network", "charter_digest", "epoch"])
def test_a_well_signed_verdict_of_elsewhere_is_unproven(name: str) -> None:
    with pytest.raises(Unproven, match="another network, charter or epoch"):
        _word(2, _changed(name))


def test_a_verdict_is_of_its_operator_and_time() -> None:
    with pytest.raises(Unproven, match="signature"):
        check_verdict(replace(verdict(), operator=OperatorId(1)), trusted_charter())
    with pytest.raises(Unproven, match="signature"):
        check_verdict(replace(verdict(), at=Instant(NOW + 1)), trusted_charter())
    with pytest.raises(Unproven, match="signature"):
        check_verdict(replace(verdict(), signature=bytes(64)), trusted_charter())


@pytest.mark.parametrize("pair", list(permutations(OPERATORS, 2)))
def test_any_two_operators_are_a_quorum(pair: tuple[int, int]) -> None:
    assert agreed([_word(operator, YES) for operator in pair], request()) == YES


def test_one_operator_is_no_quorum_however_often_it_speaks() -> None:
    with pytest.raises(Unproven, match="No two operators"):
        agreed([], request())
    with pytest.raises(Unproven, match="No two operators"):
        agreed([_word(1, YES), _word(1, YES), _word(1, YES, NOW + 1)], request())


@pytest.mark.parametrize("order", list(permutations([(1, YES), (2, NO), (3, YES)])))
def test_a_liar_alone_changes_nothing(order: tuple[tuple[int, Finding], ...]) -> None:
    assert agreed([_word(*word) for word in order], request()) == YES


def test_two_operators_that_disagree_settle_nothing() -> None:
    with pytest.raises(Unproven, match="No two operators"):
        agreed([_word(1, YES), _word(2, NO)], request())


def test_an_operator_that_says_two_things_is_not_counted_for_either() -> None:
    both = [_word(2, NO), _word(2, YES)]
    with pytest.raises(Misbehaved, match="Operator 2"):
        agreed([_word(1, YES), *both], request())
    with pytest.raises(Misbehaved, match="Operator 2"):
        agreed([_word(1, YES), *both, _word(3, NO)], request())
    assert agreed([_word(1, YES), *both, _word(3, YES)], request()) == YES


@pytest.mark.parametrize(
    "name", ["request", "request_digest", "purpose", "handle", "bits"]
)
def test_an_answer_to_another_request_does_not_count(name: str) -> None:
    other = _changed(name)
    with pytest.raises(Unproven, match="No two operators"):
        agreed([_word(operator, other) for operator in OPERATORS], request())


def test_an_answer_to_the_same_header_with_other_boxes_does_not_count() -> None:
    """A replay of the id with other templates is another request."""
    other = sign_request(header(), (b"x", *BOXES[1:]), sign_as_owner)
    said = finding_for(header(), request_digest(other), Outcome.MATCHED)
    with pytest.raises(Unproven):
        agreed([_word(1, said), _word(2, said)], request())


@pytest.mark.parametrize("purpose", Purpose)
def test_a_purpose_ends_only_in_its_own_outcomes(purpose: Purpose) -> None:
    for outcome in Outcome:
        if outcome in OUTCOMES[purpose]:
            replace(finding(), purpose=purpose, outcome=outcome)
        else:
            with pytest.raises(Malformed, match="never ends in"):
                replace(finding(), purpose=purpose, outcome=outcome)


def test_only_match_bits_have_bits() -> None:
    with pytest.raises(Malformed, match="no bits"):
        replace(finding(), bits=b"\x01")
