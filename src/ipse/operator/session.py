"""A session: what one operator does between the meeting of links and their loss.

    complain   what was complained of is told to both others, and kept by all
    try out    questions with known answers are answered rightly; crews meet
    settle     changes left in doubt by a crash are decided, so all have one roll
    serve      one job after the other, in the convenor's order (ipse.operator.serving)

Whatever goes wrong on a link ends the session; the requests at the table fail, nothing
is lost, and the next session begins by settling.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from ipse.ground.errors import Misbehaved, Unavailable
from ipse.ground.names import OPERATORS, OperatorId
from ipse.net import drive
from ipse.net.links import Links
from ipse.operator import commit, trial
from ipse.operator.commit import CONVENOR, FOLLOWERS
from ipse.operator.commitment import Commitment
from ipse.operator.desk import Desk
from ipse.operator.places import place_for
from ipse.operator.records import NO_ROWS
from ipse.operator.serving import Attending, Convening, out_of_place
from ipse.wire.complaint import Complained
from ipse.wire.peer import (
    DECISION,
    Acknowledged,
    Decision,
    Message,
    Ruling,
    Settled,
)

MESSAGE_S: Final = 20.0
"""Seconds that an operator may take to say what is due."""

_log = logging.getLogger(__name__)
M = TypeVar("M", bound=Message)


class Session:
    """One session of one operator."""

    def __init__(self, desk: Desk, links: Links) -> None:
        """Begin with fresh links, whose keys no job has used."""
        self.desk = desk
        self.links = links
        self._serving: Convening | Attending = (
            Convening(self) if desk.is_convenor else Attending(self)
        )

    # --- complaining --------------------------------------------------------------

    def hear_complaints(self) -> None:
        """Tell both others what was complained of, and keep what each tells.

        Who speaks first is heard first: a silent liar keeps nothing from the other.

        Raises: Unproven, Misbehaved: an operator tells what is no complaint.
        """
        desk, links = self.desk, self.links
        awaited = [operator for operator in OPERATORS if operator != desk.operator]
        told = desk.complaints.told()
        for operator in awaited:
            self.send(operator, told)
        while awaited:
            # whoever spoke goes on to compute, and is not listened to any more
            of = awaited[0] if len(awaited) == 1 else None
            heard = links.receive(links.after(MESSAGE_S), of=of)
            if heard is None:
                raise _silent(*awaited)
            speaker, message = heard
            if not isinstance(message, Complained) or message.operator != speaker:
                raise out_of_place(speaker, message)
            awaited.remove(speaker)
            desk.complaints.hear(message)
        links.flush(links.after(MESSAGE_S))

    # --- settling -----------------------------------------------------------------

    def settle(self) -> None:
        """Decide what a crash left in doubt, until all three have the same roll.

        Raises: Misbehaved: they still differ.
        """
        own = self.desk.records
        if not self.desk.is_convenor:
            self._be_told()
            self.send(CONVENOR, self._settled())
            self.links.flush(self.links.after(MESSAGE_S))
            return
        for change in own.doubts():  # prepared here, never decided here
            Commitment(self, commit.Prepared(change), NO_ROWS).move(commit.Lost())
            _log.info("settled a change in doubt, to %s", change.kind)
        for operator in sorted(FOLLOWERS):
            for content in own.untold(operator):
                self.send(operator, DECISION.decode(content))
            self.send(operator, self._settled())
        for operator in sorted(FOLLOWERS):
            self._hear_out(operator)

    def _be_told(self) -> None:
        """As a follower, make true what was decided; nothing else ever will be.

        Raises: Misbehaved: the convenor tells of what cannot have been.
        """
        own = self.desk.records
        while isinstance(told := self._hear(CONVENOR), Decision):
            self._make_true(told)
        if not isinstance(told, Settled):
            raise out_of_place(CONVENOR, told)
        for change in own.doubts():
            doubtful = Commitment(self, commit.Prepared(change), NO_ROWS)
            doubtful.move(commit.Ruled(Ruling.ABORT))
            _log.info("settled a change in doubt: %s", Ruling.ABORT)

    def _make_true(self, told: Decision) -> None:
        desk = self.desk
        doubts = {change.request: change for change in desk.records.doubts()}
        for change in told.change:
            if doubts.get(change.request, change) != change:
                raise Misbehaved(
                    f"Operator {CONVENOR} changed what was prepared here: nothing of "
                    "it was stored."
                )
            if change.request not in doubts and not desk.uses.are_written(change):
                # begun while this one was away: nothing of it was opened
                desk.uses.expect_granted(change)
                if told.outcomes != commit.interrupted(change):
                    raise Misbehaved(
                        f"Operator {CONVENOR} tells of a use in which this operator "
                        "had no part: nothing of it was stored."
                    )
                doubts[change.request] = change
        if told.request not in doubts:
            self.send(CONVENOR, Acknowledged(told.request))  # it was true before
            return
        doubtful = Commitment(self, commit.Prepared(doubts[told.request]), NO_ROWS)
        doubtful.move(commit.Ruled(told.ruling, told.outcomes))
        doubtful.keep()
        _log.info("settled a change in doubt: %s", told.ruling)

    def _hear_out(self, operator: OperatorId) -> None:
        """As the convenor, wait until a follower is settled."""
        own = self.desk.records
        while True:
            match self._hear(operator):
                case Acknowledged(request):
                    own.heard(request, operator)
                case Settled() as said if said == self._settled(operator):
                    own.heard_all(operator)  # it has no doubts left
                    return
                case Settled():
                    raise Misbehaved(
                        f"Operator {operator} has other records than operator "
                        f"{CONVENOR}: restore the one that lost some from its backup."
                    )
                case message:
                    raise out_of_place(operator, message)

    def _settled(self, operator: OperatorId | None = None) -> Settled:
        """Return what this operator says of its store, or another should say."""
        desk = self.desk
        return Settled(
            operator or desk.operator, desk.records.roll.digest(), desk.uses.trail()
        )

    def try_out(self) -> None:
        """Answer what is known, then agree on who searches.

        Raises: Misbehaved: somebody answers otherwise.
        """
        place = place_for(self.links, self.desk.seat, trial.JOB)
        asked = trial.try_out(place, self.desk.charter.charter)
        drive.run(asked, self.links, trial.ROUND_S)
        drive.run(self.desk.search.begin(place), self.links, trial.ROUND_S)

    # --- serving ------------------------------------------------------------------

    def serve(self, is_over: Callable[[], bool]) -> None:
        """Serve requests until it is over. Raises: whatever ends the session."""
        self.desk.lobby.on_arrival(self.links.wake)
        while not is_over():
            self._serving.turn()

    # --- speaking -----------------------------------------------------------------

    def send(self, operator: OperatorId, message: Message) -> None:
        """Say something to another operator; it leaves when this one next waits."""
        self.links.send(operator, message)

    def expect(self, kind: type[M], operator: OperatorId) -> M:
        """Return the next message of one operator; news of its lobby may come first."""
        while True:
            match self._hear(operator):
                case message if isinstance(message, kind):
                    return message
                case message:
                    self._serving.take(operator, message)

    def _hear(self, operator: OperatorId) -> Message:
        heard = self.links.receive(self.links.after(MESSAGE_S), of=operator)
        if heard is None:
            raise _silent(operator)
        return heard[1]


def _silent(*operators: OperatorId) -> Unavailable:
    names = " and ".join(f"operator {operator}" for operator in operators)
    return Unavailable(
        f"Nothing is heard of {names}; nothing was lost, try again later."
    )
