"""Arbitrary wire records, for tests that say "for every": hypothesis strategies.

For tests alone: hypothesis is not among the parts that Ipse is installed with, and
nothing but tests imports this file.
"""

import unicodedata
from dataclasses import replace
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from ipse.crypto import hpke, signature
from ipse.ground import params
from ipse.ground.names import OPERATORS, Form, Outcome, Purpose
from ipse.wire import limits, tags
from ipse.wire.charter import Charter, OperatorEntry, SignedCharter, Thresholds
from ipse.wire.parts import SEED, VECTOR, Contents, WireComponent, WirePart
from ipse.wire.problem import Family, Problem
from ipse.wire.request import BOXED, Header, Request, Submission
from ipse.wire.verdict import OUTCOMES, Finding, Verdict
from ipse_lab.fakes import CountedEntropy

Strategy = st.SearchStrategy

KEYS: Final = 6
"""Keys to choose from: making one costs more than all else here."""


@cache
def _signing_key(number: int) -> bytes:
    return signature.public_key(CountedEntropy(f"{number}").draw(signature.KEY_BYTES))


@cache
def _sealing_key(number: int) -> bytes:
    return hpke.public_key(CountedEntropy(f"{number}").draw(hpke.PRIVATE_BYTES))


numbers: Final = st.integers(0, KEYS - 1)
counts: Final = st.integers(0, limits.INTEGER)
instants: Final = st.integers(0, limits.INTEGER)
operators: Final = st.sampled_from(OPERATORS)
digests: Final = st.binary(min_size=32, max_size=32)
signatures: Final = st.binary(min_size=64, max_size=64)
identifiers: Final = st.binary(min_size=16, max_size=16)
networks: Final = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


def texts(most: int) -> Strategy[str]:
    """Return texts that a record takes: printable, composed, trimmed."""
    letters = st.characters(
        categories=("L", "N", "P", "S"), exclude_characters="\u0344"
    ) | st.just(" ")
    trimmed = st.text(letters, min_size=1, max_size=min(most, 20)).map(
        lambda text: unicodedata.normalize("NFC", text).strip()
    )
    return trimmed.filter(lambda text: bool(text) and text.isprintable())


def form_sets(*, least: int) -> Strategy[tuple[Form, ...]]:
    """Return sets of forms in their order."""
    return st.sets(st.sampled_from(Form), min_size=least).map(
        lambda chosen: tuple(form for form in Form if form in chosen)
    )


def entries(operator: Strategy[int]) -> Strategy[OperatorEntry]:
    """Return what a charter says about an operator."""
    hosts = st.sampled_from(["localhost", "127.0.0.1", "a.b-c.example", "[::1]"])
    addresses = st.builds("{}:{}".format, hosts, st.integers(1, 65_535))
    return st.builds(
        OperatorEntry,
        operator=operator,
        name=texts(limits.TEXT),
        signing_key=numbers.map(_signing_key),
        sealing_key=numbers.map(_sealing_key),
        certificate=st.binary(min_size=1, max_size=50),
        peer_address=addresses,
        owner_address=addresses.map("https://{}".format),
    )


bounds: Final = st.integers(-params.THRESHOLD_BOUND, params.THRESHOLD_BOUND)
thresholds: Final = st.builds(
    Thresholds, forms=form_sets(least=1), verify=bounds, unique=bounds
)


@st.composite
def _charters(draw: st.DrawFn) -> Charter:
    forms = draw(form_sets(least=1))
    sets = form_sets(least=1).filter(lambda chosen: set(chosen) <= set(forms))
    chosen = draw(st.lists(sets, min_size=1, max_size=4, unique=True))
    keys = draw(st.permutations(range(KEYS)))
    return Charter(
        network=draw(networks),
        version=draw(st.integers(1, limits.INTEGER)),
        epoch=draw(counts),  # type: ignore[arg-type]  # a NewType of int
        laboratory=draw(st.booleans()),
        forms=forms,
        thresholds=tuple(Thresholds(one, draw(bounds), draw(bounds)) for one in chosen),
        encoder=draw(texts(limits.ENCODER)),
        operators=tuple(
            replace(
                draw(entries(st.just(operator))),
                signing_key=_signing_key(keys[operator]),
                sealing_key=_sealing_key(keys[operator]),
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
        "owner_key": draw(numbers.map(_signing_key)),
        "not_before": start,
        "not_after": start + draw(st.integers(1, limits.WINDOW)),
        "forms": draw(boxed),
    }
    return Header(**arguments)


@st.composite
def _submissions(draw: st.DrawFn) -> Submission:
    request = draw(requests)
    least = 1 if request.header.purpose in BOXED else 0
    return Submission(request, draw(st.binary(min_size=least, max_size=100 * least)))


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
    }
    return Finding(**arguments)


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
verdicts: Final = st.builds(Verdict, findings, operators, instants, signatures)
problems: Final = st.builds(
    Problem,
    st.sampled_from(Family),
    texts(limits.TEXT),
    texts(limits.DETAIL),
    operators,
)

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
