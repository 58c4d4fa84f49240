"""A request holds for one network, charter, epoch, time, purpose, record and owner."""

from dataclasses import fields, replace
from functools import partial
from typing import Any

import pytest

from ipse.crypto import signature
from ipse.ground.errors import IpseError, Malformed, Refused, Unproven
from ipse.ground.names import (
    Epoch,
    Form,
    Handle,
    Instant,
    OperatorId,
    Purpose,
    RequestId,
)
from ipse.wire import limits
from ipse.wire.charter import TrustedCharter, charter_digest
from ipse.wire.grant import SignedGrant, sign_grant
from ipse.wire.parts import CONTENTS, Contents
from ipse.wire.request import (
    BOXED,
    GRANTED,
    Header,
    Submission,
    box_digest,
    box_info,
    check_request,
    header_digest,
    read_contents,
    request_digest,
    seal_contents,
    sign_request,
)
from ipse_lab.examples import (
    BOXES,
    NOW,
    charter,
    contents,
    header,
    keyrings,
    request,
    sign_as_owner,
    signed_grant,
    trusted_charter,
)

FIRST = OperatorId(1)
SUBMISSION = Submission(request(), (signed_grant(),), BOXES[0])
CHANGED: dict[str, Any] = {
    "network": "other",
    "charter_digest": bytes(32),
    "epoch": Epoch(8),
    "request": RequestId(bytes(16)),
    "purpose": Purpose.ENROL,
    "handle": Handle(bytes(16)),
    "owner_key": signature.public_key(bytes(32)),
    "not_before": Instant(NOW - 1),
    "not_after": Instant(NOW + 60_001),
    "forms": (Form.FACE, Form.VOICE),
    "grant": sign_grant(replace(signed_grant().grant, uses=4), sign_as_owner).digest,
    "since": 1,
}
"""Another good value for each field of the header."""
TOGETHER: dict[str, dict[str, Any]] = {
    "purpose": {"grant": b""},
    "since": {"purpose": Purpose.LEDGER, "grant": b"", "forms": ()},
}
"""Fields that must change with another."""


def altered(name: str) -> Header:
    """Return the header with another good value of one field."""
    return replace(header(), **{name: CHANGED[name], **TOGETHER.get(name, {})})


def sent(changed: Header) -> Submission:
    """Return the owner's request, to which somebody gave another header."""
    other = sign_grant(replace(signed_grant().grant, uses=4), sign_as_owner)
    granted = [one for one in (signed_grant(), other) if one.digest == changed.grant]
    box = BOXES[0] if changed.purpose in BOXED else b""
    return Submission(replace(request(), header=changed), tuple(granted), box)


def test_a_request_that_holds_is_verified() -> None:
    for operator, box in enumerate(BOXES, 1):
        verified = check_request(
            Submission(request(), (signed_grant(),), box),
            trusted_charter(),
            OperatorId(operator),
            NOW,
        )
        assert verified.request == request()
        assert verified.digest == request_digest(request())
        assert verified.header == header()
        assert verified.box == box


@pytest.mark.parametrize("name", [field.name for field in fields(Header)])
def test_a_header_changed_in_any_field_is_not_what_the_owner_signed(name: str) -> None:
    changed = altered(name)
    assert header_digest(changed) != header_digest(header())
    with pytest.raises((Unproven, Refused)):
        check_request(sent(changed), trusted_charter(), FIRST, NOW)


@pytest.mark.parametrize(
    "name", ["request", "purpose", "handle", "owner_key", "not_before", "not_after"]
)
def test_what_no_policy_sees_the_signature_sees(name: str) -> None:
    changed = altered(name)
    with pytest.raises(Unproven, match="signature"):
        check_request(sent(changed), trusted_charter(), FIRST, NOW)


def _asked(**changes: object) -> Submission:
    """Return what an owner signed with these changes, and so means."""
    granted: tuple[SignedGrant, ...] = ()
    if changes.get("purpose", Purpose.VERIFY) in GRANTED:
        granted = (granted_for(**changes),)
    named = {"grant": granted[0].digest if granted else b""}
    changed = replace(header(), **{**changes, **named})  # type: ignore[arg-type]  # fields by name
    boxes = BOXES if changed.purpose in BOXED else (b"", b"", b"")
    request = sign_request(changed, boxes, sign_as_owner)
    return Submission(request, granted, boxes[0])


def granted_for(**changes: object) -> SignedGrant:
    """Return a grant that goes with a header that has these changes."""
    kept = {
        name: changes[name] for name in ("network", "charter_digest") & changes.keys()
    }
    return sign_grant(replace(signed_grant().grant, **kept), sign_as_owner)  # type: ignore[arg-type]  # fields by name


REFUSALS = {
    "another network": (_asked(network="other"), "for network other"),
    "another charter": (_asked(charter_digest=bytes(32)), "another charter"),
    "an earlier epoch": (_asked(epoch=Epoch(6)), "for epoch 6, and it is 7"),
    "a later epoch": (_asked(epoch=Epoch(8)), "for epoch 8, and it is 7"),
    "too early": (_asked(not_before=Instant(NOW + 1)), "for later"),
    "too late": (
        _asked(not_before=Instant(NOW - 9), not_after=Instant(NOW - 1)),
        "is over",
    ),
    "forms that are not compared": (
        _asked(forms=(Form.VOICE,)),
        "does not compare voice",
    ),
}


@pytest.mark.parametrize(("asked", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_a_well_signed_request_for_elsewhere_is_refused(
    asked: Submission, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        check_request(asked, trusted_charter(), FIRST, NOW)


@pytest.mark.parametrize("now", [NOW, NOW + 60_000])
def test_both_ends_of_the_window_are_still_in_time(now: int) -> None:
    check_request(SUBMISSION, trusted_charter(), FIRST, Instant(now))


@pytest.mark.parametrize("purpose", [Purpose.SEED, Purpose.BITS])
def test_only_a_laboratory_seeds_and_shows_bits(purpose: Purpose) -> None:
    check_request(_asked(purpose=purpose), trusted_charter(), FIRST, NOW)
    real = replace(charter(), laboratory=False)
    trusted = TrustedCharter(real, charter_digest(real))
    asked = _asked(purpose=purpose, charter_digest=trusted.digest)
    with pytest.raises(Refused, match="no laboratory"):
        check_request(asked, trusted, FIRST, NOW)
    check_request(_asked(charter_digest=trusted.digest), trusted, FIRST, NOW)


@pytest.mark.parametrize("purpose", [Purpose.STATUS, Purpose.ERASE])
def test_what_needs_no_body_comes_without_a_box(purpose: Purpose) -> None:
    asked = _asked(purpose=purpose, forms=())
    assert check_request(asked, trusted_charter(), FIRST, NOW).box == b""
    with pytest.raises(Malformed, match="no forms"):
        _asked(purpose=purpose)
    with pytest.raises(Malformed, match="box"):
        Submission(asked.request, (), b"something")


@pytest.mark.parametrize("purpose", sorted(BOXED))
def test_what_needs_a_body_comes_with_a_box(purpose: Purpose) -> None:
    with pytest.raises(Malformed, match="must name a form"):
        _asked(purpose=purpose, forms=())
    asked = _asked(purpose=purpose)
    with pytest.raises(Malformed, match="box"):
        Submission(asked.request, asked.granted, b"")


def test_a_box_that_the_owner_did_not_sign_is_unproven() -> None:
    for box in (BOXES[1], BOXES[0] + b"x", BOXES[0][:-1]):
        with pytest.raises(Unproven, match="box"):
            check_request(
                Submission(request(), (signed_grant(),), box),
                trusted_charter(),
                FIRST,
                NOW,
            )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_owner_signs_what_the_other_operators_get(place: int) -> None:
    sealed = list(request().sealed)
    sealed[place] = box_digest(b"forged")
    box = b"forged" if place == 0 else BOXES[0]
    with pytest.raises(Unproven, match="signature"):
        check_request(
            Submission(
                replace(request(), sealed=tuple(sealed)), (signed_grant(),), box
            ),
            trusted_charter(),
            FIRST,
            NOW,
        )


def test_another_key_cannot_sign_for_the_owner() -> None:
    forged = sign_request(header(), BOXES, partial(signature.sign, bytes(32)))
    asked = Submission(forged, (signed_grant(),), BOXES[0])
    with pytest.raises(Unproven, match="signature"):
        check_request(asked, trusted_charter(), FIRST, NOW)


def under(signed: SignedGrant, purpose: Purpose = Purpose.VERIFY) -> Submission:
    """Return a request under a grant, whatever it is, that its owner signed."""
    forms = (Form.FACE,) if purpose in BOXED else ()
    asked = replace(header(), purpose=purpose, forms=forms, grant=signed.digest)
    boxes = BOXES if purpose in BOXED else (b"", b"", b"")
    return Submission(sign_request(asked, boxes, sign_as_owner), (signed,), boxes[0])


def another(**changes: object) -> SignedGrant:
    """Return a grant that the owner signed, with changes."""
    return sign_grant(replace(signed_grant().grant, **changes), sign_as_owner)  # type: ignore[arg-type]  # fields by name


BAD_GRANTS = {
    "of another network": (another(network="other"), Refused, "another network"),
    "of another charter": (another(charter_digest=bytes(32)), Refused, "or charter"),
    "of another record": (another(handle=Handle(bytes(16))), Refused, "another record"),
    "of another owner": (
        another(owner_key=signature.public_key(bytes(32))),
        Refused,
        "another record",
    ),
    "for later": (another(not_before=Instant(NOW + 1)), Refused, "for later"),
    "that is over": (
        another(not_before=Instant(NOW - 9), not_after=Instant(NOW - 1)),
        Refused,
        "is over",
    ),
    "that is forged": (
        replace(signed_grant(), signature=another(uses=9).signature),
        Unproven,
        "ipse/signature/grant/1",
    ),
}


@pytest.mark.parametrize(
    ("signed", "family", "reason"), BAD_GRANTS.values(), ids=BAD_GRANTS
)
def test_a_grant_that_does_not_hold_is_refused(
    signed: SignedGrant, family: type[Exception], reason: str
) -> None:
    with pytest.raises(family, match=reason):
        check_request(under(signed), trusted_charter(), FIRST, NOW)


@pytest.mark.parametrize("now", [NOW, NOW + 60_000])
def test_a_grant_holds_to_both_ends_of_its_window(now: int) -> None:
    signed = another(not_before=NOW, not_after=Instant(NOW + 60_000))
    verified = check_request(under(signed), trusted_charter(), FIRST, Instant(now))
    assert verified.granted == (signed,)


def test_a_grant_can_be_withdrawn_before_its_window_and_by_its_owner_alone() -> None:
    later = another(not_before=Instant(NOW + 1))
    check_request(under(later, Purpose.WITHDRAW), trusted_charter(), FIRST, NOW)
    foreign = another(handle=Handle(bytes(16)))
    with pytest.raises(Refused, match="another record"):
        check_request(under(foreign, Purpose.WITHDRAW), trusted_charter(), FIRST, NOW)


def test_a_request_comes_with_the_grant_that_it_names_and_no_other() -> None:
    for granted in ((), (another(uses=9),)):
        with pytest.raises(Malformed, match="the grant that it names"):
            Submission(request(), granted, BOXES[0])
    with pytest.raises(Malformed, match="a grant exactly where"):
        replace(header(), grant=b"")
    with pytest.raises(Malformed, match="a grant exactly where"):
        replace(header(), purpose=Purpose.ENROL)
    with pytest.raises(Malformed, match="digest of 32 bytes"):
        replace(header(), grant=bytes(31))


def test_only_who_wants_receipts_says_from_which_on() -> None:
    with pytest.raises(Malformed, match="wants some"):
        replace(header(), since=1)
    with pytest.raises(Malformed, match="wants some"):
        replace(header(), purpose=Purpose.LEDGER, forms=(), grant=b"")


WINDOWS = [(0, 0), (1, 0), (0, limits.WINDOW + 1), (0, -1)]


@pytest.mark.parametrize(("start", "end"), WINDOWS)
def test_a_window_is_neither_empty_nor_long(start: int, end: int) -> None:
    with pytest.raises(Malformed):
        replace(header(), not_before=Instant(start), not_after=Instant(end))


@pytest.mark.parametrize("length", [1, limits.WINDOW])
def test_the_shortest_and_the_longest_window_are_allowed(length: int) -> None:
    end = Instant(NOW + length)
    assert replace(header(), not_before=NOW, not_after=end).not_after == end


@pytest.mark.parametrize("forms", [(Form.VOICE, Form.FACE), (Form.FACE, Form.FACE)])
def test_a_headers_forms_are_a_set_in_order(forms: tuple[Form, ...]) -> None:
    with pytest.raises(Malformed, match="each form once"):
        replace(header(), forms=forms)


def test_an_owner_key_that_proves_nothing_makes_no_header() -> None:
    with pytest.raises(Malformed, match="proves nothing"):
        replace(header(), owner_key=bytes(32))


# --- boxes --------------------------------------------------------------------

RINGS = keyrings()
BOX = seal_contents(contents(), header(), charter().operators[0])


def test_an_operator_opens_its_box() -> None:
    plain = RINGS[0].unseal(box_info(header(), FIRST), BOX)
    assert read_contents(plain, header()) == contents()


@pytest.mark.parametrize("name", [field.name for field in fields(Header)])
def test_a_box_does_not_open_under_another_header(name: str) -> None:
    """So not for another network, charter, epoch, request, purpose or record."""
    changed = altered(name)
    with pytest.raises(Unproven):
        RINGS[0].unseal(box_info(changed, FIRST), BOX)


def test_a_box_does_not_open_at_or_for_another_operator() -> None:
    with pytest.raises(Unproven):
        RINGS[1].unseal(box_info(header(), FIRST), BOX)
    with pytest.raises(Unproven):
        RINGS[0].unseal(box_info(header(), OperatorId(2)), BOX)


def test_a_box_that_was_touched_does_not_open() -> None:
    info = box_info(header(), FIRST)
    for place in range(0, len(BOX), 97):
        touched = bytearray(BOX)
        touched[place] ^= 1
        with pytest.raises(Unproven):
            RINGS[0].unseal(info, bytes(touched))


def _parts(*forms: Form) -> Contents:
    return Contents(tuple(replace(contents().parts[0], form=form) for form in forms))


FUSED = (Form.FACE, Form.VOICE)
MISFITS: dict[str, tuple[Purpose, tuple[Form, ...], Contents]] = {
    "a form too few": (Purpose.VERIFY, FUSED, _parts(Form.FACE)),
    "a form too many": (Purpose.VERIFY, (Form.FACE,), _parts(*FUSED)),
    "another form": (Purpose.VERIFY, (Form.FACE,), _parts(Form.VOICE)),
    "another order": (Purpose.VERIFY, FUSED, _parts(Form.VOICE, Form.FACE)),
    "two bodies": (Purpose.VERIFY, (Form.FACE,), _parts(Form.FACE, Form.FACE)),
    "two bodies to enrol": (Purpose.ENROL, FUSED, _parts(*FUSED, *FUSED)),
    "one body and a half": (Purpose.SEED, FUSED, _parts(*FUSED, Form.FACE)),
}


@pytest.mark.parametrize(("purpose", "forms", "found"), MISFITS.values(), ids=MISFITS)
def test_a_box_with_other_forms_than_announced_is_refused(
    purpose: Purpose, forms: tuple[Form, ...], found: Contents
) -> None:
    announced = header(purpose, forms)
    with pytest.raises(Malformed, match="announced"):
        seal_contents(found, announced, charter().operators[0])
    with pytest.raises(Malformed, match="announced"):
        read_contents(CONTENTS.encode(found), announced)


def test_seeding_brings_many_bodies() -> None:
    announced = header(Purpose.SEED, FUSED)
    many = _parts(*FUSED, *FUSED, *FUSED)
    box = seal_contents(many, announced, charter().operators[2])
    plain = RINGS[2].unseal(box_info(announced, OperatorId(3)), box)
    assert read_contents(plain, announced) == many


def test_every_refusal_is_a_sentence_that_names_no_secret() -> None:
    for asked, _ in REFUSALS.values():
        with pytest.raises(IpseError) as refusal:
            check_request(asked, trusted_charter(), FIRST, NOW)
        assert str(refusal.value).endswith(".")
