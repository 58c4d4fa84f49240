"""A connection is kept while it is good, and nothing is sent into one that is not."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ipse.ground.errors import Malformed
from ipse.keys.certificate import as_pem
from ipse.net import caller, http
from ipse.net.caller import Caller, Came, Unreached
from ipse_lab.examples import keyrings

KEYRING, OTHER = keyrings()[:2]
MOST = 100


class Door:
    """A door that counts who comes in, and says back what it hears."""

    def __init__(self) -> None:
        """Nobody came yet."""
        self.connections = 0
        self.closed = threading.Semaphore(0)
        self.heard: list[bytes] = []
        self.is_closing = False
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.address = ""


@contextmanager
def opened(folder: Path) -> Iterator[Door]:
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            door.connections += 1

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            door.heard.append(sent)
            door.may_answer.wait(5)
            self.send_response(200)
            self.send_header("content-type", "text/plain; charset=utf-8")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)
            self.wfile.flush()
            self.close_connection = door.is_closing  # without having said so

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 (the library's)
            super().shutdown_request(request)
            door.closed.release()

        def handle_error(self, *_args: object) -> None:
            """A caller that hangs up is no error."""

    pem = folder / "door.pem"
    pem.write_bytes(as_pem(KEYRING.tls_private, KEYRING.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Quiet(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        door.address = f"https://127.0.0.1:{server.server_address[1]}"
        try:
            yield door
        finally:
            door.may_answer.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened(tmp_path) as door:
        yield door


@pytest.fixture
def calling(door: Door) -> Iterator[Caller]:
    calling = Caller(door.address, KEYRING.certificate)
    yield calling
    calling.close()


def ask(calling: Caller, content: bytes = b"who?") -> Came:
    return calling.ask("/", content, {"content-type": "text/plain"}, MOST, 5.0)


def test_the_second_question_goes_where_the_first_did(
    door: Door, calling: Caller
) -> None:
    assert ask(calling, b"one") == Came(200, "text/plain", b"one")
    assert ask(calling, b"two").content == b"two"
    assert door.connections == 1


def test_a_connection_that_the_door_closed_is_made_anew(
    door: Door, calling: Caller
) -> None:
    door.is_closing = True
    for number in (1, 2, 3):
        assert ask(calling).content == b"who?"
        assert door.closed.acquire(timeout=5)
        assert door.connections == len(door.heard) == number


def test_a_connection_that_was_idle_for_long_is_made_anew(
    door: Door, calling: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(calling)
    monkeypatch.setattr(caller, "KEPT_S", 0.0)
    ask(calling)
    assert door.connections == 2


def test_it_is_the_caller_who_lets_an_idle_connection_go() -> None:
    assert caller.KEPT_S < http.KEPT_S


def test_another_certificate_gets_nothing(door: Door) -> None:
    calling = Caller(door.address, OTHER.certificate)
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(calling)
    assert not door.heard


def test_where_nobody_listens_nobody_is_reached() -> None:
    with pytest.raises(Unreached):
        ask(Caller("https://127.0.0.1:1", KEYRING.certificate))


def test_an_answer_that_is_too_long_is_none_and_ends_the_connection(
    door: Door, calling: Caller
) -> None:
    with pytest.raises(Malformed, match=f"at most {MOST} bytes"):
        ask(calling, bytes(MOST + 1))
    assert ask(calling, bytes(MOST)).content == bytes(MOST)
    assert door.connections == 2


def test_whoever_waits_is_let_go_when_we_hang_up(door: Door, calling: Caller) -> None:
    door.may_answer.clear()
    faults: list[BaseException] = []

    def wait() -> None:
        try:
            ask(calling)
        except caller.FAULTS as fault:
            faults.append(fault)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not door.heard:
        pass
    calling.hang_up()
    waiting.join(5)
    assert not waiting.is_alive()
    assert len(faults) == 1
    with pytest.raises(ConnectionAbortedError):
        ask(calling)
