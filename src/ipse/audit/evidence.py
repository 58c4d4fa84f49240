"""The evidence: two signed verdicts against plain arithmetic. It checks itself.

    enrolled   a canary, opened, and two operators' word that it is enrolled
    asked      another capture of it, opened, and two operators' word that it is new

or, of an invented newcomer, `asked` alone, and two operators' word that it is enrolled
already: that can be a coincidence, whose chance is told.

What an operator was sent is made again from the template and its seeds, and compared
with what its own key finds in its own box: so no auditor can show another template
than it sent, and any operator that looks can say so.

Specification: docs/spec/operator.md, section 10.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ipse.audit.canary import Body, coincidence
from ipse.ground.errors import Unproven
from ipse.ground.names import OPERATORS, Form, OperatorId, Outcome, Purpose
from ipse.shares.replicated import split
from ipse.template.distance import matches
from ipse.template.vector import Template
from ipse.wire.charter import TrustedCharter
from ipse.wire.known_answer import KnownAnswer, Sent
from ipse.wire.parts import Contents
from ipse.wire.request import Submission, box_info, check_request, read_contents
from ipse.wire.verdict import agreed, check_verdict

Unseal = Callable[[bytes, bytes], bytes]
"""Opens a box under what it is bound to, with one operator's key."""


@dataclass(frozen=True, slots=True)
class Conviction:
    """A wrong answer: at least one of the three operators lied."""

    outcome: Outcome  # what two operators signed
    expected: Outcome
    chance: float  # for each record, that it matches a newcomer after all; 0: certain


def convict(evidence: KnownAnswer, charter: TrustedCharter) -> Conviction:
    """Check evidence against the operators of a network.

    Run by: anybody who has the charter.
    Raises: Unproven: it does not convict. Malformed: a template breaks the rules.
    """
    asked = evidence.asked
    # (1) what was asked and answered is signed by those who asked and answered
    outcome = answer_of(asked, charter)
    forms = asked.request.header.forms
    threshold = charter.charter.thresholds_for(searched(forms)).unique
    if not evidence.enrolled:
        # (2) a newcomer is new: whoever found it enrolled lied, or met a coincidence
        if outcome is Outcome.ENROLLED:
            raise Unproven("An invented newcomer was found new, as it should be.")
        chance = 0.0 if Form.CODE in forms else coincidence(Form.FACE, threshold)
        certain = outcome is Outcome.MALFORMED
        return Conviction(outcome, Outcome.ENROLLED, 0.0 if certain else chance)
    (enrolled,) = evidence.enrolled
    # (3) the canary was enrolled before
    if answer_of(enrolled, charter) is not Outcome.ENROLLED:
        raise Unproven("The canary of this evidence was never enrolled.")
    if enrolled.request.header.handle == asked.request.header.handle:
        raise Unproven("A canary is presented under a handle of its own.")
    if said_at(enrolled) > min(verdict.at for verdict in asked.verdicts):
        raise Unproven("The canary was enrolled after it was presented.")
    # (4) by plain arithmetic the two are one body
    if not matches(_searched(asked), _searched(enrolled), threshold):
        raise Unproven("What was presented is not the canary's body.")
    if outcome is Outcome.ALREADY_ENROLLED:
        raise Unproven("The canary was found, as it should be.")
    return Conviction(outcome, Outcome.ALREADY_ENROLLED, 0.0)


def confirm(sent: Sent, operator: OperatorId, unseal: Unseal) -> None:
    """Return if an operator's box holds what the evidence says.

    Run by: that operator, with its own key.
    Raises: Unproven: it does not, so the auditor shows what it did not send.
    """
    header = sent.request.header
    plain = unseal(box_info(header, operator), sent.boxes[operator - 1])
    if read_contents(plain, header) != contents_for(sent, operator):
        raise Unproven(
            f"Operator {operator} was sent something else than this evidence shows."
        )


def contents_for(sent: Sent, operator: OperatorId) -> Contents:
    """Make what an operator was sent from the template and its seeds."""
    seeds = iter(sent.seeds)
    cut = [
        split(form, vector, (next(seeds), next(seeds)))
        for form, vector in body_of(sent).items()
    ]
    return Contents(tuple(parts[OPERATORS.index(operator)] for parts in cut))


def answer_of(sent: Sent, charter: TrustedCharter) -> Outcome:
    """Return what two operators signed to an enrolment that its owner signed.

    Raises: Unproven, Refused: they did not, or it is no enrolment under this charter.
    """
    header = sent.request.header
    if header.purpose is not Purpose.ENROL:
        raise Unproven("Only enrolments are searched for, and can convict.")
    for operator, box in zip(OPERATORS, sent.boxes, strict=True):
        submission = Submission(sent.request, (), box)
        check_request(submission, charter, operator, header.not_before)
    checked = [check_verdict(verdict, charter) for verdict in sent.verdicts]
    return agreed(checked, sent.request).outcome


def said_at(sent: Sent) -> int:
    """Return when the last of the operators answered, in its own time."""
    return max(verdict.at for verdict in sent.verdicts)


def body_of(sent: Sent) -> Body:
    """Return the template that was sent."""
    return {
        form: np.frombuffer(vector, np.int8).astype(np.int16)
        for form, vector in zip(sent.request.header.forms, sent.vectors, strict=True)
    }


def spelled(body: Body) -> tuple[bytes, ...]:
    """Write a body as evidence has it, a signed byte an entry."""
    return tuple(body[form].astype(np.int8).tobytes() for form in Form if form in body)


def searched(forms: tuple[Form, ...]) -> tuple[Form, ...]:
    """Return the one form by which a body is searched: its code, else its face."""
    return (Form.CODE,) if Form.CODE in forms else (Form.FACE,)


def _searched(sent: Sent) -> dict[Form, Template]:
    body = body_of(sent)
    return {form: Template(form, body[form]) for form in searched(tuple(body))}
