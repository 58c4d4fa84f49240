"""How many are served: many wallets at once, each asking one question after the other.

    verify    each wallet's owner verifies, again and again
    enrol     newcomers enrol, each once, among people who are enrolled already

Three operator processes of a laboratory network in a temporary home. Requests are cut,
sealed and signed before the clock starts: what is measured is the operators, and the
wallets' connections. Every answer is held against plain arithmetic.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ipse.crypto.signature import KEY_BYTES
from ipse.ground.names import HANDLE_BYTES, Form, Handle, Outcome, Purpose
from ipse.ground.params import THRESHOLDS
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.keys.wallet import Wallet
from ipse.owner.courier import HttpsCourier
from ipse.owner.request import Body, Dispatch, compose
from ipse.owner.verdict import conclude
from ipse.template.distance import scores
from ipse.wire.charter import TrustedCharter
from ipse_lab.bench.machine import Others, described
from ipse_lab.demo.engine import compile_engine, is_compiled
from ipse_lab.demo.laboratory import Laboratory
from ipse_lab.demo.stage import laboratory_network
from ipse_lab.people import Templates, people

FORM: Final = Form.FACE
SEEDED_AT_ONCE: Final = 2_000
"""People in one seeding request: all three operators open it within their patience,
on a busy machine as well."""

Template = npt.NDArray[np.int16]
Report = dict[str, Any]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured."""

    purpose: Purpose  # VERIFY or ENROL
    wallets: int  # at once
    questions: int  # of each wallet, one after the other
    records: int  # enrolled before
    seed: int


@dataclass(frozen=True, slots=True)
class Question:
    """A request that is ready to be sent, and what may be answered."""

    dispatch: Dispatch
    allowed: frozenset[Outcome]


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer."""

    took_s: float
    outcome: Outcome
    is_allowed: bool


def measure(asked: Asked, tell: Tell = lambda _line: None) -> Report:
    """Have many wallets ask at once.

    Raises: IpseError: the operators don't start, or gave no answer.
    """
    if not is_compiled():
        tell("the engine is compiled, once on this machine")
        compile_engine()
    count = asked.wallets * asked.questions
    everyone = people(asked.seed, asked.records + count, FORM)
    enrolled = everyone.references[: asked.records]
    with laboratory_network() as stage:
        with HttpsCourier(stage.charter.charter) as courier:
            laboratory = Laboratory(
                stage.charter, courier, SystemClock(), SystemEntropy()
            )
            for start in range(0, asked.records, SEEDED_AT_ONCE):
                seeded = enrolled[start : start + SEEDED_AT_ONCE]
                laboratory.seed([{FORM: each} for each in seeded])
        tell(f"{asked.records} invented people are enrolled")
        newcomers = everyone.references[asked.records :]
        if asked.purpose is Purpose.ENROL:
            questions = _enrolments(stage.charter, newcomers, enrolled)
        else:
            probes = everyone.probes[asked.records :][: asked.wallets]
            questions = _verifications(stage.charter, newcomers, probes, asked)
        tell(f"{asked.wallets} wallets ask {asked.questions} questions each")
        shares = [questions[wallet :: asked.wallets] for wallet in range(asked.wallets)]
        with Others() as others, ThreadPoolExecutor(asked.wallets) as pool:
            began = time.monotonic()
            by_wallet = pool.map(lambda own: _ask(stage.charter, own), shares)
            answers = [answer for own in by_wallet for answer in own]
            took_s = time.monotonic() - began
    return {**_summed(asked, answers, took_s), "cores_taken_by_others": others.cores}


def _enrolments(
    charter: TrustedCharter, newcomers: Templates, enrolled: Templates
) -> list[Question]:
    """Enrol each once; who looks like another may be either, as the order has it."""
    least = THRESHOLDS[(FORM,)].unique
    found = scores(newcomers, enrolled) >= least
    alike = scores(newcomers, newcomers) >= least
    questions = []
    for newcomer, by_whom, like_whom in zip(newcomers, found, alike, strict=True):
        allowed = {Outcome.ALREADY_ENROLLED if by_whom.any() else Outcome.ENROLLED}
        if like_whom.sum() > 1:  # not itself alone
            allowed = {Outcome.ALREADY_ENROLLED, Outcome.ENROLLED}
        dispatch = _composed(charter, _drawn(charter), Purpose.ENROL, newcomer)
        questions.append(Question(dispatch, frozenset(allowed)))
    return questions


def _verifications(
    charter: TrustedCharter,
    references: Templates,
    probes: Templates,
    asked: Asked,
) -> list[Question]:
    """Enrol one owner for each wallet, who then verifies again and again."""
    least = THRESHOLDS[(FORM,)].verify
    owners = []
    for reference, probe in zip(references, probes, strict=False):
        owner = _drawn(charter)
        (answer,) = _ask(
            charter,
            [
                Question(
                    _composed(charter, owner, Purpose.ENROL, reference),
                    frozenset({Outcome.ENROLLED, Outcome.ALREADY_ENROLLED}),
                )
            ],
        )
        score = scores(probe[np.newaxis], reference[np.newaxis])[0, 0]
        outcome = Outcome.MATCHED if score >= least else Outcome.NOT_MATCHED
        if answer.outcome is Outcome.ALREADY_ENROLLED:
            outcome = Outcome.UNKNOWN
        owners.append((owner, probe, frozenset({outcome})))
    return [
        Question(_composed(charter, owner, Purpose.VERIFY, probe), allowed)
        for _ in range(asked.questions)
        for owner, probe, allowed in owners
    ]


def _drawn(charter: TrustedCharter) -> Wallet:
    draw = SystemEntropy().draw
    return Wallet(
        charter.charter.network,
        charter.digest,
        Handle(draw(HANDLE_BYTES)),
        draw(KEY_BYTES),
        (FORM,),
        "new",
    )


def _composed(
    charter: TrustedCharter,
    wallet: Wallet,
    purpose: Purpose,
    template: Template,
) -> Dispatch:
    body: Body = {FORM: template}
    return compose(charter, wallet, purpose, [body], SystemClock(), SystemEntropy())


def _ask(charter: TrustedCharter, questions: Iterable[Question]) -> list[Answered]:
    """Ask one question after the other, as one wallet does."""
    answers = []
    with HttpsCourier(charter.charter) as courier:
        for question in questions:
            began = time.monotonic()
            replies = courier.deliver(question.dispatch.submissions)
            found = conclude(question.dispatch.request, charter, replies)
            outcome = found.finding.outcome
            answers.append(
                Answered(time.monotonic() - began, outcome, outcome in question.allowed)
            )
    return answers


def _summed(asked: Asked, answers: list[Answered], took_s: float) -> Report:
    took_ms = [1_000 * answer.took_s for answer in answers]
    return {
        "answers_per_second": round(len(answers) / took_s, 1),
        **{
            f"p{percent}_ms": round(float(np.percentile(took_ms, percent)), 1)
            for percent in (50, 90, 99)
        },
        "purpose": asked.purpose.value,
        "wallets": asked.wallets,
        "records": asked.records,
        "outcome": dict(Counter(str(answer.outcome) for answer in answers)),
        "answers_checked": len(answers),
        "answers_wrong": sum(not answer.is_allowed for answer in answers),
        "seed": asked.seed,
        "not_in_the_time": "camera, face encoder, cutting, sealing and signing",
        "machine": described(),
    }
