"""What leaves the device opens at one operator, for one request, and shows no face."""

import numpy as np
import pytest

from ipse.crypto.signature import public_key
from ipse.ground.errors import Malformed, Refused, Unproven
from ipse.ground.names import OPERATORS, Form, Handle, OperatorId, Purpose
from ipse.keys.wallet import Wallet
from ipse.owner.request import WINDOW_MS, Body, Dispatch, compose
from ipse.shares.replicated import Part, read_upload
from ipse.wire.request import SUBMISSION, box_info, check_request, read_contents
from ipse_lab.examples import NOW, keyrings, owner_seed, trusted_charter
from ipse_lab.fakes import CountedEntropy, SettableClock
from ipse_lab.wallets import invented_body

WALLET = Wallet(
    trusted_charter().charter.network,
    trusted_charter().digest,
    Handle(bytes(16)),
    owner_seed(),
    (Form.FACE,),
    "confirmed",
)


def composed(purpose: Purpose, *bodies: Body, throws: str = "") -> Dispatch:
    clock, entropy = SettableClock(NOW), CountedEntropy(throws)
    return compose(trusted_charter(), WALLET, purpose, bodies, clock, entropy)


def opened(dispatch: Dispatch, operator: OperatorId, by: OperatorId) -> bytes:
    header = dispatch.request.header
    box = dispatch.submissions[operator].box
    return keyrings()[by - 1].unseal(box_info(header, by), box)


def parts(dispatch: Dispatch) -> list[Part]:
    """What each operator holds of the first template."""
    return [
        read_upload(
            read_contents(
                opened(dispatch, operator, operator), dispatch.request.header
            ).parts[0]
        ).part()
        for operator in OPERATORS
    ]


@pytest.mark.parametrize("operator", OPERATORS)
def test_each_operator_accepts_what_it_is_sent(operator: OperatorId) -> None:
    dispatch = composed(Purpose.VERIFY, invented_body(1))
    verified = check_request(
        dispatch.submissions[operator], trusted_charter(), operator, NOW
    )
    assert verified.header.owner_key == public_key(owner_seed())
    assert 0 < verified.header.not_after - NOW <= WINDOW_MS


def test_two_operators_parts_add_up_to_the_template_and_one_alone_is_noise() -> None:
    body = invented_body(1)
    held = parts(composed(Purpose.ENROL, body))
    whole = (held[0].first + held[0].second + held[1].second).astype(np.int32)
    assert (whole[0] == body[Form.FACE]).all()
    for part in held:
        for component in (part.first, part.second):
            assert np.abs(component.astype(np.int32).astype(np.int64)).max() > 2**24


@pytest.mark.parametrize("operator", OPERATORS)
def test_no_other_operator_opens_a_box(operator: OperatorId) -> None:
    dispatch = composed(Purpose.VERIFY, invented_body(1))
    for other in set(OPERATORS) - {operator}:
        with pytest.raises(Unproven):
            opened(dispatch, operator, other)


def test_nothing_of_the_template_stands_in_what_is_sent() -> None:
    body = invented_body(1)
    dispatch = composed(Purpose.VERIFY, body)
    for submission in dispatch.submissions.values():
        sent = SUBMISSION.encode(submission)
        for width in ("<i1", "<i2", "<i4", "<i8"):
            assert body[Form.FACE][:4].astype(width).tobytes() not in sent


def test_the_same_template_is_cut_differently_each_time() -> None:
    one, other = (
        parts(composed(Purpose.VERIFY, invented_body(1), throws=throws))
        for throws in "ab"
    )
    for before, after in zip(one, other, strict=True):
        assert np.mean(before.first == after.first) < 0.1
        assert np.mean(before.second == after.second) < 0.1
        assert np.mean(before.first == before.second) < 0.1


def test_no_two_requests_share_an_id_or_a_box() -> None:
    one, other = (
        composed(Purpose.VERIFY, invented_body(1), throws=throws) for throws in "ab"
    )
    assert one.request.header.request != other.request.header.request
    for operator in OPERATORS:
        assert one.submissions[operator].box != other.submissions[operator].box


@pytest.mark.parametrize("purpose", [Purpose.STATUS, Purpose.ERASE])
def test_what_needs_no_body_carries_none(purpose: Purpose) -> None:
    dispatch = composed(purpose)
    assert dispatch.request.header.forms == ()
    assert all(submission.box == b"" for submission in dispatch.submissions.values())


def test_forms_that_the_network_does_not_compare_are_refused_here() -> None:
    voice = {Form.VOICE: np.zeros(256, np.int16)}
    with pytest.raises(Refused, match="does not compare voice"):
        composed(Purpose.VERIFY, voice)


def test_bodies_of_one_request_are_alike() -> None:
    both = invented_body(2) | {Form.VOICE: np.zeros(256, np.int16)}
    with pytest.raises(Refused, match="same forms"):
        composed(Purpose.SEED, invented_body(1), both)


def test_a_probe_of_the_wrong_length_is_refused_before_it_is_cut() -> None:
    with pytest.raises(Malformed, match="128 entries"):
        composed(Purpose.VERIFY, {Form.FACE: np.zeros(127, np.int16)})
