"""The courier: three submissions out, three replies back, over HTTPS.

Each operator is reached on a connection whose only trust root is that operator's
certificate in the charter: no authority of the web can stand in for it, and no
operator for another. The three are asked at once. Whatever goes wrong with one of
them becomes a Silence that names it and says what to do; it never stops the others.

A submission is sent once. A connection that broke halfway is not tried again,
because a request id is used once: the wallet asks for the record's status instead.
"""

import asyncio
import base64
import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

import httpx

from ipse.ground.errors import IpseError, Malformed, Unavailable, Unproven
from ipse.ground.names import OperatorId
from ipse.owner.verdict import Reply, Silence
from ipse.wire import limits
from ipse.wire.charter import Charter, OperatorEntry
from ipse.wire.problem import ERRORS, MEDIA_TYPE, decode_problem
from ipse.wire.request import SUBMISSION, Submission
from ipse.wire.verdict import QUORUM, VERDICT, Verdict

PATH: Final = "/v1/requests"
CBOR: Final = "application/cbor"
DEADLINE_S: Final = 60.0
"""Seconds for an answer: an enrolment among a million records, behind some others."""

CONNECT_S: Final = 5.0
"""Seconds for a connection."""

GRACE_S: Final = 3.0
"""Seconds that the others still get once a quorum has answered, or one operator can't.
All three sign in the same moment, and it takes all three to compute, so whoever is
later is in trouble, or waits in vain."""


class Courier(Protocol):
    """Brings each operator its submission."""

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """Return each operator's reply; it never raises."""
        ...


class HttpsCourier:
    """The courier over HTTPS."""

    def __init__(self, charter: Charter, deadline_s: float = DEADLINE_S) -> None:
        """Reach the operators that the charter names."""
        self._charter = charter
        self._deadline_s = deadline_s

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """Ask all operators at once; wait for a quorum, and then a little longer."""
        return asyncio.run(self._deliver(submissions))

    def close(self) -> None:
        """Hang up."""

    async def _deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> dict[OperatorId, Reply]:
        tasks = {
            asyncio.create_task(self._ask(operator, submission)): operator
            for operator, submission in submissions.items()
        }
        replies: dict[OperatorId, Reply] = {}
        waiting = set(tasks)
        left_s: float | None = None  # each task keeps its own deadline
        while waiting:
            done, waiting = await asyncio.wait(
                waiting, timeout=left_s, return_when=asyncio.FIRST_COMPLETED
            )
            replies |= {tasks[task]: task.result() for task in done}
            if not done:
                break
            if _is_settled(replies):
                left_s = GRACE_S
        is_blamed = not any(map(_is_first_hand, replies.values()))
        for task in waiting:
            task.cancel()
            entry = self._charter.entry(tasks[task])
            late = _unseen(entry, "is slower than the two others")
            replies[tasks[task]] = replace(late, is_first_hand=is_blamed)
        await asyncio.gather(*waiting, return_exceptions=True)
        return replies

    async def _ask(self, operator: OperatorId, submission: Submission) -> Reply:
        entry = self._charter.entry(operator)
        try:
            async with asyncio.timeout(self._deadline_s):
                return await _post(entry, SUBMISSION.encode(submission))
        except TimeoutError:
            return _unseen(entry, f"did not answer within {self._deadline_s:g} s")
        except httpx.HTTPError as error:
            return _failed(entry, error)


def _is_settled(replies: Mapping[OperatorId, Reply]) -> bool:
    """Say whether the rest can change nothing: a quorum, or one that cannot answer."""
    verdicts = sum(isinstance(reply, Verdict) for reply in replies.values())
    return (
        verdicts >= QUORUM
        or len(replies) - verdicts >= QUORUM
        or any(map(_is_first_hand, replies.values()))
    )


def _is_first_hand(reply: Reply) -> bool:
    return isinstance(reply, Silence) and reply.is_first_hand


async def _post(entry: OperatorEntry, content: bytes) -> Reply:
    """Send and read, never more than an answer may have."""
    timeout = httpx.Timeout(None, connect=CONNECT_S)
    async with (
        httpx.AsyncClient(
            verify=pinned(entry), timeout=timeout, trust_env=False
        ) as client,
        client.stream(
            "POST",
            entry.owner_address + PATH,
            content=content,
            headers={"content-type": CBOR, "accept": f"{CBOR}, {MEDIA_TYPE}"},
        ) as response,
    ):
        read = bytearray()
        async for piece in response.aiter_bytes():
            read += piece
            if len(read) > limits.VERDICT:
                return _unproven(entry, "answered with more than an answer can have")
        return _read(entry, response, bytes(read))


def _read(entry: OperatorEntry, response: httpx.Response, content: bytes) -> Reply:
    media_type = response.headers.get("content-type", "").split(";")[0]
    try:
        if response.status_code == httpx.codes.OK and media_type == CBOR:
            return VERDICT.decode(content)
        if media_type == MEDIA_TYPE:
            problem = decode_problem(content)
            if problem.operator == entry.operator:
                error = ERRORS[problem.family](problem.detail)
                return Silence(error, is_first_hand=False)
    except Malformed:
        return _unproven(entry, "answered with something that is no answer")
    return _unseen(entry, f"answered with HTTP {response.status_code}")


def pinned(entry: OperatorEntry) -> ssl.SSLContext:
    """Trust this operator's certificate and nothing else in the world.

    The names in the certificate are not compared with the address: the charter says
    which certificate belongs at which address, and that is stricter.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    body = base64.encodebytes(entry.certificate).decode("ascii")
    context.load_verify_locations(
        cadata=f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"
    )
    return context


def _failed(entry: OperatorEntry, error: httpx.HTTPError) -> Silence:
    if _is_about_certificate(error):
        return _unproven(entry, "shows another certificate than the charter's")
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return _unseen(entry, "cannot be reached")
    return _unseen(entry, "broke off the connection")


def _is_about_certificate(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _unseen(entry: OperatorEntry, what: str) -> Silence:
    return _silence(Unavailable, entry, what, "see whether it is up, then try again.")


def _unproven(entry: OperatorEntry, what: str) -> Silence:
    return _silence(
        Unproven, entry, what, "go no further, and ask the network for its charter."
    )


def _silence(
    family: type[IpseError], entry: OperatorEntry, what: str, mend: str
) -> Silence:
    who = f"Operator {entry.operator} ({entry.name}, {entry.owner_address})"
    sentence = f"{who} {what}: {mend}"
    return Silence(family(sentence), is_first_hand=True)
