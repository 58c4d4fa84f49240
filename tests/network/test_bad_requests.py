"""Whatever a wallet may not ask gets a plain sentence, and the network goes on."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import httpx
import pytest

from ipse.ground.errors import IpseError, Malformed, Refused, Unavailable, Unproven
from ipse.ground.names import (
    OPERATORS,
    Epoch,
    Form,
    Handle,
    Instant,
    OperatorId,
    Outcome,
    Purpose,
)
from ipse.keys.system import SystemEntropy
from ipse.keys.wallet import Wallet
from ipse.net.caller import pinned
from ipse.owner.request import Body, Dispatch
from ipse.owner.verdict import Reply, Silence
from ipse.shares.replicated import split
from ipse.shares.spelling import SPELLED
from ipse.wire import limits
from ipse.wire.parts import SEED, VECTOR, WireComponent, WirePart
from ipse.wire.request import (
    SUBMISSION,
    Header,
    Submission,
    sign_request,
)
from ipse_lab.forgery import resealed
from ipse_lab.processes import (
    BOTH,
    Network,
    new_body,
    new_owner,
    outcome_of,
)

TWO = OperatorId(2)


def errors_of(replies: Mapping[OperatorId, Reply]) -> list[IpseError]:
    return [reply.error for reply in replies.values() if isinstance(reply, Silence)]


def resigned(
    dispatch: Dispatch, owner: Wallet, change: Callable[[Header], Header]
) -> Dispatch:
    """Change a request's header and sign it anew; the boxes stay as they are."""
    old = dispatch.request
    boxes = tuple(submission.box for submission in dispatch.submissions.values())
    request = sign_request(change(old.header), boxes, owner.sign)
    return Dispatch(
        request,
        {
            n: Submission(request, dispatch.submissions[n].granted, box)
            for n, box in zip(OPERATORS, boxes, strict=True)
        },
    )


def cut(body: Body, form: Form = Form.FACE) -> tuple[WirePart, WirePart, WirePart]:
    draw = SystemEntropy().draw
    return split(form, body[form], (draw(32), draw(32)))


def test_different_shares_to_two_operators_are_malformed(network: Network) -> None:
    owner = new_owner(network)
    dispatch = network.compose(owner, Purpose.ENROL, new_body(8))
    one, other = cut(new_body(8)), cut(new_body(9))
    mixed = resealed(network.charter, dispatch, owner, (one[0], one[1], other[2]))
    errors = errors_of(network.deliver(mixed))
    assert len(errors) == 3
    for error in errors:
        assert isinstance(error, Malformed)
        assert "do not hold the same part" in str(error)


@pytest.mark.parametrize("kind", [SEED, VECTOR], ids=["seed", "vector"])
def test_a_probe_of_the_wrong_length_is_refused(network: Network, kind: int) -> None:
    owner = new_owner(network)
    dispatch = network.compose(owner, Purpose.VERIFY, new_body(8))
    long = WireComponent(VECTOR, bytes(4 * (SPELLED[Form.FACE] + 1)))
    short = WireComponent(kind, bytes(32))  # 8 entries, if it is a vector
    parts = (WirePart(Form.FACE, short, long),) * 3
    errors = errors_of(
        network.deliver(resealed(network.charter, dispatch, owner, parts))
    )
    assert len(errors) == 3
    assert all(isinstance(error, Malformed) for error in errors)


def test_a_probe_of_another_form_than_announced_is_refused(network: Network) -> None:
    owner = new_owner(network)
    dispatch = network.compose(owner, Purpose.VERIFY, new_body(8))
    voice = cut(new_body(8, BOTH), Form.VOICE)
    errors = errors_of(
        network.deliver(resealed(network.charter, dispatch, owner, voice))
    )
    assert len(errors) == 3
    for error in errors:
        assert isinstance(error, Malformed)
        assert "not of the forms that were announced" in str(error)


def test_a_form_that_the_network_does_not_compare_is_refused(
    network: Network,
) -> None:
    owner = new_owner(network)
    dispatch = network.compose(owner, Purpose.VERIFY, new_body(8))
    code = resigned(dispatch, owner, lambda header: replace(header, forms=(Form.CODE,)))
    errors = errors_of(network.deliver(code))
    assert len(errors) == 3
    for error in errors:
        assert isinstance(error, Refused)
        assert "does not compare code" in str(error)


def test_a_replayed_request_is_refused_by_all(network: Network) -> None:
    dispatch = network.compose(new_owner(network), Purpose.STATUS)
    assert outcome_of(network.deliver(dispatch)) is Outcome.UNKNOWN
    errors = errors_of(network.deliver(dispatch))
    assert len(errors) == 3
    for error in errors:
        assert isinstance(error, Refused)
        assert "was sent before: sign a new one" in str(error)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda header: replace(header, network="other"), "is for network other"),
        (lambda header: replace(header, epoch=Epoch(7)), "is for epoch 7"),
        (lambda header: replace(header, charter_digest=bytes(32)), "another charter"),
        (
            lambda header: replace(
                header, not_before=Instant(0), not_after=Instant(60_000)
            ),
            "is over: sign a new one",
        ),
    ],
    ids=["network", "epoch", "charter", "time"],
)
def test_a_request_for_elsewhere_is_refused(
    network: Network, change: Callable[[Header], Header], sentence: str
) -> None:
    owner = new_owner(network)
    dispatch = network.compose(owner, Purpose.VERIFY, new_body(10))
    errors = errors_of(network.deliver(resigned(dispatch, owner, change)))
    assert len(errors) == 3
    for error in errors:
        assert isinstance(error, Refused)
        assert sentence in str(error)


def test_shares_for_another_record_do_not_open(network: Network) -> None:
    owner = new_owner(network)
    dispatch = network.compose(owner, Purpose.ENROL, new_body(11))
    moved = resigned(
        dispatch, owner, lambda header: replace(header, handle=Handle(bytes(16)))
    )
    errors = errors_of(network.deliver(moved))
    assert len(errors) == 3
    for error in errors:
        assert isinstance(error, Unproven)
        assert "does not open" in str(error)


def test_a_voice_alone_cannot_be_enrolled(network: Network) -> None:
    with pytest.raises(Refused, match="does not compare voice"):
        network.compose(new_owner(network), Purpose.ENROL, new_body(12, (Form.VOICE,)))


def test_a_voice_that_was_not_enrolled_cannot_be_verified(network: Network) -> None:
    owner, body = new_owner(network), new_body(13, BOTH)
    face = {Form.FACE: body[Form.FACE]}
    assert network.outcome(owner, Purpose.ENROL, face) is Outcome.ENROLLED
    errors = errors_of(network.ask(owner, Purpose.VERIFY, body))
    assert len(errors) == 3
    for error in errors:
        assert isinstance(error, Refused)
        assert "does not hold every form" in str(error)
    assert network.outcome(owner, Purpose.ERASE) is Outcome.ERASED


@pytest.mark.parametrize("purpose", [Purpose.SEED, Purpose.BITS])
def test_a_network_of_people_serves_no_experiments(
    network: Network, purpose: Purpose
) -> None:
    errors = errors_of(network.ask(new_owner(network), purpose, new_body(14)))
    assert len(errors) == 3
    for error in errors:
        assert isinstance(error, Refused)
        assert "is no laboratory" in str(error)


def test_spoiled_submissions_are_refused_and_the_network_goes_on(
    network: Network,
) -> None:
    owner = new_owner(network)
    good = SUBMISSION.encode(
        network.compose(owner, Purpose.VERIFY, new_body(15)).submissions[TWO]
    )
    with client(network, TWO) as http:
        for length in (0, 1, 100, len(good) - 1):
            assert_problem(post(http, good[:length]), Malformed)
        for place in range(0, 8 * len(good), 8 * len(good) // 40 + 1):
            spoiled = bytearray(good)
            spoiled[place // 8] ^= 1 << place % 8
            assert_problem(post(http, bytes(spoiled)), Malformed, Refused, Unproven)
        assert_problem(post(http, good + b"\0"), Malformed)
    assert network.outcome(owner, Purpose.STATUS) is Outcome.UNKNOWN


def test_a_body_that_is_too_large_is_not_read_to_its_end(network: Network) -> None:
    with client(network, TWO) as http:
        answer = post(http, bytes(limits.SUBMISSION + 1))
        assert answer.status_code == 413
        assert "at most" in answer.json()["detail"]
        assert post(http, b"{}", kind="application/json").status_code == 415
        assert http.get("/v1/elsewhere").status_code == 404
        assert http.get("/v1/elsewhere").json()["family"] == "malformed"
    assert network.outcome(new_owner(network), Purpose.STATUS) is Outcome.UNKNOWN


def test_a_request_that_one_operator_never_got_fails_and_says_so(
    network: Network,
) -> None:
    dispatch = network.compose(new_owner(network), Purpose.STATUS)
    two_of_them = {n: s for n, s in dispatch.submissions.items() if n != TWO}
    errors = errors_of(network.deliver(replace(dispatch, submissions=two_of_them)))
    assert len(errors) == 2
    for error in errors:
        assert isinstance(error, Unavailable)
        assert "did not get this request" in str(error)
    assert network.outcome(new_owner(network), Purpose.STATUS) is Outcome.UNKNOWN


def test_who_is_told_to_try_again_is_told_when(network: Network) -> None:
    dispatch = network.compose(new_owner(network), Purpose.STATUS)
    with client(network, TWO) as http:
        answer = post(http, SUBMISSION.encode(dispatch.submissions[TWO]))
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert "retry-after" not in post(http, b"").headers


def client(network: Network, operator: OperatorId) -> httpx.Client:
    entry = network.charter.charter.entry(operator)
    return httpx.Client(
        verify=pinned(entry.certificate), base_url=entry.owner_address, timeout=30
    )


def post(
    http: httpx.Client, content: bytes, kind: str = "application/cbor"
) -> httpx.Response:
    return http.post("/v1/requests", content=content, headers={"content-type": kind})


def assert_problem(answer: httpx.Response, *families: type[IpseError]) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    names = {family.__name__.lower() for family in families}
    assert answer.json()["family"] in names, answer.text
    assert answer.json()["operator"] == 2
