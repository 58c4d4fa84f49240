"""Arbitrary wire records, for tests that say "for every": hypothesis strategies.

For tests alone: hypothesis is not among the parts that Ipse is installed with, and
nothing but tests imports this file.
"""

from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st

from ipse.ground import params
from ipse.ground.names import (
    OPERATORS,
    Epoch,
    Form,
    Outcome,
    Purpose,
    RequestId,
    Slot,
)
from ipse.wire import limits, peer, tags, workers
from ipse.wire.charter import Charter, OperatorEntry, SignedCharter, Thresholds
from ipse.wire.complaint import Complained
from ipse.wire.evidence import Evidence
from ipse.wire.grant import SignedGrant
from ipse.wire.known_answer import KnownAnswer, Sent
from ipse.wire.parts import SEED, VECTOR, Contents, WireComponent, WirePart
from ipse.wire.problem import Family, Problem
from ipse.wire.request import BOXED, GRANTED, Header, Request, Submission
from ipse.wire.saved import SavedLedger
from ipse.wire.verdict import OUTCOMES, Finding, Verdict
from ipse_lab.arbitrary_uses import (
    changes,
    complaints,
    grants,
    notes,
    outcomes,
    planned,
    receipts,
    signed_complaints,
    signed_grants,
    signed_receipts,
    uses,
)
from ipse_lab.arbitrary_values import (
    KEYS,
    Strategy,
    counts,
    digests,
    form_sets,
    identifiers,
    instants,
    networks,
    numbers,
    operators,
    requested,
    sealing_key,
    signatures,
    signing_key,
    texts,
)


def entries(operator: Strategy[int]) -> Strategy[OperatorEntry]:
    """Return what a charter says about an operator."""
    hosts = st.sampled_from(["localhost", "127.0.0.1", "a.b-c.example", "[::1]"])
    addresses = st.builds("{}:{}".format, hosts, st.integers(1, 65_535))
    return st.builds(
        OperatorEntry,
        operator=operator,
        name=texts(limits.TEXT),
        signing_key=numbers.map(signing_key),
        sealing_key=numbers.map(sealing_key),
        log_origin=st.sampled_from(["ipse/a/1", "example.com/log", "\u00e9"]),
        log_key=numbers.map(lambda number: signing_key(KEYS + number)),
        certificate=st.binary(min_size=1, max_size=50),
        peer_address=addresses,
        owner_address=addresses.map("https://{}".format),
    )


bounds: Final = st.integers(-params.THRESHOLD_BOUND, params.THRESHOLD_BOUND)
COMPARED: Final = ((Form.FACE,), (Form.VOICE,), (Form.FACE, Form.VOICE))
"""Sets of forms whose thresholds are free. Codes have a set and a rule of their own."""

thresholds: Final = st.builds(
    Thresholds, forms=st.sampled_from(COMPARED), verify=bounds, unique=bounds
) | st.just(Thresholds((Form.CODE,), 0, 0))


@st.composite
def _charters(draw: st.DrawFn) -> Charter:
    given = draw(
        st.lists(thresholds, min_size=1, max_size=4, unique_by=lambda one: one.forms)
    )
    named = {form for one in given for form in one.forms}
    first = draw(numbers)
    return Charter(
        network=draw(networks),
        version=draw(st.integers(1, limits.INTEGER)),
        epoch=Epoch(draw(counts)),
        laboratory=draw(st.booleans()),
        forms=tuple(form for form in Form if form in named),
        thresholds=tuple(given),
        encoder=draw(texts(limits.ENCODER)),
        proved_search=draw(st.integers(0, limits.PROVED_SEARCH)),
        operators=tuple(
            replace(
                draw(entries(st.just(operator))),
                signing_key=signing_key((first + operator) % KEYS),
                sealing_key=sealing_key((first + operator) % KEYS),
                log_origin=f"log/{operator}",
                log_key=signing_key(KEYS + (first + operator) % KEYS),
                certificate=bytes([operator]) + draw(st.binary(max_size=20)),
            )
            for operator in OPERATORS
        ),
    )


@st.composite
def _headers(draw: st.DrawFn) -> Header:
    purpose = draw(st.sampled_from(Purpose))
    start = draw(st.integers(0, limits.INTEGER - limits.WINDOW))
    boxed = form_sets(least=1) if purpose in BOXED else st.just(())
    arguments: dict[str, Any] = {
        "network": draw(networks),
        "charter_digest": draw(digests),
        "epoch": draw(counts),
        "request": draw(identifiers),
        "purpose": purpose,
        "handle": draw(identifiers),
        "owner_key": draw(numbers.map(signing_key)),
        "not_before": start,
        "not_after": start + draw(st.integers(1, limits.WINDOW)),
        "forms": draw(boxed),
        "grant": draw(digests) if purpose in GRANTED else b"",
        "since": draw(st.integers(1, 9)) if purpose is Purpose.LEDGER else 0,
    }
    return Header(**arguments)


@st.composite
def _submissions(draw: st.DrawFn) -> Submission:
    request = draw(requests)
    granted = tuple[SignedGrant, ...]()
    if request.header.purpose in GRANTED:
        granted = (draw(signed_grants),)
        header = replace(request.header, grant=granted[0].digest)
        request = replace(request, header=header)
    least = 1 if request.header.purpose in BOXED else 0
    box = draw(st.binary(min_size=least, max_size=100 * least))
    return Submission(request, granted, box)


@st.composite
def _findings(draw: st.DrawFn) -> Finding:
    purpose = draw(st.sampled_from(Purpose))
    outcome = draw(st.sampled_from(sorted(OUTCOMES[purpose])))
    bits = draw(st.binary(max_size=20)) if outcome is Outcome.BITS else b""
    arguments: dict[str, Any] = {
        "network": draw(networks),
        "charter_digest": draw(digests),
        "epoch": draw(counts),
        "request": draw(identifiers),
        "request_digest": draw(digests),
        "purpose": purpose,
        "handle": draw(identifiers),
        "outcome": outcome,
        "bits": bits,
        "receipt": draw(digests | st.just(b"")),
    }
    return Finding(**arguments)


@st.composite
def _stances(draw: st.DrawFn) -> peer.Stance:
    return peer.Stance(
        draw(operators),
        draw(requested),
        draw(digests),
        draw(digests),
        draw(digests),
    )


def _table(
    stances: tuple[peer.Stance, ...], request: bytes, slots: tuple[Slot, ...]
) -> peer.Seated:
    said = tuple(
        replace(stance, operator=operator, request=RequestId(request))
        for operator, stance in zip(OPERATORS, stances, strict=True)
    )
    return peer.Seated(said, slots)


def _gives_each_slot_once(seated: tuple[peer.Seated, ...]) -> bool:
    slots = [slot for each in seated for slot in each.slots]
    return len(set(slots)) == len(slots)


charters: Final = _charters()
headers: Final = _headers()
findings: Final = _findings()
signed_charters: Final = st.builds(
    SignedCharter, charters, st.tuples(signatures, signatures, signatures)
)
requests: Final = st.builds(
    Request, headers, st.tuples(digests, digests, digests), signatures
)
submissions: Final = _submissions()
components: Final = st.builds(
    WireComponent, st.just(SEED), st.binary(min_size=32, max_size=32)
) | st.builds(
    WireComponent,
    st.just(VECTOR),
    st.integers(1, 20).flatmap(
        lambda words: st.binary(min_size=4 * words, max_size=4 * words)
    ),
)
parts: Final = st.builds(WirePart, st.sampled_from(Form), components, components)
contents: Final = st.builds(
    Contents, st.lists(parts, min_size=1, max_size=4).map(tuple)
)
verdicts: Final = st.builds(
    Verdict,
    findings,
    operators,
    instants,
    signatures,
    st.lists(signed_receipts, max_size=2).map(tuple),
)


@st.composite
def _sents(draw: st.DrawFn) -> Sent:
    request = draw(requests)
    forms = request.header.forms
    boxes = st.binary(max_size=9)
    return Sent(
        request,
        draw(st.tuples(boxes, boxes, boxes)),
        tuple(bytes([draw(st.integers(0, 255))]) * params.LENGTH[f] for f in forms),
        tuple(draw(digests) for _ in range(2 * len(forms))),
        draw(st.tuples(verdicts, verdicts)),
    )


sents: Final = _sents()
problems: Final = st.builds(
    Problem,
    st.sampled_from(Family),
    texts(limits.TEXT),
    texts(limits.DETAIL),
    operators,
)

stances: Final = _stances()
tables: Final = st.builds(
    _table,
    st.tuples(stances, stances, stances),
    identifiers,
    st.lists(counts, max_size=5).map(tuple),
)

addresses: Final = st.sampled_from(["a:1", "op-1.example:65535", "[::1]:7711"])


def _waiting(numbers: Strategy[int]) -> Strategy[workers.Worker]:
    return st.builds(
        workers.Worker, numbers, addresses, st.binary(min_size=1, max_size=9)
    )


@st.composite
def _crews(draw: st.DrawFn) -> workers.Crew:
    size = draw(st.integers(0, 9))
    numbers = sorted(draw(st.sets(st.integers(0, max(0, size - 1)), max_size=size)))
    waiting = tuple(draw(_waiting(st.just(number))) for number in numbers)
    return workers.Crew(draw(operators), size, waiting)


RECORDS: Final[dict[str, Strategy[Any]]] = {
    tags.OPERATOR_ENTRY: entries(operators),
    tags.THRESHOLDS: thresholds,
    tags.CHARTER: charters,
    tags.SIGNED_CHARTER: signed_charters,
    tags.HEADER: headers,
    tags.REQUEST: requests,
    tags.SUBMISSION: submissions,
    tags.COMPONENT: components,
    tags.PART: parts,
    tags.CONTENTS: contents,
    tags.FINDING: findings,
    tags.VERDICT: verdicts,
    tags.EVIDENCE: st.builds(
        Evidence,
        digests | st.just(b""),
        st.lists(signed_receipts, min_size=1, max_size=2).map(tuple),
        st.lists(verdicts, max_size=1).map(tuple),
    ),
    tags.NOTE: notes,
    tags.SAVED: st.builds(
        SavedLedger,
        st.lists(verdicts, min_size=2, max_size=3).map(tuple),
        st.lists(signed_receipts, max_size=3).map(
            lambda some: tuple(
                sorted(some, key=lambda one: (one.receipt.number, one.operator))
            )
        ),
        st.lists(notes, max_size=2).map(tuple),
    ),
    tags.GRANT: grants,
    tags.SIGNED_GRANT: signed_grants,
    tags.RECEIPT: receipts,
    tags.SIGNED_RECEIPT: signed_receipts,
    tags.PLANNED: planned,
    tags.USE: uses,
    tags.CHANGE: changes,
    tags.SENT: sents,
    tags.KNOWN_ANSWER: st.builds(KnownAnswer, st.just(()) | st.tuples(sents), sents),
    tags.COMPLAINT: complaints,
    tags.SIGNED_COMPLAINT: signed_complaints,
    tags.COMPLAINED: st.builds(
        Complained, operators, st.lists(signed_complaints, max_size=3).map(tuple)
    ),
    tags.HELLO: st.builds(
        peer.Hello,
        networks,
        digests,
        counts,
        operators,
        st.binary(min_size=1_168, max_size=1_168),
    ),
    tags.STANCE: stances,
    tags.GONE: st.builds(peer.Gone, requested),
    tags.SEATED: tables,
    tags.BEGIN: st.builds(
        peer.Begin,
        counts.map(lambda count: max(count, 1)),
        instants,
        digests,
        digests,
        st.lists(
            tables, min_size=1, max_size=3, unique_by=lambda seated: seated.request
        )
        .map(tuple)
        .filter(_gives_each_slot_once),
    ),
    tags.VOTE: st.builds(peer.Vote, requested, st.booleans(), outcomes),
    tags.DECISION: st.builds(
        peer.Decision,
        requested,
        st.sampled_from(peer.Ruling),
        outcomes,
        st.lists(changes, max_size=1).map(tuple),
    ),
    tags.ACKNOWLEDGED: st.builds(peer.Acknowledged, requested),
    tags.SETTLED: st.builds(peer.Settled, operators, digests, digests),
    tags.WORKER: _waiting(st.integers(0, limits.WORKERS - 1)),
    tags.CREW: _crews(),
}
"""A strategy for every record of ipse.wire, by tag."""


def mutated(encoded: Strategy[bytes]) -> Strategy[bytes]:
    """Return bytes with a byte changed, cut, doubled, put in, or a bit of all three."""
    return encoded.flatmap(
        lambda good: st.lists(_edits(len(good)), min_size=1, max_size=3).map(
            lambda edits: _apply(good, edits)
        )
    )


def _edits(size: int) -> Strategy[tuple[int, int, bytes]]:
    """Return (start, bytes taken out, bytes put in)."""
    heads = st.sampled_from([b"\x18", b"\x58", b"\x9f", b"\xbf", b"\xc0", b"\xf5"])
    return st.tuples(
        st.integers(0, size),
        st.integers(0, 3),
        st.binary(max_size=3) | heads,
    )


def _apply(good: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for start, gone, new in edits:
        good = good[:start] + new + good[start + gone :]
    return good
