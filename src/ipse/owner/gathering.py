"""The gathering: replies of three come in, until the rest can change nothing.

    Gathering --take, until ends_s--> replies: what came, and a Silence for who is late

Once a quorum has answered, or one operator can't, the others get GRACE_S more. Who is
late then is named; whether it is blamed depends on what the others said.

No clock, thread or socket lives here: `ipse.owner.courier` brings replies over HTTPS,
`ipse_lab.network` from operators whose time is virtual.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from ipse.ground.errors import IpseError, Unavailable, Unproven
from ipse.ground.names import OperatorId
from ipse.owner.verdict import Reply, Silence
from ipse.wire.charter import Charter, OperatorEntry
from ipse.wire.verdict import QUORUM, Verdict

GRACE_S: Final = 3.0
"""Seconds that the others still get once a quorum has answered, or one operator can't.
All three sign in the same moment, and it takes all three to compute, so whoever is
later is in trouble, or waits in vain."""


class Gathering:
    """What came of those who were asked, and until when the rest is waited for."""

    def __init__(
        self,
        charter: Charter,
        asked: Collection[OperatorId],
        began_s: float,
        deadline_s: float,
    ) -> None:
        """Begin at a moment of the wallet's, with so many seconds of patience."""
        self.ends_s = began_s + deadline_s
        self._charter = charter
        self._asked = frozenset(asked)
        self._deadline_s = deadline_s
        self._replies: dict[OperatorId, Reply] = {}

    @property
    def late(self) -> frozenset[OperatorId]:
        """Who has not replied."""
        return self._asked - self._replies.keys()

    def take(self, operator: OperatorId, reply: Reply, now_s: float) -> None:
        """Take in a reply."""
        self._replies[operator] = reply
        if _is_settled(self._replies):
            self.ends_s = min(self.ends_s, now_s + GRACE_S)

    def replies(self) -> Mapping[OperatorId, Reply]:
        """Return what came, and of each that is late why it was not waited for."""
        return self._replies | self._named()

    def _named(self) -> dict[OperatorId, Reply]:
        entries = {one: self._charter.entry(one) for one in self.late}
        if not _is_settled(self._replies):
            return {
                one: overdue(entry, self._deadline_s) for one, entry in entries.items()
            }
        is_blamed = not any(map(_is_first_hand, self._replies.values()))
        return {
            one: replace(
                unseen(entry, "is slower than the two others"), is_first_hand=is_blamed
            )
            for one, entry in entries.items()
        }


def overdue(entry: OperatorEntry, deadline_s: float) -> Silence:
    """Say that an operator was waited for."""
    return unseen(entry, f"did not answer within {deadline_s:g} s")


def unseen(entry: OperatorEntry, what: str) -> Silence:
    """Say what an operator did, or did not, where it may be well again later."""
    mend = "nothing was lost; see whether it is up, then try again."
    return _silence(Unavailable, entry, what, mend)


def unproven(entry: OperatorEntry, what: str) -> Silence:
    """Say what was found in an operator's place."""
    return _silence(
        Unproven, entry, what, "go no further, and ask the network for its charter."
    )


def _silence(
    family: type[IpseError], entry: OperatorEntry, what: str, mend: str
) -> Silence:
    who = f"Operator {entry.operator} ({entry.name}, {entry.owner_address})"
    sentence = f"{who} {what}: {mend}"
    return Silence(family(sentence), is_first_hand=True)


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
