"""The door: HTTPS for wallets.

    GET  /v1/charter     the signed charter, CBOR
    GET  /v1/health      who is here, how many records: JSON, nothing secret
    POST /v1/requests    a submission in, a verdict out, both CBOR; or a problem
    .../log/...          the operator's log (ipse.net.log_door)

Bodies are bounded before they are read to the end, errors are RFC 9457 problems, and
everything is described in /openapi.json. What a request means is not known here: it
is handed to the front, which is the operator's room.
"""

import asyncio
import socket
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from ssl import TLSVersion
from typing import Any, Final, Protocol

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

import ipse
from ipse.ground.errors import IpseError, Malformed, OutOfTurn, Unavailable
from ipse.ground.names import OperatorId
from ipse.net.doorway import split_address
from ipse.net.log_door import LogFront, add_log
from ipse.net.received import TOO_LARGE, received
from ipse.wire.problem import MEDIA_TYPE, STATUS, Family, encode_problem, problem_of
from ipse.wire.verdict import VERDICT, Verdict

CBOR: Final = "application/cbor"
CLOSING_S: Final = 1.0
"""Seconds that answers under way still get when the door closes."""

KEPT_S: Final = 30
"""Seconds that an idle connection is kept: longer than a wallet does
(`ipse.net.caller`), so that it is the wallet who hangs up."""

BACKLOG: Final = 128
CONCURRENCY: Final = 1_024
"""Connections and requests at once; above it the server says 503 by itself."""

WRONG_TYPE: Final = 415
RETRY_S: Final = 3
"""Seconds after which a wallet that was told "not now" may ask again: a full lobby has
emptied, and an operator that was restarted is back. Source of the header: RFC 9110,
section 10.2.3."""


@dataclass(frozen=True, slots=True)
class Health:
    """What anyone may know of an operator."""

    operator: int
    network: str
    epoch: int
    records: int
    present: tuple[int, ...]  # other operators whose link is up
    is_ready: bool  # all links are up, nothing is in doubt


class Pending(Protocol):
    """A request that was let in."""

    verdict: Future[Verdict]

    def overdue(self) -> IpseError | None:
        """Say why there is no verdict yet; None if it is being made right now."""
        ...


class Front(Protocol):
    """The operator's room, as the door sees it."""

    operator: OperatorId
    patience_s: float
    charter_bytes: bytes
    most_bytes: int  # of a submission

    @property
    def log(self) -> LogFront:
        """The operator's log, and it as a witness."""
        ...

    def admit(self, encoded: bytes) -> Pending:
        """Let a submission in. Raises: IpseError: what is wrong with it."""
        ...

    def health(self) -> Health:
        """Say how the operator is."""
        ...


def build(front: Front) -> FastAPI:
    """Describe the door."""
    app = FastAPI(
        title="Ipse operator",
        version=ipse.__version__,
        description="One of the three operators of an Ipse network.",
        docs_url=None,
        redoc_url=None,
    )

    @app.get("/v1/charter", response_class=Response, responses=_cbor("The charter."))
    async def charter() -> Response:
        """Return the signed charter, to be compared with the one that is pinned."""
        return Response(front.charter_bytes, media_type=CBOR)

    @app.get("/v1/health")
    async def health() -> Health:
        """Say who is here."""
        return front.health()

    @app.post(
        "/v1/requests",
        response_class=Response,
        responses=_cbor("This operator's signed verdict.") | _PROBLEMS,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {CBOR: {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def requests(request: Request) -> Response:
        """Take a signed submission to its job, and return the verdict."""
        kind = request.headers.get("content-type", "").split(";")[0].strip()
        if kind != CBOR:
            raise HTTPException(WRONG_TYPE, f"Send a submission as {CBOR}.")
        encoded = await received(request, front.most_bytes, "A submission")
        pending = await run_in_threadpool(front.admit, encoded)
        verdict = await _verdict(pending, front.patience_s)
        return Response(VERDICT.encode(verdict), media_type=CBOR)

    add_log(app, front.log)

    @app.exception_handler(IpseError)
    async def tell(_request: Request, fault: IpseError) -> Response:
        return _problem(fault, front.operator)

    @app.exception_handler(Exception)
    async def tell_fault(_request: Request, _fault: Exception) -> Response:
        # the server has logged it; the wallet is told nothing of our inside
        return _problem(OutOfTurn("This is our fault: tell us."), front.operator)

    @app.exception_handler(HTTPException)
    async def tell_http(_request: Request, fault: HTTPException) -> Response:
        told = _problem(Malformed(str(fault.detail)), front.operator)
        told.status_code = fault.status_code
        return told

    return app


async def _verdict(pending: Pending, patience_s: float) -> Verdict:
    """Wait for a verdict; patience ends unless it is being made right now."""
    waiting = asyncio.wrap_future(pending.verdict)
    while True:
        done, _ = await asyncio.wait({waiting}, timeout=patience_s)
        if done:
            return waiting.result()
        why = pending.overdue()
        if why is not None:
            waiting.cancel()
            raise why


def _problem(fault: IpseError, operator: OperatorId) -> Response:
    problem = problem_of(fault, operator)
    is_later = problem.family is Family.UNAVAILABLE
    return Response(
        encode_problem(problem),
        STATUS[problem.family],
        {"retry-after": str(RETRY_S)} if is_later else None,
        MEDIA_TYPE,
    )


def _cbor(what: str) -> dict[int | str, dict[str, Any]]:
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": what, "content": {CBOR: schema}}}


_PROBLEM_SCHEMA: Final = {
    "type": "object",
    "required": ["family", "title", "detail", "operator"],
    "properties": {
        "family": {"type": "string", "enum": [family.value for family in STATUS]},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "operator": {"type": "integer", "minimum": 1, "maximum": 3},
    },
}
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": "Why there is no verdict.",
        "content": {MEDIA_TYPE: {"schema": _PROBLEM_SCHEMA}},
    }
    for status in sorted({*STATUS.values(), TOO_LARGE, WRONG_TYPE})
}


class _Listener(uvicorn.Server):
    """A listener that waits for nobody who only keeps a connection."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is under way; then cut connections whose other ends are idle."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)  # the loop lets go of them in its next turn


class Door:
    """The door, open at an address, in a thread of its own."""

    def __init__(self, front: Front, address: str, tls_file: Path) -> None:
        """Listen. Raises: Unavailable: the address is in use."""
        host, port = split_address(address.removeprefix("https://"))
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # asyncio turns Nagle's algorithm off only where the protocol is named; with
        # it, an answer on loopback takes 44 ms instead of 2
        self._ear = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._ear.bind((host, port))
            self._ear.listen(BACKLOG)
        except OSError as fault:
            self._ear.close()
            raise Unavailable(
                f"Operator {front.operator} can't listen at {address} "
                f"({fault.strerror}): stop what uses it, or change the charter."
            ) from None
        config = uvicorn.Config(
            build(front),
            ssl_certfile=tls_file,
            ssl_keyfile=tls_file,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_keep_alive=KEPT_S,
            timeout_graceful_shutdown=int(CLOSING_S),
            server_header=False,
            limit_concurrency=CONCURRENCY,
        )
        config.load()
        if config.ssl is not None:
            config.ssl.minimum_version = TLSVersion.TLSv1_3
        self._server = _Listener(config)
        self._thread = threading.Thread(target=self._run, name="door", daemon=True)

    def open(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Answer what is under way, and no more."""
        self._server.should_exit = True
        self._thread.join(CLOSING_S + 2.0)
        self._ear.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._ear])
