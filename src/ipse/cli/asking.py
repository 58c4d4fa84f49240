"""How an auditor's question reaches the operators: as any wallet's does.

    canary --the wallet's own flow (ipse.owner.wallet)--> HTTPS --> three operators
                 |
                 '-- dice and courier are listened to: what was drawn, sent and answered

So a test is asked by the same code as a person's enrolment, down to the question for
the record's status that a wallet asks after it was turned away.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from ipse.audit.auditor import Asker
from ipse.audit.canary import Body
from ipse.audit.diary import Canary
from ipse.audit.evidence import spelled
from ipse.ground.errors import OutOfTurn, Refused, Unavailable, Unproven
from ipse.ground.names import OperatorId, Purpose
from ipse.keys.durable import replace
from ipse.keys.wallet import Wallet
from ipse.owner.courier import Courier
from ipse.owner.flow import Standing
from ipse.owner.notebook import EMPTY, Notebook
from ipse.owner.verdict import Reply, conclude
from ipse.owner.wallet import Owner
from ipse.ports import Clock, Entropy
from ipse.wire.charter import TrustedCharter
from ipse.wire.known_answer import Sent
from ipse.wire.parts import SEED_BYTES
from ipse.wire.request import Submission
from ipse.wire.verdict import Verdict

SPLIT: Final = "split.cbor"
"""File of what operators signed against each other, beside the diary."""


class WalletAsker(Asker):
    """Asks in a canary's name, through a wallet that is kept in no file."""

    def __init__(
        self,
        charter: TrustedCharter,
        courier: Courier,
        clock: Clock,
        entropy: Entropy,
        folder: Path,
    ) -> None:
        """Ask by this courier; `folder` is for evidence that operators contradict."""
        self._charter = charter
        self._courier = courier
        self._clock = clock
        self._entropy = entropy
        self._folder = folder

    def ask(self, canary: Canary, purpose: Purpose, body: Body | None) -> Sent:
        """Run the wallet's flow, and return its first question with what came of it.

        Raises: IpseError: no two operators signed an answer. Misbehaved: they
            contradict each other; the evidence is kept.
        """
        dice = _Foreseen(canary, self._entropy, is_new=purpose is Purpose.ENROL)
        courier = _Overheard(self._courier)
        vault = _Memory(self._wallet(canary, purpose), self._folder, self._entropy)
        owner = Owner(self._charter, vault, courier, self._clock, dice)
        with suppress(Refused, Unavailable, Unproven):  # of any question but the first
            owner.want(purpose, body)
        if courier.first is None:
            raise OutOfTurn("A canary's wallet asked nothing: please report this.")
        submissions, replies = courier.first
        request = submissions[OperatorId(1)].request
        answer = conclude(request, self._charter, replies)
        verdicts = tuple(
            reply
            for _, reply in sorted(replies.items())
            if isinstance(reply, Verdict) and reply.finding == answer.finding
        )
        boxes = tuple(one.box for _, one in sorted(submissions.items()))
        return Sent(request, boxes, spelled(body or {}), dice.seeds, verdicts)

    def _wallet(self, canary: Canary, purpose: Purpose) -> Wallet | None:
        """Return the wallet as it is before: none for somebody new."""
        if purpose is Purpose.ENROL:
            return None
        charter = self._charter
        forms = tuple(
            form for sent in canary.enrolled for form in sent.request.header.forms
        )
        return Wallet(
            charter.charter.network,
            charter.digest,
            canary.handle,
            canary.owner_seed,
            forms or charter.charter.thresholds[0].forms,
            Standing.CONFIRMED.value,
        )


class _Foreseen(Entropy):
    """Dice that show a new record's handle and key first; what they show is kept."""

    def __init__(self, canary: Canary, entropy: Entropy, *, is_new: bool) -> None:
        self._first = [canary.handle, canary.owner_seed] if is_new else []
        self._entropy = entropy
        self._drawn: list[bytes] = []

    @property
    def seeds(self) -> tuple[bytes, ...]:
        """What vectors were cut with."""
        return tuple(drawn for drawn in self._drawn if len(drawn) == SEED_BYTES)

    def draw(self, size: int) -> bytes:
        """Return what was foreseen, or fresh bytes."""
        if self._first:
            foreseen = bytes(self._first.pop(0))
            if len(foreseen) != size:
                raise OutOfTurn("A wallet draws its key otherwise: please report this.")
            return foreseen
        self._drawn.append(self._entropy.draw(size))
        return self._drawn[-1]


class _Overheard(Courier):
    """A courier whose first errand is kept."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self.first: (
            tuple[Mapping[OperatorId, Submission], Mapping[OperatorId, Reply]] | None
        ) = None

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """Return each operator's reply."""
        replies = self._courier.deliver(submissions)
        if self.first is None:
            self.first = submissions, replies
        return replies


class _Memory:
    """A vault without a file: the diary has the key already."""

    def __init__(self, wallet: Wallet | None, folder: Path, entropy: Entropy) -> None:
        self._wallet = wallet
        self._notebook = EMPTY
        self._folder = folder
        self._entropy = entropy

    def load(self) -> Wallet | None:
        """Return the wallet."""
        return self._wallet

    def save(self, wallet: Wallet) -> None:
        """Keep the wallet for this run."""
        self._wallet = wallet

    def forget(self) -> None:
        """Drop the wallet."""
        self._wallet = None

    def read(self, wallet: Wallet) -> Notebook:  # noqa: ARG002 (the port's; there is one)
        """Return what was noted in this run."""
        return self._notebook

    def note(self, wallet: Wallet, notebook: Notebook) -> None:  # noqa: ARG002 (the port's; there is one)
        """Note it for this run."""
        self._notebook = notebook

    def keep_evidence(self, evidence: bytes) -> str:
        """Keep what operators signed against each other."""
        place = self._folder / SPLIT
        replace(place, evidence, self._entropy)
        return str(place)
