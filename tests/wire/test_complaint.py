"""A complaint is its operator's word, about the others, under one charter and epoch."""

from dataclasses import replace
from typing import Any

import pytest

from ipse.ground.errors import Malformed, Unproven
from ipse.ground.names import OPERATORS, Epoch, OperatorId
from ipse.wire.complaint import SignedComplaint, check_complaint, sign_complaint
from ipse_lab.examples import complaint, keyrings, signed_complaint, trusted_charter

ONE, TWO, THREE = OPERATORS


def test_a_signed_complaint_holds() -> None:
    check_complaint(signed_complaint(), trusted_charter())


@pytest.mark.parametrize(
    "changed",
    [
        {"network": "another"},
        {"charter_digest": bytes(32)},
        {"epoch": Epoch(8)},
    ],
)
def test_a_complaint_of_another_network_charter_or_epoch_is_none(
    changed: dict[str, Any],
) -> None:
    signed = sign_complaint(replace(complaint(), **changed), keyrings()[1].sign)
    with pytest.raises(Unproven, match="another network, charter or epoch"):
        check_complaint(signed, trusted_charter())


@pytest.mark.parametrize(
    "changed",
    [{"call": bytes(32)}, {"suspects": (THREE,)}, {"at": 0}],
)
def test_no_word_of_a_complaint_can_be_changed(changed: dict[str, Any]) -> None:
    true = signed_complaint()
    with pytest.raises(Unproven):
        check_complaint(
            SignedComplaint(replace(true.complaint, **changed), true.signature),
            trusted_charter(),
        )


def test_nobody_complains_in_the_name_of_another() -> None:
    signed = sign_complaint(complaint(), keyrings()[2].sign)
    with pytest.raises(Unproven):
        check_complaint(signed, trusted_charter())


@pytest.mark.parametrize("suspects", [(), (TWO,), (THREE, ONE), (ONE, ONE), (ONE, TWO)])
def test_who_complains_names_others_each_once_by_number(
    suspects: tuple[OperatorId, ...],
) -> None:
    with pytest.raises(Malformed):
        replace(complaint(), suspects=suspects)
