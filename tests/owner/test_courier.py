"""Each operator is reached under its own certificate, and named when it fails."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ipse.ground.errors import Refused, Unavailable, Unproven
from ipse.ground.names import OPERATORS, OperatorId
from ipse.keys.certificate import as_pem
from ipse.keys.operator import OperatorKeyring
from ipse.owner import courier, gathering
from ipse.owner.courier import HttpsCourier
from ipse.owner.verdict import Reply, Silence
from ipse.wire.charter import Charter
from ipse.wire.problem import MEDIA_TYPE, encode_problem, problem_of
from ipse.wire.request import SUBMISSION, Submission
from ipse.wire.verdict import VERDICT, Verdict, sign_verdict
from ipse_lab.examples import (
    BOXES,
    NOW,
    charter,
    finding,
    keyrings,
    request,
    signed_grant,
)

Answer = tuple[int, str, bytes]
Operator = Callable[[bytes], Answer]

SUBMISSIONS = {
    operator: Submission(request(), (signed_grant(),), box)
    for operator, box in zip(OPERATORS, BOXES, strict=True)
}


@contextmanager
def serving(
    keyring: OperatorKeyring,
    answer: Operator,
    folder: Path,
    met: Callable[[OperatorId], None] = lambda _operator: None,
) -> Iterator[int]:
    """An operator's door with this certificate; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            met(keyring.operator)

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            status, kind, content = answer(sent)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_args: object) -> None:
            """A wallet that hangs up is no error."""

    pem = folder / f"{keyring.operator}-{time.monotonic_ns()}.pem"
    pem.write_bytes(as_pem(keyring.tls_private, keyring.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Quiet(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def verdict_of(operator: OperatorId) -> Verdict:
    return sign_verdict(finding(), operator, NOW, keyrings()[operator - 1].sign)


def honest(operator: OperatorId) -> Operator:
    return lambda _sent: (200, courier.CBOR, VERDICT.encode(verdict_of(operator)))


def deliver(
    folder: Path,
    second: Operator,
    *,
    shows: int = 2,
    deadline_s: float = 10.0,
) -> Reply:
    """Ask three operators, of whom the second is special; return its reply."""
    rules = charter()
    with ExitStack() as stack:
        ports = [
            stack.enter_context(
                serving(
                    keyrings()[(shows if operator == 2 else operator) - 1],
                    second if operator == 2 else honest(operator),
                    folder,
                )
            )
            for operator in OPERATORS
        ]
        asking = HttpsCourier(_at(rules, ports), deadline_s)
        replies = stack.enter_context(asking).deliver(SUBMISSIONS)
    assert replies[OperatorId(1)] == verdict_of(OperatorId(1))
    assert replies[OperatorId(3)] == verdict_of(OperatorId(3))
    return replies[OperatorId(2)]


def _at(rules: Charter, ports: list[int]) -> Charter:
    return replace(
        rules,
        operators=tuple(
            replace(entry, owner_address=f"https://127.0.0.1:{port}")
            for entry, port in zip(rules.operators, ports, strict=True)
        ),
    )


def silence(reply: Reply) -> Silence:
    assert isinstance(reply, Silence)
    return reply


def test_each_operator_gets_its_own_submission_and_is_heard(tmp_path: Path) -> None:
    got: list[bytes] = []

    def listen(sent: bytes) -> Answer:
        got.append(sent)
        return honest(OperatorId(2))(sent)

    assert deliver(tmp_path, listen) == verdict_of(OperatorId(2))
    assert got == [SUBMISSION.encode(SUBMISSIONS[OperatorId(2)])]


def test_operators_are_met_once_and_asked_twice(tmp_path: Path) -> None:
    met: list[OperatorId] = []
    with ExitStack() as stack:
        ports = [
            stack.enter_context(
                serving(ring, honest(ring.operator), tmp_path, met=met.append)
            )
            for ring in keyrings()
        ]
        with HttpsCourier(_at(charter(), ports)) as asking:
            for _ in range(2):
                replies = asking.deliver(SUBMISSIONS)
                assert replies == {each: verdict_of(each) for each in OPERATORS}
            assert sorted(met) == list(OPERATORS)
        with HttpsCourier(_at(charter(), ports)) as asking:
            asking.deliver(SUBMISSIONS)
    assert len(met) == 2 * len(OPERATORS)


def test_whoever_was_late_once_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "GRACE_S", 0.1)
    awake = threading.Event()

    def sleep_once(sent: bytes) -> Answer:
        awake.wait(5)
        return honest(OperatorId(2))(sent)

    with ExitStack() as stack:
        ports = [
            stack.enter_context(
                serving(
                    ring,
                    sleep_once if ring.operator == 2 else honest(ring.operator),
                    tmp_path,
                )
            )
            for ring in keyrings()
        ]
        asking = stack.enter_context(HttpsCourier(_at(charter(), ports)))
        first = asking.deliver(SUBMISSIONS)
        awake.set()
        second = asking.deliver(SUBMISSIONS)
    assert isinstance(first[OperatorId(2)], Silence)
    assert second[OperatorId(2)] == verdict_of(OperatorId(2))


def test_another_operators_certificate_is_no_certificate(tmp_path: Path) -> None:
    got: list[bytes] = []

    def listen(sent: bytes) -> Answer:
        got.append(sent)
        return honest(OperatorId(2))(sent)

    reply = silence(deliver(tmp_path, listen, shows=1))
    assert isinstance(reply.error, Unproven)
    assert "Operator 2" in str(reply.error)
    assert "another certificate than the charter's" in str(reply.error)
    assert not got


def test_a_slow_operator_is_named_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "GRACE_S", 0.1)
    awake = threading.Event()

    def sleep(sent: bytes) -> Answer:
        awake.wait(2)
        return honest(OperatorId(2))(sent)

    start = time.monotonic()
    reply = silence(deliver(tmp_path, sleep))
    awake.set()
    assert isinstance(reply.error, Unavailable)
    assert str(reply.error).startswith("Operator 2 (Operator 2, https://127.0.0.1:")
    assert "slower than the two others" in str(reply.error)
    assert time.monotonic() - start < 10


def test_a_deadline_is_kept_when_nobody_answers(tmp_path: Path) -> None:
    awake = threading.Event()

    def sleep(_sent: bytes) -> Answer:
        awake.wait(5)
        return (500, "text/plain", b"")

    with ExitStack() as stack:
        ports = [
            stack.enter_context(serving(ring, sleep, tmp_path)) for ring in keyrings()
        ]
        asking = HttpsCourier(_at(charter(), ports), 0.3)
        replies = stack.enter_context(asking).deliver(SUBMISSIONS)
        awake.set()
    for operator, reply in replies.items():
        assert f"Operator {operator}" in str(silence(reply).error)
        assert "did not answer within 0.3 s" in str(silence(reply).error)


def test_an_operator_that_is_down_is_the_only_one_that_is_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "GRACE_S", 0.1)
    awake = threading.Event()

    def wait_for_the_peer(_sent: bytes) -> Answer:
        awake.wait(5)
        return (500, "text/plain", b"")

    with ExitStack() as stack:
        ports = [
            stack.enter_context(serving(ring, wait_for_the_peer, tmp_path))
            for ring in keyrings()
        ]
        ports[1] = 1  # nobody listens there
        asking = HttpsCourier(_at(charter(), ports))
        replies = stack.enter_context(asking).deliver(SUBMISSIONS)
        awake.set()
    assert "cannot be reached" in str(silence(replies[OperatorId(2)]).error)
    blamed = [o for o, reply in replies.items() if silence(reply).is_first_hand]
    assert blamed == [OperatorId(2)]


def test_a_problem_is_told_in_its_family_and_the_operators_words(
    tmp_path: Path,
) -> None:
    problem = problem_of(Refused("This request is over."), OperatorId(2))
    reply = silence(
        deliver(tmp_path, lambda _: (403, MEDIA_TYPE, encode_problem(problem)))
    )
    assert isinstance(reply.error, Refused)
    assert str(reply.error) == "This request is over."
    assert not reply.is_first_hand


STRANGE: dict[str, Answer] = {
    "no record": (200, courier.CBOR, b"\x80"),
    "a cut verdict": (
        200,
        courier.CBOR,
        VERDICT.encode(verdict_of(OperatorId(2)))[:-1],
    ),
    "another type": (200, "text/html", VERDICT.encode(verdict_of(OperatorId(2)))),
    "an empty error": (500, "text/plain", b""),
    "a broken problem": (400, MEDIA_TYPE, b"{}"),
    "another's problem": (
        503,
        MEDIA_TYPE,
        encode_problem(problem_of(Unavailable("Later."), OperatorId(3))),
    ),
}


def test_an_answer_that_does_not_end_is_cut_off(tmp_path: Path) -> None:
    reply = silence(deliver(tmp_path, lambda _: (200, courier.CBOR, bytes(1 << 20))))
    assert isinstance(reply.error, Unproven)
    assert "more than an answer can have" in str(reply.error)


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_whatever_else_comes_back_is_a_silence_that_names_the_operator(
    tmp_path: Path, strange: Answer
) -> None:
    reply = silence(deliver(tmp_path, lambda _: strange))
    assert isinstance(reply.error, Unavailable | Unproven)
    assert "Operator 2 (" in str(reply.error)
