"""Arbitrary grants, receipts, changes and complaints: hypothesis strategies.

For tests alone, as `ipse_lab.arbitrary`, which lists them by tag.
"""

from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st

from ipse.ground.names import OPERATORS, Falsehood, Handle, Instant, Outcome
from ipse.wire import change, grant, limits, tags
from ipse.wire.complaint import Complaint, SignedComplaint
from ipse.wire.grant import Grant, SignedGrant, salted
from ipse.wire.receipt import (
    FIRST,
    NAMING,
    NOTHING_BEFORE,
    RECEIPTED,
    Receipt,
    SignedReceipt,
)
from ipse.wire.saved import Note
from ipse_lab.arbitrary_values import (
    counts,
    digests,
    form_sets,
    identifiers,
    instants,
    networks,
    numbers,
    operators,
    requested,
    signatures,
    signing_key,
    texts,
)


@st.composite
def _grants(draw: st.DrawFn) -> Grant:
    start = draw(st.integers(0, limits.INTEGER - limits.GRANT_WINDOW))
    arguments: dict[str, Any] = {
        "network": draw(networks),
        "charter_digest": draw(digests),
        "grant": draw(identifiers),
        "handle": draw(identifiers),
        "owner_key": draw(numbers.map(signing_key)),
        "operation": draw(st.sampled_from(sorted(grant.GRANTED))),
        "purpose": draw(digests),
        "audience": draw(digests),
        "not_before": start,
        "not_after": start + draw(st.integers(1, limits.GRANT_WINDOW)),
        "uses": draw(st.integers(1, limits.USES)),
    }
    return Grant(**arguments)


@st.composite
def _notes(draw: st.DrawFn) -> Note:
    audience, purpose = draw(texts(limits.TEXT)), draw(texts(limits.TEXT))
    salts = draw(digests), draw(digests)
    made = replace(
        draw(grants),
        audience=salted(tags.GRANT_AUDIENCE, salts[0], audience),
        purpose=salted(tags.GRANT_PURPOSE, salts[1], purpose),
    )
    signed = SignedGrant(made, draw(signatures))
    return Note(signed, audience, purpose, *salts)


@st.composite
def _receipts(draw: st.DrawFn) -> Receipt:
    operation = draw(st.sampled_from(sorted(RECEIPTED)))
    number = draw(st.integers(FIRST, limits.INTEGER) | st.just(FIRST))
    arguments: dict[str, Any] = {
        "network": draw(networks),
        "charter_digest": draw(digests),
        "tag": draw(digests),
        "number": number,
        "previous": NOTHING_BEFORE if number == FIRST else draw(_some_digests),
        "operation": operation,
        "outcome": draw(st.sampled_from(sorted(RECEIPTED[operation]))),
        "grant": draw(digests) if operation in NAMING else b"",
        "at": draw(instants),
        "tries": draw(counts),
    }
    return Receipt(**arguments)


@st.composite
def _uses(draw: st.DrawFn) -> change.Use:
    operation = draw(st.sampled_from(sorted(RECEIPTED)))
    return change.Use(
        draw(requested),
        Handle(draw(identifiers)),
        draw(numbers.map(signing_key)),
        operation,
        (draw(signed_grants),) if operation in NAMING else (),
    )


@st.composite
def _changes(draw: st.DrawFn) -> change.Change:
    kind = draw(st.sampled_from(change.Kind))
    is_of_records = kind in (change.Kind.ADD, change.Kind.REMOVE)
    return change.Change(
        draw(requested),
        kind,
        Instant(draw(instants)),
        draw(counts),
        tuple(draw(st.lists(planned, min_size=1, max_size=3))) if is_of_records else (),
        tuple(draw(st.lists(uses, min_size=0 if is_of_records else 1, max_size=3))),
    )


@st.composite
def _complaints(draw: st.DrawFn) -> Complaint:
    operator = draw(operators)
    others = [other for other in OPERATORS if other != operator]
    suspects = draw(st.sets(st.sampled_from(others), min_size=1))
    arguments: dict[str, Any] = {
        "network": draw(networks),
        "charter_digest": draw(digests),
        "epoch": draw(counts),
        "call": draw(digests),
        "operator": operator,
        "suspects": tuple(sorted(suspects)),
        "falsehood": draw(st.sampled_from(Falsehood)),
        "at": draw(instants),
    }
    return Complaint(**arguments)


_some_digests: Final = digests.filter(any)
grants: Final = _grants()
signed_grants: Final = st.builds(SignedGrant, grants, signatures)
notes: Final = _notes()
receipts: Final = _receipts()
signed_receipts: Final = st.builds(SignedReceipt, receipts, operators, signatures)
complaints: Final = _complaints()
signed_complaints: Final = st.builds(SignedComplaint, complaints, signatures)
planned: Final = st.builds(
    change.Planned,
    identifiers,
    counts,
    numbers.map(signing_key),
    form_sets(least=0),
)
uses: Final = _uses()
changes: Final = _changes()
outcomes: Final = st.lists(st.sampled_from(Outcome), max_size=4).map(tuple)
