"""An answer counts if two operators signed it over this very request."""

from dataclasses import replace

import pytest

from ipse.ground.errors import Refused, Unavailable, Unproven
from ipse.ground.names import OPERATORS, OperatorId, Outcome, RequestId
from ipse.owner.verdict import Reply, Silence, Split, conclude
from ipse.wire.request import Request, request_digest, sign_request
from ipse.wire.verdict import Verdict, finding_for, sign_verdict
from ipse_lab.examples import (
    BOXES,
    NOW,
    header,
    keyrings,
    request,
    sign_as_owner,
    trusted_charter,
)

AWAY = Silence(Unavailable("Operator 9 is away."), is_first_hand=True)


def signed(
    operator: int, outcome: Outcome = Outcome.MATCHED, asked: Request | None = None
) -> Verdict:
    about = request() if asked is None else asked
    finding = finding_for(about.header, request_digest(about), outcome)
    keyring = keyrings()[operator - 1]
    return sign_verdict(finding, keyring.operator, NOW, keyring.sign)


def replies(*each: Reply) -> dict[OperatorId, Reply]:
    return dict(zip(OPERATORS, each, strict=True))


@pytest.mark.parametrize("absent", [1, 2, 3])
def test_any_two_are_enough(absent: int) -> None:
    each: list[Reply] = [signed(operator) for operator in OPERATORS]
    each[absent - 1] = AWAY
    answer = conclude(request(), trusted_charter(), replies(*each))
    assert answer.finding.outcome is Outcome.MATCHED
    assert answer.signed_by == tuple(o for o in OPERATORS if o != absent)
    assert answer.remarks == ("Operator 9 is away.",)


@pytest.mark.parametrize("present", [1, 2, 3])
def test_one_is_not_enough(present: int) -> None:
    each: list[Reply] = [AWAY, AWAY, AWAY]
    each[present - 1] = signed(present)
    with pytest.raises(Unavailable, match="Only one operator signed"):
        conclude(request(), trusted_charter(), replies(*each))


def test_an_operator_counts_once_whatever_it_hands_in() -> None:
    each = replies(signed(1), signed(1), AWAY)
    with pytest.raises(Unproven, match="Operator 2 gave no verdict that counts"):
        conclude(request(), trusted_charter(), each)


def test_an_answer_to_another_request_is_none() -> None:
    other = sign_request(
        replace(header(), request=RequestId(bytes(16))), BOXES, sign_as_owner
    )
    each = replies(signed(1, asked=other), signed(2, asked=other), AWAY)
    with pytest.raises(Unproven, match="another request"):
        conclude(request(), trusted_charter(), each)


def test_a_signature_that_does_not_hold_is_none() -> None:
    forged = replace(signed(1), signature=signed(2).signature)
    with pytest.raises(Unproven, match="Operator 1 gave no verdict that counts"):
        conclude(request(), trusted_charter(), replies(forged, signed(2), AWAY))


def test_two_that_differ_are_misbehaviour_with_both_signatures_as_evidence() -> None:
    each = replies(signed(1), signed(2, Outcome.NOT_MATCHED), AWAY)
    with pytest.raises(Split, match="Operators 1 and 2") as caught:
        conclude(request(), trusted_charter(), each)
    for operator, outcome in ((1, Outcome.MATCHED), (2, Outcome.NOT_MATCHED)):
        assert signed(operator, outcome).signature in caught.value.evidence


def test_a_refusal_is_told_in_the_operators_words_and_once() -> None:
    refusal = Silence(Refused("This request is over."), is_first_hand=False)
    with pytest.raises(Refused) as caught:
        conclude(request(), trusted_charter(), replies(refusal, refusal, refusal))
    assert str(caught.value) == "This request is over."


def test_operators_that_refuse_for_different_reasons_are_told_apart() -> None:
    over, full = (
        Silence(Refused(reason), is_first_hand=False) for reason in ("Over.", "Full.")
    )
    with pytest.raises(Refused) as caught:
        conclude(request(), trusted_charter(), replies(over, full, over))
    assert str(caught.value) == (
        "Operator 1 says: Over. Operator 2 says: Full. Operator 3 says: Over."
    )


def test_what_the_wallet_saw_itself_is_told_before_what_operators_say() -> None:
    waits = Silence(Unavailable("Operator 1 waits for a peer."), is_first_hand=False)
    with pytest.raises(Unavailable, match=r"^Operator 9 is away\.$"):
        conclude(request(), trusted_charter(), replies(waits, AWAY, waits))
