"""The ideal network: three operators in one, that see everything and answer in plain.

What the real network computes in secret, this one computes in the open, behind the
same port that the wallet's courier stands behind. So the wallet's whole flow runs as
a unit test, with answers that get lost before or after they took hold, operators that
are away, and operators that lie.

It opens the real boxes with the real keys and signs real verdicts; only the secrecy
is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Unavailable
from ipse.ground.names import Form, Handle, OperatorId, Outcome, Purpose
from ipse.keys.operator import OperatorKeyring
from ipse.owner.verdict import Reply, Silence
from ipse.ports import Clock
from ipse.shares.replicated import Part, read_upload
from ipse.wire.charter import TrustedCharter
from ipse.wire.request import (
    Header,
    Submission,
    VerifiedRequest,
    box_info,
    check_request,
    read_contents,
)
from ipse.wire.verdict import Verdict, finding_for, sign_verdict

Whole: TypeAlias = Mapping[Form, npt.NDArray[np.int64]]
Twist: TypeAlias = Callable[[OperatorId, Reply], Reply]


@dataclass(frozen=True, slots=True)
class Record:
    """What no real operator ever has: a whole template."""

    owner_key: bytes
    template: Whole


@dataclass(slots=True)
class IdealNetwork:
    """A courier whose other end is in the same process."""

    charter: TrustedCharter
    keyrings: tuple[OperatorKeyring, ...]
    clock: Clock
    records: dict[Handle, Record] = field(default_factory=dict)
    asked: list[Purpose] = field(default_factory=list)
    away: set[OperatorId] = field(default_factory=set)  # answer nothing
    twist: Twist = lambda _operator, reply: reply  # what a liar makes of a reply
    lose_before: bool = False  # all requests get lost before they take hold
    lose_after: bool = False  # all answers get lost after they took hold

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """Answer as three operators would; one that is absent stops them all."""
        checked = {
            operator: check_request(
                submission, self.charter, operator, self.clock.now()
            )
            for operator, submission in submissions.items()
        }
        request = checked[OperatorId(1)]
        self.asked.append(request.header.purpose)
        if self.lose_before or self.away:
            return {operator: self._silence(operator) for operator in checked}
        outcome = self._serve(request.header, checked)
        if self.lose_after:
            return {operator: self._silence(operator) for operator in checked}
        return {
            operator: self.twist(operator, self._sign(operator, request, outcome))
            for operator in checked
        }

    def sign(self, operator: OperatorId, verdict: Verdict, outcome: Outcome) -> Verdict:
        """Sign another outcome of the same request, as a lying operator would."""
        finding = replace(verdict.finding, outcome=outcome)
        keyring = self.keyrings[operator - 1]
        return sign_verdict(finding, operator, self.clock.now(), keyring.sign)

    def _sign(
        self, operator: OperatorId, request: VerifiedRequest, outcome: Outcome
    ) -> Verdict:
        finding = finding_for(request.header, request.digest, outcome)
        keyring = self.keyrings[operator - 1]
        return sign_verdict(finding, operator, self.clock.now(), keyring.sign)

    def _serve(
        self, header: Header, checked: Mapping[OperatorId, VerifiedRequest]
    ) -> Outcome:
        record = self.records.get(header.handle)
        if record is not None and record.owner_key != header.owner_key:
            record = None
        match header.purpose:
            case Purpose.ENROL:
                template = self._open(header, checked)
                least = self.charter.charter.thresholds_for(header.forms).unique
                if any(
                    _score(r.template, template) >= least for r in self.records.values()
                ):
                    return Outcome.ALREADY_ENROLLED
                self.records[header.handle] = Record(header.owner_key, template)
                return Outcome.ENROLLED
            case _ if record is None:
                return Outcome.UNKNOWN
            case Purpose.VERIFY:
                least = self.charter.charter.thresholds_for(header.forms).verify
                score = _score(record.template, self._open(header, checked))
                return Outcome.MATCHED if score >= least else Outcome.NOT_MATCHED
            case Purpose.ERASE:
                del self.records[header.handle]
                return Outcome.ERASED
            case _:
                return Outcome.ACTIVE

    def _open(
        self, header: Header, checked: Mapping[OperatorId, VerifiedRequest]
    ) -> Whole:
        """Add up all three components: what two real operators together could do."""
        held: list[tuple[Part, ...]] = []
        for operator, keyring in zip(checked, self.keyrings, strict=True):
            plain = keyring.unseal(box_info(header, operator), checked[operator].box)
            contents = read_contents(plain, header)
            held.append(tuple(read_upload(part).part() for part in contents.parts))
        return {
            first.form: (first.first + first.second + second.second)[0]
            .astype(np.int32)
            .astype(np.int64)
            for first, second in zip(held[0], held[1], strict=True)
        }

    def _silence(self, operator: OperatorId) -> Silence:
        is_away = operator in self.away
        what = "cannot be reached" if is_away or not self.away else "waits for a peer"
        error = Unavailable(f"Operator {operator} {what}: try again.")
        return Silence(error, is_first_hand=is_away or not self.away)


def _score(one: Whole, other: Whole) -> int:
    return sum(int(one[form] @ other[form]) for form in one if form in other)
