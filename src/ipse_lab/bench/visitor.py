"""Who asks in a measurement: one person's wallet, and strangers who hold their phone.

The person is one of the invented people of a laboratory network. Every question goes
the whole way of `ipse.owner`, and every answer is held against plain arithmetic.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ipse.ground.errors import OutOfTurn
from ipse.ground.names import Form, OperatorId, Outcome, Purpose
from ipse.ground.params import THRESHOLDS
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.keys.wallet import Wallet
from ipse.owner.courier import Courier, HttpsCourier
from ipse.owner.notebook import EMPTY, Notebook
from ipse.owner.request import Body
from ipse.owner.verdict import Reply
from ipse.owner.wallet import Owner
from ipse.template.distance import scores
from ipse.wire.charter import TrustedCharter
from ipse.wire.request import SUBMISSION, Submission
from ipse.wire.verdict import VERDICT, Verdict
from ipse_lab.demo.laboratory import Laboratory
from ipse_lab.people import people

FORM = Form.FACE
THRESHOLD = THRESHOLDS[(FORM,)].verify


@dataclass(frozen=True, slots=True)
class Timed:
    """One verification, as the wallet saw it."""

    began_s: float  # on the machine's monotonic clock
    ended_s: float
    outcome: Outcome
    expected: Outcome

    @property
    def took_ms(self) -> float:
        """How long the wallet waited."""
        return 1_000 * (self.ended_s - self.began_s)


@dataclass(frozen=True, slots=True)
class Cast:
    """Invented people: who owns the wallet, and who else comes."""

    references: tuple[Body, ...]  # of everybody but the owner
    owner: Body
    mated: Body  # another capture of the owner
    strangers: tuple[Body, ...]  # other captures of the others


class OpenWallet:
    """A wallet file that its passphrase opened before: kept in memory."""

    def __init__(self) -> None:
        """Begin without a record."""
        self._wallet: Wallet | None = None
        self._notebook = EMPTY

    def load(self) -> Wallet | None:
        """See Vault."""
        return self._wallet

    def save(self, wallet: Wallet) -> None:
        """See Vault."""
        self._wallet = wallet

    def forget(self) -> None:
        """See Vault."""
        self._wallet = None

    def read(self, wallet: Wallet) -> Notebook:
        """See Vault."""
        del wallet
        return self._notebook

    def note(self, wallet: Wallet, notebook: Notebook) -> None:
        """See Vault."""
        del wallet
        self._notebook = notebook

    def keep_evidence(self, evidence: bytes) -> str:
        """See Vault."""
        raise OutOfTurn(
            f"Operators of a measurement signed different answers, {len(evidence)} "
            "bytes of evidence: please report this."
        )


class Overheard:
    """A courier that remembers what it carried last."""

    def __init__(self, charter: TrustedCharter) -> None:
        """Carry by HTTPS."""
        self._charter = charter.charter
        self._courier = HttpsCourier(self._charter)
        self._sent: Mapping[OperatorId, Submission] = {}
        self._came: Mapping[OperatorId, Reply] = {}

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """See Courier."""
        self._sent = submissions
        self._came = self._courier.deliver(submissions)
        return self._came

    def renew(self) -> None:
        """Hang up: the next question meets every operator anew."""
        self._courier.close()
        self._courier = HttpsCourier(self._charter)

    def close(self) -> None:
        """Hang up."""
        self._courier.close()

    def sizes(self) -> tuple[int, int]:
        """Return the bytes of the last three submissions, and of their verdicts."""
        return (
            sum(len(SUBMISSION.encode(each)) for each in self._sent.values()),
            sum(
                len(VERDICT.encode(each))
                for each in self._came.values()
                if isinstance(each, Verdict)
            ),
        )


class Visitor:
    """The owner of one record, and whoever else holds that wallet."""

    def __init__(self, charter: TrustedCharter, courier: Courier, cast: Cast) -> None:
        """Enrol everybody.

        Raises: Refused: somebody was not enrolled.
        """
        clock, entropy = SystemClock(), SystemEntropy()
        Laboratory(charter, courier, clock, entropy).seed(cast.references)
        self._owner = Owner(charter, OpenWallet(), courier, clock, entropy)
        self._owner.want(Purpose.ENROL, cast.owner)
        self._cast = cast

    def verify(self, turn: int) -> Timed:
        """Verify once: in even turns with the right body, in odd ones with a wrong."""
        strangers = self._cast.strangers
        is_mated = turn % 2 == 0
        probe = self._cast.mated if is_mated else strangers[turn % len(strangers)]
        began = time.monotonic()
        told = self._owner.want(Purpose.VERIFY, probe)
        ended = time.monotonic()
        return Timed(began, ended, told.outcome, expected(probe, self._cast.owner))


def invented(seed: int, records: int) -> Cast:
    """Invent people, of whom one is recognised in another capture."""
    everyone = people(seed, records, FORM)
    own = np.einsum(
        "rl,rl->r",
        everyone.references.astype(np.int64),
        everyone.probes.astype(np.int64),
    )
    owner = int(np.argmax(own >= THRESHOLD))
    others = [row for row in range(records) if row != owner]
    return Cast(
        tuple({FORM: everyone.references[row]} for row in others),
        {FORM: everyone.references[owner]},
        {FORM: everyone.probes[owner]},
        tuple({FORM: everyone.probes[row]} for row in others),
    )


def expected(probe: Body, reference: Body) -> Outcome:
    """Say what plain arithmetic answers."""
    score = scores(probe[FORM][np.newaxis], reference[FORM][np.newaxis])[0, 0]
    return Outcome.MATCHED if score >= THRESHOLD else Outcome.NOT_MATCHED
