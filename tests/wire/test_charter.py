"""A charter is trusted when all three of its operators signed exactly it."""

from dataclasses import fields, replace
from functools import partial
from typing import Any

import pytest

from ipse.crypto import signature
from ipse.ground import params
from ipse.ground.errors import Malformed, Refused, Unproven
from ipse.ground.names import Epoch, Form, OperatorId
from ipse.wire.charter import (
    Charter,
    SignedCharter,
    Thresholds,
    charter_digest,
    sign_charter,
    trust,
)
from ipse_lab.examples import charter, keyrings, signed_charter

CHANGED: dict[str, Any] = {
    "network": "other",
    "version": 2,
    "epoch": Epoch(8),
    "laboratory": False,
    "forms": (Form.FACE, Form.VOICE, Form.CODE),
    "thresholds": charter().thresholds[:1],
    "encoder": "another model",
    "proved_search": 999,
    "operators": tuple(
        replace(entry, name=entry.name + "!") for entry in charter().operators
    ),
}
CHANGED_ENTRY: dict[str, Any] = {
    "name": "Mallory",
    "sealing_key": charter().operators[0].sealing_key[:-32] + (9).to_bytes(32),
    "log_origin": "elsewhere/1",
    "log_key": signature.public_key(bytes(32)),
    "certificate": b"another",
    "peer_address": "127.0.0.1:1",
    "owner_address": "https://localhost:1",
}


def test_a_charter_that_all_three_signed_is_trusted() -> None:
    trusted = trust(signed_charter())
    assert trusted.charter == charter()
    assert trusted.digest == charter_digest(charter())


@pytest.mark.parametrize("name", [field.name for field in fields(Charter)])
def test_a_charter_changed_in_any_field_is_not_trusted(name: str) -> None:
    changed = replace(charter(), **{name: CHANGED[name]})
    with pytest.raises(Unproven, match="Operator 1 did not sign this charter"):
        trust(replace(signed_charter(), charter=changed))
    assert charter_digest(changed) != charter_digest(charter())


@pytest.mark.parametrize("name", CHANGED_ENTRY)
def test_an_operator_changed_in_any_field_is_not_trusted(name: str) -> None:
    first, second, third = charter().operators
    changed = replace(second, **{name: CHANGED_ENTRY[name]})
    with pytest.raises(Unproven):
        trust(
            replace(
                signed_charter(),
                charter=replace(charter(), operators=(first, changed, third)),
            )
        )


@pytest.mark.parametrize("operator", [1, 2, 3])
def test_two_signatures_of_three_are_not_enough(operator: int) -> None:
    signatures = list(signed_charter().signatures)
    signatures[operator - 1] = bytes(64)
    with pytest.raises(Unproven, match=f"Operator {operator} did not sign"):
        trust(SignedCharter(charter(), tuple(signatures)))


def test_operators_do_not_sign_for_each_other() -> None:
    first, second, third = signed_charter().signatures
    with pytest.raises(Unproven):
        trust(SignedCharter(charter(), (second, first, third)))
    own = sign_charter(charter(), keyrings()[0].sign)
    with pytest.raises(Unproven):
        trust(SignedCharter(charter(), (own, own, own)))


def test_a_signature_over_the_charter_under_another_tag_is_none() -> None:
    def sign_elsewhere(_tag: str, message: bytes) -> bytes:
        return keyrings()[0].sign("ipse/signature/verdict/1", message)

    _, second, third = signed_charter().signatures
    stray = sign_charter(charter(), sign_elsewhere)
    with pytest.raises(Unproven):
        trust(SignedCharter(charter(), (stray, second, third)))


def test_a_stranger_cannot_put_its_own_key_in_a_charter() -> None:
    """All three keys are in the charter that all three must sign."""
    seed = bytes(32)
    _, second, third = charter().operators
    stolen = replace(charter().operators[0], signing_key=signature.public_key(seed))
    changed = replace(charter(), operators=(stolen, second, third))
    own = sign_charter(changed, partial(signature.sign, seed))
    with pytest.raises(Unproven, match="Operator 2"):
        trust(SignedCharter(changed, (own, *signed_charter().signatures[1:])))


def _operators(*numbers: int) -> dict[str, Any]:
    return {"operators": tuple(charter().operators[number] for number in numbers)}


BAD: dict[str, dict[str, Any]] = {
    "version 0": {"version": 0},
    "an epoch before the first": {"epoch": -1},
    "no forms": {"forms": ()},
    "forms out of order": {"forms": (Form.VOICE, Form.FACE)},
    "a form twice": {"forms": (Form.FACE, Form.FACE, Form.VOICE)},
    "thresholds for a form that is not there": {"forms": (Form.FACE,)},
    "two thresholds for one set": {"thresholds": charter().thresholds * 2},
    "no thresholds": {"thresholds": ()},
    "two operators": _operators(0, 1),
    "four operators": _operators(0, 1, 2, 2),
    "operators out of order": _operators(1, 0, 2),
    "an operator twice": _operators(0, 0, 2),
    "1 for a laboratory": {"laboratory": 1},
    "a name in capitals": {"network": "Example"},
    "no encoder": {"encoder": ""},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
def test_a_charter_that_breaks_a_rule_does_not_exist(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(charter(), **changes)


@pytest.mark.parametrize(
    "name", ["signing_key", "sealing_key", "log_origin", "log_key", "certificate"]
)
def test_two_operators_never_share_a_key(name: str) -> None:
    first, second, third = charter().operators
    same = replace(second, **{name: getattr(first, name)})
    with pytest.raises(Malformed, match=f"the same {name}"):
        replace(charter(), operators=(first, same, third))


@pytest.mark.parametrize("whose", [0, 1])
def test_a_log_key_is_nobody_s_signing_key(whose: int) -> None:
    first, second, third = charter().operators
    signing = charter().operators[whose].signing_key
    with pytest.raises(Malformed, match="nothing but notes of logs"):
        replace(charter(), operators=(replace(first, log_key=signing), second, third))


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "a\u3000b", " a", "a\n"])
def test_a_log_s_origin_is_the_name_of_a_key(origin: str) -> None:
    with pytest.raises(Malformed, match="log_origin"):
        replace(charter().operators[0], log_origin=origin)


def test_an_entry_with_a_key_that_proves_or_hides_nothing_does_not_exist() -> None:
    entry = charter().operators[0]
    with pytest.raises(Malformed, match="proves nothing"):
        replace(entry, signing_key=bytes(32))
    with pytest.raises(Malformed, match="proves nothing"):
        replace(entry, log_key=bytes(32))
    with pytest.raises(Malformed, match="hides nothing"):
        replace(entry, sealing_key=entry.sealing_key[:-32] + bytes(32))
    with pytest.raises(Malformed, match="reduced"):
        replace(entry, sealing_key=b"\xff" * 1_216)


@pytest.mark.parametrize("forms", [(Form.FACE,), (Form.FACE, Form.VOICE)])
def test_a_threshold_leaves_room_in_its_ring(forms: tuple[Form, ...]) -> None:
    bound = params.THRESHOLD_BOUND
    Thresholds(forms, bound, -bound)
    for verify, unique in [(bound + 1, 0), (0, bound + 1), (-bound - 1, 0)]:
        with pytest.raises(Malformed, match="within"):
            Thresholds(forms, verify, unique)


@pytest.mark.parametrize("forms", [(Form.VOICE, Form.FACE), (Form.CODE, Form.CODE), ()])
def test_a_thresholds_forms_are_a_set_in_order(forms: tuple[Form, ...]) -> None:
    with pytest.raises(Malformed, match="forms"):
        Thresholds(forms, 0, 0)


def test_codes_are_compared_alone_and_by_their_own_rule() -> None:
    Thresholds((Form.CODE,), 0, 0)
    for verify, unique in [(1, 0), (0, -1)]:
        with pytest.raises(Malformed, match="within 0 of zero"):
            Thresholds((Form.CODE,), verify, unique)
    with pytest.raises(Malformed, match="alone"):
        Thresholds((Form.FACE, Form.CODE), 0, 0)


def test_thresholds_are_found_by_their_exact_forms() -> None:
    assert charter().thresholds_for((Form.FACE,)).verify == 3_000
    assert charter().thresholds_for((Form.FACE, Form.VOICE)).verify == 5_000
    with pytest.raises(Refused, match="does not compare voice"):
        charter().thresholds_for((Form.VOICE,))


def test_an_entry_is_found_by_its_operator() -> None:
    assert charter().entry(OperatorId(3)).operator == 3
    with pytest.raises(ValueError, match="not in tuple"):
        charter().entry(OperatorId(0))
