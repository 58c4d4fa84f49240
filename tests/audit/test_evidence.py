"""Evidence convicts exactly if plain arithmetic says otherwise than two operators."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ipse.audit.auditor import Auditor
from ipse.audit.evidence import confirm, contents_for, convict
from ipse.ground.errors import Refused, Unproven
from ipse.ground.names import OPERATORS, Form, Outcome
from ipse.wire.known_answer import KNOWN_ANSWER, KnownAnswer, Sent
from ipse.wire.verdict import sign_verdict
from ipse_lab.examples import keyrings, trusted_charter
from ipse_lab.ideal import IdealNetwork

Evidence = Callable[[], KnownAnswer]


@pytest.fixture
def evidence(
    auditor_of: Callable[[str], Auditor],
    lying: Callable[[Outcome, Outcome], None],
) -> KnownAnswer:
    """A canary that was presented, and called new."""
    auditor = auditor_of("liar")
    lying(Outcome.ALREADY_ENROLLED, Outcome.ENROLLED)
    while True:
        turn = auditor.turn()
        if turn.evidence is not None:
            return KNOWN_ANSWER.decode(turn.evidence.read_bytes())


def newcomer(network: IdealNetwork, auditor_of: Callable[[str], Auditor]) -> Sent:
    """An enrolment of somebody else, answered right."""
    auditor = auditor_of("honest")
    network.twist = lambda _operator, reply: reply
    auditor.turn()
    (one,) = auditor.diary.canaries
    return one.enrolled[0]


def flipped(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def signed(sent: Sent, outcome: Outcome) -> Sent:
    """The same enrolment, answered otherwise by the same operators."""
    verdicts = tuple(
        sign_verdict(
            replace(one.finding, outcome=outcome),
            one.operator,
            one.at,
            keyrings()[one.operator - 1].sign,
        )
        for one in sent.verdicts
    )
    return replace(sent, verdicts=verdicts)


def later(sent: Sent) -> Sent:
    verdicts = tuple(
        sign_verdict(
            one.finding, one.operator, one.at + 9, keyrings()[one.operator - 1].sign
        )
        for one in sent.verdicts
    )
    return replace(sent, verdicts=verdicts)


def test_what_convicts_does_not_once_anything_in_it_is_another(
    evidence: KnownAnswer,
    network: IdealNetwork,
    auditor_of: Callable[[str], Auditor],
) -> None:
    (enrolled,), asked = evidence.enrolled, evidence.asked
    assert convict(evidence, network.charter).expected is Outcome.ALREADY_ENROLLED
    other = newcomer(network, auditor_of)
    broken = {
        "The canary was found": replace(
            evidence, asked=signed(asked, Outcome.ALREADY_ENROLLED)
        ),
        "not the canary's body": KnownAnswer((other,), asked),
        "under a handle of its own": KnownAnswer((asked,), asked),
        "never enrolled": KnownAnswer((signed(enrolled, Outcome.MALFORMED),), asked),
        "enrolled after": KnownAnswer((later(enrolled),), asked),
        "was found new, as it": KnownAnswer((), asked),
        "not the one that the owner signed": replace(
            evidence, asked=replace(asked, boxes=tuple(map(flipped, asked.boxes)))
        ),
        "No two operators": replace(
            evidence, asked=replace(asked, verdicts=enrolled.verdicts)
        ),
    }
    for sentence, changed in broken.items():
        with pytest.raises(Unproven, match=sentence):
            convict(changed, network.charter)


def test_evidence_of_another_network_convicts_nobody_here(
    evidence: KnownAnswer,
) -> None:
    with pytest.raises((Refused, Unproven)):
        convict(evidence, trusted_charter())


def test_each_operator_finds_in_its_box_what_the_evidence_says(
    evidence: KnownAnswer,
) -> None:
    for operator, ring in zip(OPERATORS, keyrings(), strict=True):
        for sent in (*evidence.enrolled, evidence.asked):
            confirm(sent, operator, ring.unseal)
            forms = tuple(part.form for part in contents_for(sent, operator).parts)
            assert Form.FACE in forms


@pytest.mark.parametrize("field", ["vectors", "seeds"])
def test_an_auditor_that_shows_another_template_is_found_out_by_an_honest_operator(
    evidence: KnownAnswer, field: str
) -> None:
    """Nobody else could see it: the boxes open at their operators alone."""
    asked = evidence.asked
    first, *rest = getattr(asked, field)
    framed = replace(asked, **{field: (flipped(first), *rest)})
    found = 0
    for operator, ring in zip(OPERATORS, keyrings(), strict=True):
        try:
            confirm(framed, operator, ring.unseal)
        except Unproven:
            found += 1
    assert found >= 2  # whoever holds a component that differs: two at least
