"""What the wallet believes: what two operators signed, and nothing else.

    replies of three --two signed the same------------> Answer
                     --two signed, and not the same---> Split, with the evidence
                     --fewer than two signed----------> the error that says what to do

A third operator that signed something else than the two cannot change the answer, but
its signature convicts it: it comes back as evidence beside the answer.

Run by: the wallet. The rule of the quorum itself is `ipse.wire.verdict.agreed`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ipse.ground.errors import IpseError, Malformed, Misbehaved, Unavailable, Unproven
from ipse.ground.names import OperatorId
from ipse.wire import cbor
from ipse.wire.charter import TrustedCharter
from ipse.wire.request import REQUEST, Request, request_digest
from ipse.wire.verdict import (
    QUORUM,
    VERDICT,
    Finding,
    Verdict,
    VerifiedVerdict,
    agreed,
    check_verdict,
    finding_for,
)

EVIDENCE_TAG: Final = "ipse/evidence/split/1"
"""First word of a file that holds a request and the verdicts that contradict."""


@dataclass(frozen=True, slots=True)
class Silence:
    """An operator that gave no verdict, and why."""

    error: IpseError  # says what to do
    is_first_hand: bool  # the courier saw it, and names the operator; else it said so


Reply: TypeAlias = Verdict | Silence


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding that counts."""

    finding: Finding
    signed_by: tuple[OperatorId, ...]  # two or three, by number
    dissent: tuple[OperatorId, ...]  # who signed something else
    evidence: bytes  # empty if there is no dissent
    verdicts: tuple[Verdict, ...]  # of all that signed, by number
    remarks: tuple[str, ...]  # why the others did not sign


class Split(Misbehaved):
    """Operators signed different answers to one request: here is what they signed."""

    def __init__(self, sentence: str, evidence: bytes) -> None:
        """Keep the evidence with the sentence."""
        super().__init__(sentence)
        self.evidence = evidence


def conclude(
    request: Request, charter: TrustedCharter, replies: Mapping[OperatorId, Reply]
) -> Answer:
    """Find what counts in what the three operators replied.

    Raises:
        Split: two signed, and no two the same.
        IpseError: fewer than two signed; of the family, and in the words, that say
            best why.
    """
    signed: dict[OperatorId, VerifiedVerdict] = {}
    silences: dict[OperatorId, Silence] = {}
    # (1) keep what its own operator signed over this very request
    for operator, reply in sorted(replies.items()):
        if isinstance(reply, Silence):
            silences[operator] = reply
            continue
        try:
            signed[operator] = _check(request, charter, operator, reply)
        except (Malformed, Unproven) as error:
            silences[operator] = Silence(_name(operator, error), is_first_hand=True)
    # (2) fewer than a quorum proves nothing, whatever it says
    if len(signed) < QUORUM:
        raise _why(silences, len(signed))
    # (3) what a quorum says alike, counts; what contradicts it is evidence
    said = Counter(verified.verdict.finding for verified in signed.values())
    evidence = _evidence(request, signed) if len(said) > 1 else b""
    if max(said.values()) < QUORUM:
        raise Split(
            f"Operators {_listed(signed)} signed different answers to one request, "
            "so one of them breaks the protocol and nothing counts.",
            evidence,
        )
    finding = agreed(signed.values(), request)
    return Answer(
        finding,
        tuple(o for o, v in signed.items() if v.verdict.finding == finding),
        tuple(o for o, v in signed.items() if v.verdict.finding != finding),
        evidence,
        tuple(verified.verdict for verified in signed.values()),
        tuple(_said(operator, silence) for operator, silence in silences.items()),
    )


def _check(
    request: Request, charter: TrustedCharter, operator: OperatorId, verdict: Verdict
) -> VerifiedVerdict:
    if verdict.operator != operator:
        raise Unproven("It handed in the verdict of another operator.")
    verified = check_verdict(verdict, charter)
    finding = verdict.finding
    own = request_digest(request)
    if finding != finding_for(
        request.header, own, finding.outcome, finding.bits, finding.receipt
    ):
        raise Unproven("Its verdict is about another request.")
    return verified


def _name(operator: OperatorId, error: IpseError) -> IpseError:
    return Unproven(f"Operator {operator} gave no verdict that counts. {error}")


def _why(silences: Mapping[OperatorId, Silence], signed: int) -> IpseError:
    """Pick the family that most of the silent share, seen at first hand if any was."""
    telling = {o: s for o, s in silences.items() if s.is_first_hand} or silences
    if not telling:
        return Unavailable("No operator answered: see whether they are up, then retry.")
    (family, _), *_ = Counter(type(s.error) for s in telling.values()).most_common()
    chosen = {o: s for o, s in telling.items() if isinstance(s.error, family)}
    sentences = [*dict.fromkeys(str(silence.error) for silence in chosen.values())]
    if len(sentences) > 1:
        sentences = [_said(operator, silence) for operator, silence in chosen.items()]
    alone = " Only one operator signed, and one proves nothing." if signed else ""
    return family(" ".join(sentences) + alone)


def _said(operator: OperatorId, silence: Silence) -> str:
    """Return the sentence, with the name of whoever it is about or from."""
    if silence.is_first_hand:
        return str(silence.error)
    return f"Operator {operator} says: {silence.error}"


def _listed(signed: Mapping[OperatorId, VerifiedVerdict]) -> str:
    return " and ".join(str(operator) for operator in signed)


def _evidence(request: Request, signed: Mapping[OperatorId, VerifiedVerdict]) -> bytes:
    """[tag, request, [verdict, ...]]: whoever has the charter can check it offline."""
    verdicts = tuple(VERDICT.write(verified.verdict) for verified in signed.values())
    return cbor.encode((EVIDENCE_TAG, REQUEST.write(request), verdicts))
