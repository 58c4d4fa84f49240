"""Three processes answer whatever a wallet may ask."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import numpy as np
import pytest

from ipse.ground.names import (
    OPERATORS,
    Form,
    OperatorId,
    Outcome,
    Purpose,
)
from ipse.keys.system import SystemEntropy
from ipse.keys.wallet import Wallet
from ipse.net.caller import pinned
from ipse.shares.replicated import cut
from ipse.shares.spelling import Spelling
from ipse.tlog.logs import log_of
from ipse.tlog.trust import check_cosigned
from ipse.wire.verdict import Verdict
from ipse_lab.drill.hostile import KINDS, Kind, forced
from ipse_lab.forgery import resealed
from ipse_lab.processes import (
    BOTH,
    FACE,
    Network,
    new_body,
    new_owner,
    outcome_of,
)

TWO = OperatorId(2)


@pytest.mark.parametrize("forms", [FACE, BOTH], ids=["face", "face and voice"])
def test_the_way_of_a_record(network: Network, forms: tuple[Form, ...]) -> None:
    owner, body, stranger = new_owner(network, forms), new_body(1, forms), new_body(2)
    face = {Form.FACE: body[Form.FACE]}
    assert network.outcome(owner, Purpose.STATUS) is Outcome.UNKNOWN
    assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    assert network.outcome(owner, Purpose.STATUS) is Outcome.ACTIVE
    assert network.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    assert network.outcome(owner, Purpose.VERIFY, face) is Outcome.MATCHED
    assert network.outcome(owner, Purpose.VERIFY, stranger) is Outcome.NOT_MATCHED
    again = new_owner(network, forms)
    assert network.outcome(again, Purpose.ENROL, body) is Outcome.ALREADY_ENROLLED
    assert network.outcome(again, Purpose.STATUS) is Outcome.UNKNOWN
    assert network.outcome(owner, Purpose.ERASE) is Outcome.ERASED
    assert network.outcome(owner, Purpose.VERIFY, body) is Outcome.UNKNOWN
    assert network.outcome(owner, Purpose.ERASE) is Outcome.UNKNOWN
    assert network.outcome(again, Purpose.ENROL, body) is Outcome.ENROLLED
    assert network.outcome(again, Purpose.ERASE) is Outcome.ERASED


def test_all_three_sign_the_same_finding(network: Network) -> None:
    replies = network.ask(new_owner(network), Purpose.STATUS)
    findings = {r.finding for r in replies.values() if isinstance(r, Verdict)}
    assert len(findings) == 1
    assert len(replies) == 3


def test_anothers_key_sees_no_record_and_erases_none(network: Network) -> None:
    owner, body = new_owner(network), new_body(3)
    assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    thief = replace(new_owner(network), handle=owner.handle)
    for purpose, bodies in (
        (Purpose.STATUS, ()),
        (Purpose.VERIFY, (body,)),
        (Purpose.ERASE, ()),
    ):
        assert network.outcome(thief, purpose, *bodies) is Outcome.UNKNOWN
    assert network.outcome(owner, Purpose.ERASE) is Outcome.ERASED


def test_of_two_enrolments_of_one_body_at_once_exactly_one_wins(
    network: Network,
) -> None:
    body, owners = new_body(4), [new_owner(network) for _ in range(4)]
    with ThreadPoolExecutor(len(owners)) as pool:
        outcomes = list(
            pool.map(lambda one: network.outcome(one, Purpose.ENROL, body), owners)
        )
    assert sorted(map(str, outcomes)) == [
        *[Outcome.ALREADY_ENROLLED.value] * (len(owners) - 1),
        Outcome.ENROLLED.value,
    ]


def test_one_handle_enrolled_again_finds_itself(network: Network) -> None:
    owner, body = new_owner(network), new_body(5)
    assert network.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    other = new_body(6)
    assert network.outcome(owner, Purpose.ENROL, other) is Outcome.ALREADY_ENROLLED
    assert network.outcome(owner, Purpose.ERASE) is Outcome.ERASED


def forged(
    network: Network, owner: Wallet, purpose: Purpose, spelling: Spelling
) -> Outcome | str:
    """What comes of a request with a spelling that no honest wallet would send."""
    draw = SystemEntropy().draw
    parts = cut(Form.FACE, spelling, (draw(32), draw(32)))
    honest = network.compose(owner, purpose, new_body(7))
    return outcome_of(network.deliver(resealed(network.charter, honest, owner, parts)))


def test_a_template_that_is_too_long_is_malformed(network: Network) -> None:
    long = forced(2 * new_body(7)[Form.FACE].astype(np.int64)[np.newaxis])[0]
    owner = new_owner(network)
    assert forged(network, owner, Purpose.ENROL, long) is Outcome.MALFORMED


def test_the_door_describes_itself_and_shows_its_charter(network: Network) -> None:
    with client(network, TWO) as http:
        described = http.get("/openapi.json").json()
        assert set(described["paths"]) == {
            "/v1/charter",
            "/v1/health",
            "/v1/requests",
            "/log/checkpoint",
            "/log/tile/{path}",
            "/log/add-checkpoint",
        }
        charter = http.get("/v1/charter").content
        assert charter == (network.home / "charter.cbor").read_bytes()
        health = http.get("/v1/health").json()
    assert health["operator"] == 2
    assert health["present"] == [1, 3]


@pytest.mark.parametrize("operator", OPERATORS)
def test_each_operator_s_log_is_shown_as_the_two_others_saw_it(
    network: Network, operator: OperatorId
) -> None:
    log = log_of(network.charter.charter, operator)
    with client(network, operator) as http:
        deadline = time.monotonic() + 20
        while (answer := http.get("/log/checkpoint")).status_code != 200:
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.1)
    checked = check_cosigned(answer.content, log)
    assert len(checked.at) == 2


def client(network: Network, operator: OperatorId) -> httpx.Client:
    entry = network.charter.charter.entry(operator)
    return httpx.Client(
        verify=pinned(entry.certificate), base_url=entry.owner_address, timeout=30
    )


@pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS if kind.form is Form.FACE and not kind.is_torn],
    ids=lambda kind: kind.name,
)
def test_what_the_drill_presents_is_refused_by_real_operators(
    network: Network, kind: Kind
) -> None:
    """A drawn vector of each kind: as a reference, and against an honest record."""
    seed = secrets.randbits(32)
    spelling = kind.spellings(1, np.random.default_rng(seed))[0]
    victim, stranger = new_owner(network), new_owner(network)
    assert network.outcome(victim, Purpose.ENROL, new_body(seed)) is Outcome.ENROLLED
    as_probe = forged(network, victim, Purpose.VERIFY, spelling)
    as_reference = forged(network, stranger, Purpose.ENROL, spelling)
    if kind.name == "all-equal vectors":  # of the right norm: some body might be it
        assert as_probe is Outcome.NOT_MATCHED, seed
        assert as_reference in (Outcome.ENROLLED, Outcome.ALREADY_ENROLLED), seed
    else:
        assert (as_probe, as_reference) == (Outcome.MALFORMED,) * 2, seed
