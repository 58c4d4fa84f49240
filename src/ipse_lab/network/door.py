"""Doors: how wallets' submissions reach operators over HTTPS, and answers come back.

    post  --latency-->  admit, wait for the verdict  --latency-->  reply

It stands for `ipse.net.http` and `ipse.net.caller`; what is sent and answered are their
bytes. Each post is a connection of its own, so posts overtake each other. One may be
lost on its way, or its answer; it may be late; and somebody may send it again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

from ipse.ground.errors import IpseError
from ipse.ground.names import OperatorId
from ipse.net.caller import Came, Unreached
from ipse.operator.room import PATIENCE_S, Ticket
from ipse.owner.courier import CBOR, failed, read_reply
from ipse.owner.gathering import Gathering
from ipse.owner.verdict import Reply
from ipse.wire.charter import OperatorEntry, TrustedCharter
from ipse.wire.problem import MEDIA_TYPE, STATUS, encode_problem, problem_of
from ipse.wire.request import SUBMISSION, Submission
from ipse.wire.verdict import VERDICT
from ipse_lab.failing import Struck
from ipse_lab.network.machine import Machine
from ipse_lab.network.stage import Killed, Stage

LATENCY_S = 0.01
"""Seconds from a wallet to an operator."""

DEADLINE_S = 60.0
"""Seconds that a wallet waits for an answer (`ipse.owner.courier`)."""

Hear = Callable[[Reply], None]


@dataclass(frozen=True, slots=True)
class Mishap:
    """What happens to one post."""

    kinds: tuple[str, ...] = ()  # what it is counted as
    is_lost: bool = False
    is_answer_lost: bool = False
    late_s: float = 0.0
    again_s: float = 0.0  # somebody sends it once more, so much later; 0 for nobody


NONE = Mishap()


@dataclass(slots=True, eq=False)
class Post:
    """One submission on its way, or waiting for its answer."""

    machine: Machine
    encoded: bytes
    hear: Hear
    mishap: Mishap
    is_over: bool = False


@dataclass(slots=True)
class Doors:
    """The doors of all operators."""

    stage: Stage
    charter: TrustedCharter
    machines: Mapping[OperatorId, Machine]
    mishaps: dict[int, Mishap] = field(default_factory=dict)  # by post
    at_mishap: Callable[[Mishap], None] = lambda _mishap: None
    posts: int = 0  # so far
    _waiting: dict[OperatorId, list[Post]] = field(default_factory=dict)

    def post(self, operator: OperatorId, encoded: bytes, hear: Hear) -> None:
        """Send a submission to an operator, once."""
        mishap = self.mishaps.get(self.posts, NONE)
        self.posts += 1
        if mishap is not NONE:
            self.stage.note(f"mishap: {mishap}")
            self.at_mishap(mishap)
        post = Post(self.machines[operator], encoded, hear, mishap)
        arrives_s = LATENCY_S + mishap.late_s
        if mishap.is_lost:
            self.stage.after(arrives_s, lambda: self._break_off(post))
            return
        self.stage.after(arrives_s, lambda: self._arrive(post))
        if mishap.again_s:
            ghost = Post(post.machine, encoded, lambda _reply: None, NONE)
            self.stage.after(arrives_s + mishap.again_s, lambda: self._arrive(ghost))

    def break_off_all(self, operator: OperatorId) -> None:
        """Hang up on everybody who waits here: the process is gone."""
        for post in self._waiting.pop(operator, []):
            self._break_off(post)

    def _arrive(self, post: Post) -> None:
        machine = post.machine
        if machine.room is None:
            self._say(post, failed(self._entry(post), Unreached()))
            return
        try:
            ticket = machine.room.admit(post.encoded)
        except Struck:
            self._break_off(post)
        except IpseError as fault:
            self._tell(post, fault)
        else:
            self._waiting.setdefault(machine.operator, []).append(post)
            ticket.verdict.add_done_callback(lambda _: self._settle(post, ticket))
            self.stage.after(PATIENCE_S, lambda: self._lose_patience(post, ticket))

    def _lose_patience(self, post: Post, ticket: Ticket) -> None:
        """As `ipse.net.http` does: patience ends unless it is being answered now."""
        if post.is_over or ticket.verdict.done():
            return
        why = ticket.overdue()
        if why is None:
            self.stage.after(PATIENCE_S, lambda: self._lose_patience(post, ticket))
        else:
            self._tell(post, why)

    def _settle(self, post: Post, ticket: Ticket) -> None:
        if ticket.verdict.cancelled():
            return
        fault = ticket.verdict.exception()
        if fault is None:
            verdict = VERDICT.encode(ticket.verdict.result())
            self._answer(post, Came(HTTPStatus.OK, CBOR, verdict))
        elif isinstance(fault, IpseError):
            self._tell(post, fault)
        else:
            raise fault

    def _tell(self, post: Post, fault: IpseError) -> None:
        problem = problem_of(fault, post.machine.operator)
        status, content = STATUS[problem.family], encode_problem(problem)
        self._answer(post, Came(status, MEDIA_TYPE, content))

    def _answer(self, post: Post, came: Came) -> None:
        if post.mishap.is_answer_lost:
            self._break_off(post)
        else:
            self._say(post, read_reply(self._entry(post), came))

    def _break_off(self, post: Post) -> None:
        self._say(post, failed(self._entry(post), ConnectionResetError()))

    def _say(self, post: Post, reply: Reply) -> None:
        if not post.is_over:
            post.is_over = True
            waiting = self._waiting.get(post.machine.operator, [])
            if post in waiting:
                waiting.remove(post)
            self.stage.after(LATENCY_S, lambda: post.hear(reply))

    def _entry(self, post: Post) -> OperatorEntry:
        return self.charter.charter.entry(post.machine.operator)


@dataclass(slots=True)
class VirtualCourier:
    """A courier (`ipse.owner.courier.Courier`) through virtual time."""

    doors: Doors
    at_reply: Callable[[OperatorId, Reply], None] = lambda _operator, _reply: None

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """See Courier."""
        stage = self.doors.stage
        actor = stage.acting
        if actor is None:
            raise Killed
        gathering = Gathering(
            self.doors.charter.charter, submissions, stage.now_s, DEADLINE_S
        )

        is_over = False

        def hear(operator: OperatorId, reply: Reply) -> None:
            self.at_reply(operator, reply)
            if not is_over:
                gathering.take(operator, reply, stage.now_s)
                actor.wake()

        for operator, submission in submissions.items():
            encoded = SUBMISSION.encode(submission)
            self.doors.post(operator, encoded, partial(hear, operator))
        while gathering.late and stage.now_s < gathering.ends_s:
            actor.sleep(gathering.ends_s)
        is_over = True
        return gathering.replies()
