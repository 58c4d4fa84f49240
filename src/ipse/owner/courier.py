"""The courier: three submissions out, three replies back, over HTTPS.

Each operator is reached on a connection whose only trust root is that operator's
certificate in the charter (`ipse.net.caller`). The three are asked at once, each in a
thread: on a small machine that costs a wallet a third of what one asynchronous loop
does. Whatever goes wrong with one of them becomes a Silence that names it and says
what to do; it never stops the others.

A submission is sent once. A connection that broke halfway is not tried again,
because a request id is used once: the wallet asks for the record's status instead.
"""

import ssl
import time
from collections.abc import Mapping
from http import HTTPStatus
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Final, Protocol, Self

from ipse.ground.errors import Malformed
from ipse.ground.names import OperatorId
from ipse.net.caller import FAULTS, Caller, Came, Unreached
from ipse.owner.gathering import GRACE_S, Gathering, overdue, unproven, unseen
from ipse.owner.verdict import Reply, Silence
from ipse.wire import limits
from ipse.wire.charter import Charter, OperatorEntry
from ipse.wire.problem import ERRORS, MEDIA_TYPE, decode_problem
from ipse.wire.request import SUBMISSION, Submission
from ipse.wire.verdict import VERDICT

PATH: Final = "/v1/requests"
CBOR: Final = "application/cbor"
HEADERS: Final = {"content-type": CBOR, "accept": f"{CBOR}, {MEDIA_TYPE}"}
DEADLINE_S: Final = 60.0
"""Seconds for an answer: an enrolment among a million records, behind some others."""


class Courier(Protocol):
    """Brings each operator its submission."""

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """Return each operator's reply; it never raises."""
        ...


class HttpsCourier:
    """The courier over HTTPS. It belongs to one thread, and is closed at the end."""

    def __init__(self, charter: Charter, deadline_s: float = DEADLINE_S) -> None:
        """Reach the operators that the charter names; none is met before `deliver`."""
        self._charter = charter
        self._deadline_s = deadline_s
        self._callers: dict[OperatorId, Caller] = {}

    def __enter__(self) -> Self:
        """Use it in a `with` statement."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """Ask all operators at once; wait for a quorum, and then a little longer."""
        came: SimpleQueue[tuple[OperatorId, Reply]] = SimpleQueue()
        gathering = Gathering(
            self._charter, submissions, time.monotonic(), self._deadline_s
        )
        try:
            for operator, submission in submissions.items():
                asked = (came, operator, self._caller(operator), submission)
                Thread(target=self._ask, args=asked, daemon=True).start()
            _gather(came, gathering)
        finally:
            for operator in gathering.late:  # nobody waits for them any more
                self._callers.pop(operator).hang_up()
        return gathering.replies()

    def close(self) -> None:
        """Hang up on all operators; the next question would meet them anew."""
        while self._callers:
            self._callers.popitem()[1].close()

    def _caller(self, operator: OperatorId) -> Caller:
        """Return what keeps the connection to an operator."""
        entry = self._charter.entry(operator)
        if operator not in self._callers:
            self._callers[operator] = Caller(entry.owner_address, entry.certificate)
        return self._callers[operator]

    def _ask(
        self,
        came: SimpleQueue[tuple[OperatorId, Reply]],
        operator: OperatorId,
        caller: Caller,
        submission: Submission,
    ) -> None:
        """Ask one operator, in a thread of its own."""
        entry = self._charter.entry(operator)
        content = SUBMISSION.encode(submission)
        longest_s = self._deadline_s + GRACE_S  # `deliver` is who loses patience
        try:
            answer = caller.ask(PATH, content, HEADERS, limits.VERDICT, longest_s)
            reply = read_reply(entry, answer)
        except Malformed:
            reply = unproven(entry, "answered with more than an answer can have")
        except TimeoutError:
            reply = overdue(entry, self._deadline_s)
        except FAULTS as fault:
            reply = failed(entry, fault)
        came.put((operator, reply))


def _gather(came: SimpleQueue[tuple[OperatorId, Reply]], gathering: Gathering) -> None:
    """Take in replies, until all are here or the rest can change nothing."""
    while gathering.late:
        left_s = max(0.0, gathering.ends_s - time.monotonic())
        try:
            operator, reply = came.get(timeout=left_s)
        except Empty:
            return
        gathering.take(operator, reply, time.monotonic())


def read_reply(entry: OperatorEntry, answer: Came) -> Reply:
    """Read what an operator answered: a verdict, or why there is none."""
    try:
        if answer.status == HTTPStatus.OK and answer.kind == CBOR:
            return VERDICT.decode(answer.content)
        if answer.kind == MEDIA_TYPE:
            problem = decode_problem(answer.content)
            if problem.operator == entry.operator:
                error = ERRORS[problem.family](problem.detail)
                return Silence(error, is_first_hand=False)
    except Malformed:
        return unproven(entry, "answered with something that is no answer")
    return unseen(entry, f"answered with HTTP {answer.status}")


def failed(entry: OperatorEntry, fault: Exception) -> Silence:
    """Say why an operator could not be asked."""
    match fault:
        case ssl.SSLCertVerificationError():
            return unproven(entry, "shows another certificate than the charter's")
        case Unreached():
            return unseen(entry, "cannot be reached")
        case _:
            return unseen(entry, "broke off the connection")
