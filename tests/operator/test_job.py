"""Who shares a job is answered as if all had come one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.crypto.signature import KEY_BYTES
from ipse.ground.errors import IpseError, Malformed, Misbehaved, Refused
from ipse.ground.names import (
    HANDLE_BYTES,
    OPERATORS,
    Form,
    Handle,
    OperatorId,
    Outcome,
    Purpose,
    RequestId,
)
from ipse.keys.system import SystemEntropy
from ipse.keys.wallet import Wallet
from ipse.matching.rounds import Received, Undertaking
from ipse.matching.seat import Place
from ipse.operator import job
from ipse.operator.admission import Admitted
from ipse.operator.beside import Beside
from ipse.operator.job import called_alike
from ipse.operator.questions import ask
from ipse.operator.records import Records
from ipse.operator.search import Search
from ipse.operator.table import Computed
from ipse.owner.request import Body, Dispatch, compose
from ipse.owner.verdict import conclude
from ipse.shares.replicated import cut, split
from ipse.wire.charter import Charter
from ipse.wire.parts import Contents
from ipse.wire.request import Submission, seal_contents, sign_request
from ipse_lab.drill.hostile import forced
from ipse_lab.ideal import IdealNetwork
from ipse_lab.network import run_together
from ipse_lab.processes import new_body
from ipse_lab.trio import Answers, Trio, trio

TWO, THREE = OperatorId(2), OperatorId(3)
SEEDS = count(1)


@pytest.fixture(
    scope="module",
    params=[(0, 0), (2, 0), (0, 1_000)],
    ids="{0[0]} workers, {0[1]} proved".format,
)
def three(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trio]:
    with trio(tmp_path_factory.mktemp("trio"), *request.param) as opened:
        yield opened


@pytest.fixture(scope="module")
def ideal(three: Trio) -> IdealNetwork:
    return IdealNetwork(three.charter, tuple(three.rings.values()), three.clock)


def owner_of(three: Trio, forms: tuple[Form, ...] = (Form.FACE,)) -> Wallet:
    draw = SystemEntropy().draw
    charter = three.charter
    handle = Handle(draw(HANDLE_BYTES))
    return Wallet(
        charter.charter.network, charter.digest, handle, draw(KEY_BYTES), forms, "new"
    )


def asked(three: Trio, owner: Wallet, purpose: Purpose, *bodies: Body) -> Dispatch:
    return compose(three.charter, owner, purpose, bodies, three.clock, SystemEntropy())


def outcome(answers: Answers) -> Outcome:
    found = {answer.result(timeout=0).finding.outcome for answer in answers.values()}
    assert len(found) == 1
    return found.pop()


def in_order_of_calls(three: Trio, dispatches: list[Dispatch]) -> list[Dispatch]:
    by_id = {one.request.header.request: one for one in dispatches}
    called = [seated.request for begin in three.calls for seated in begin.seated]
    return [by_id[request] for request in called if request in by_id]


def ideally(ideal: IdealNetwork, dispatch: Dispatch) -> Outcome:
    replies = ideal.deliver(dispatch.submissions)
    return conclude(dispatch.request, ideal.charter, replies).finding.outcome


questions = st.lists(
    st.tuples(
        st.sampled_from([Purpose.ENROL] * 3 + [Purpose.VERIFY, Purpose.STATUS]),
        st.integers(0, 3),  # whose wallet
        st.integers(0, 2),  # whose body
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(questions=questions, erased=st.sets(st.integers(0, 3), max_size=2))
def test_a_batch_is_answered_as_if_one_came_after_the_other(
    three: Trio,
    ideal: IdealNetwork,
    questions: list[tuple[Purpose, int, int]],
    erased: set[int],
) -> None:
    """The ideal network serves one at a time, in the order of the calls."""
    owners = [owner_of(three) for _ in range(4)]
    bodies = [new_body(10_000 + next(SEEDS)) for _ in range(3)]
    dispatches = [
        asked(
            three,
            # a wallet enrols one body: its own
            owners[whose],
            purpose,
            *(() if purpose is Purpose.STATUS else (bodies[body],)),
        )
        for purpose, whose, body in questions
        if purpose is not Purpose.ENROL or body == min(whose, 2)
    ]
    dispatches += [asked(three, owners[whose], Purpose.ERASE) for whose in erased]
    answers = {one.request.header.request: three.enter(one) for one in dispatches}
    three.serve()
    ordered = in_order_of_calls(three, dispatches)
    assert len(ordered) == len(dispatches)
    for dispatch in ordered:
        request = dispatch.request.header.request
        if is_retried(ideal, dispatch):
            assert outcome(answers[request]) is Outcome.ALREADY_ENROLLED
        else:
            assert outcome(answers[request]) is ideally(ideal, dispatch)
    rolls = {desk.records.roll.digest() for desk in three.desks.values()}
    assert len(rolls) == 1
    assert len(three.desks[TWO].records.roll) == len(ideal.records)


def is_retried(ideal: IdealNetwork, dispatch: Dispatch) -> bool:
    """A handle that is in use: the ideal network looks at the body alone."""
    header = dispatch.request.header
    return header.purpose is Purpose.ENROL and header.handle in ideal.records


def test_two_enrolments_of_one_body_in_one_batch_do_not_both_get_in(
    three: Trio,
) -> None:
    body, other = new_body(1), new_body(2)
    dispatches = [
        asked(three, owner_of(three), Purpose.ENROL, each)
        for each in (body, other, body, other, body)
    ]
    answers = [three.enter(one) for one in dispatches]
    three.serve()
    assert len(three.calls[-1].seated) == 5
    assert [outcome(each) for each in answers] == [
        Outcome.ENROLLED,
        Outcome.ENROLLED,
        *[Outcome.ALREADY_ENROLLED] * 3,
    ]


def test_who_presents_a_body_is_told_apart_by_whose_it_is(
    three: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All three know which record's body it is; of a newcomer's body, nobody's."""
    seen: list[list[Computed]] = []

    def overheard(
        place: Place,
        asked: Sequence[Admitted],
        records: Records,
        search: Search,
        charter: Charter,
        beside: Beside,
    ) -> Undertaking[list[Computed]]:
        computed = yield from ask(place, asked, records, search, charter, beside)
        seen.append(computed)
        return computed

    monkeypatch.setattr(job, "ask", overheard)
    owners = [owner_of(three) for _ in range(2)]
    for owner, seed in zip(owners, (60, 61), strict=True):
        three.enter(asked(three, owner, Purpose.ENROL, new_body(seed)))
        three.serve()
    seen.clear()
    for seed in (62, 61, 62, 60, 63):
        three.enter(asked(three, owner_of(three), Purpose.ENROL, new_body(seed)))
    three.serve()
    handles = [owner.handle for owner in owners]
    expected = [(), (handles[1],), (), (handles[0],), ()]
    assert [[one.found for one in computed] for computed in seen] == [expected] * 3


def test_one_that_is_turned_away_turns_nobody_away(three: Trio) -> None:
    """B matches A and C matches B: A gets in, B does not, so C does."""
    first, last = (new_body(seed)[Form.FACE].astype(float) for seed in (3, 4))
    middle = first + last
    middle *= np.linalg.norm(first) / np.linalg.norm(middle)
    faces = [np.rint(each).astype(np.int16) for each in (first, middle, last)]
    scores = [int(faces[1].astype(int) @ face) for face in (faces[0], faces[2])]
    assert min(scores) >= 5_000 > int(faces[0].astype(int) @ faces[2])
    answers = [
        three.enter(asked(three, owner_of(three), Purpose.ENROL, {Form.FACE: face}))
        for face in faces
    ]
    three.serve()
    assert len(three.calls[-1].seated) == 3
    assert [outcome(each) for each in answers] == [
        Outcome.ENROLLED,
        Outcome.ALREADY_ENROLLED,
        Outcome.ENROLLED,
    ]


def spoilt(three: Trio, owner: Wallet, body: Body, *, is_torn: bool) -> Dispatch:
    """An enrolment whose parts do not fit together, or whose vector is too long."""
    good = asked(three, owner, Purpose.ENROL, body)
    header, draw = good.request.header, SystemEntropy().draw
    vectors = [body[Form.FACE], body[Form.FACE]]
    vectors[1] = np.roll(vectors[1], 1) if is_torn else vectors[1]
    faces = np.stack(vectors).astype(np.int64)
    sent = [
        cut(Form.FACE, spelling, (draw(32), draw(32)))
        for spelling in forced(faces if is_torn else 2 * faces)
    ]
    parts = (sent[0][0], sent[0][1], sent[1][2] if is_torn else sent[0][2])
    boxes = tuple(
        seal_contents(Contents((part,)), header, three.charter.charter.entry(operator))
        for part, operator in zip(parts, OPERATORS, strict=True)
    )
    request = sign_request(header, boxes, owner.sign)
    return Dispatch(
        request,
        {
            n: Submission(request, (), box)
            for n, box in zip(OPERATORS, boxes, strict=True)
        },
    )


def told_differently(three: Trio, body: Body) -> Dispatch:
    """An enrolment that the owner signed twice, and tells one operator otherwise."""
    owner = owner_of(three)
    one = asked(three, owner, Purpose.ENROL, body)
    header = replace(one.request.header, not_after=one.request.header.not_after - 1)
    part = split(Form.FACE, body[Form.FACE], (bytes(32), bytes(32)))[1]
    box = seal_contents(Contents((part,)), header, three.charter.charter.entry(TWO))
    request = sign_request(header, (box, box, box), owner.sign)
    return replace(
        one, submissions={**one.submissions, TWO: Submission(request, (), box)}
    )


def test_one_that_fails_fails_alone(three: Trio) -> None:
    known = owner_of(three)
    three.enter(asked(three, known, Purpose.ENROL, new_body(20)))
    three.serve()
    one = asked(three, owner_of(three), Purpose.ENROL, new_body(21))
    other = asked(three, owner_of(three), Purpose.ENROL, new_body(22))
    answers = [
        three.enter(each)
        for each in (
            asked(three, known, Purpose.ENROL, new_body(20)),
            spoilt(three, owner_of(three), new_body(23), is_torn=True),
            one,
            spoilt(three, owner_of(three), new_body(24), is_torn=False),
            other,
        )
    ]
    mixed = three.enter(told_differently(three, new_body(25)))
    three.serve()
    assert len(three.calls[-1].seated) == 6
    for answer in mixed.values():
        with pytest.raises(Refused, match="different requests"):
            answer.result(timeout=0)
    torn = answers.pop(1)
    for answer in torn.values():
        with pytest.raises(Malformed, match="do not hold the same"):
            answer.result(timeout=0)
    assert [outcome(each) for each in answers] == [
        Outcome.ALREADY_ENROLLED,
        Outcome.ENROLLED,
        Outcome.MALFORMED,
        Outcome.ENROLLED,
    ]


def test_verifications_of_different_forms_share_a_job(three: Trio) -> None:
    both = (Form.FACE, Form.VOICE)
    faces, fused = owner_of(three), owner_of(three, both)
    body, whole = new_body(30), new_body(31, both)
    for owner, each in ((faces, body), (fused, whole)):
        three.enter(asked(three, owner, Purpose.ENROL, each))
    three.serve()
    face_alone = {Form.FACE: whole[Form.FACE]}
    answers = [
        three.enter(asked(three, owner, Purpose.VERIFY, each))
        for owner, each in (
            (faces, body),
            (fused, whole),
            (faces, new_body(32)),
            (fused, face_alone),
            (fused, new_body(33, both)),
            (owner_of(three), body),
        )
    ]
    answers.append(three.enter(asked(three, fused, Purpose.STATUS)))
    three.serve()
    # what is said of one record follows what was said of it before
    assert [len(call.seated) for call in three.calls[-3:]] == [4, 2, 1]
    assert [outcome(each) for each in answers] == [
        Outcome.MATCHED,
        Outcome.MATCHED,
        Outcome.NOT_MATCHED,
        Outcome.MATCHED,
        Outcome.NOT_MATCHED,
        Outcome.UNKNOWN,
        Outcome.ACTIVE,
    ]


def test_who_is_refused_is_told_and_the_others_are_served(three: Trio) -> None:
    owner, body = owner_of(three), new_body(40, (Form.FACE, Form.VOICE))
    three.enter(asked(three, owner, Purpose.ENROL, {Form.FACE: body[Form.FACE]}))
    three.serve()
    lacking = three.enter(asked(three, owner, Purpose.VERIFY, body))
    face = {Form.FACE: body[Form.FACE]}
    good = three.enter(asked(three, owner, Purpose.VERIFY, face))
    three.serve()
    assert outcome(good) is Outcome.MATCHED
    for answer in lacking.values():
        with pytest.raises(IpseError, match="does not hold every form"):
            answer.result(timeout=0)


def test_what_one_operator_lacks_is_not_called_and_stops_nobody(three: Trio) -> None:
    owner = owner_of(three)
    missing = asked(three, owner, Purpose.STATUS)
    waiting = three.enter(missing, at=[OperatorId(1), TWO])
    alone = three.enter(asked(three, owner, Purpose.STATUS), at=[THREE])
    served = three.enter(asked(three, owner, Purpose.STATUS))
    three.serve()
    assert outcome(served) is Outcome.UNKNOWN
    assert not any(answer.done() for answer in (*waiting.values(), *alone.values()))
    assert missing.request.header.request not in {
        seated.request for begin in three.calls for seated in begin.seated
    }
    # their wallets go away; later the third gets it after all, and nobody waits there
    for operator in OPERATORS:
        lobby = three.desks[operator].lobby
        for each in lobby.everyone():
            assert lobby.leave(each.admitted.id)
    late = three.enter(missing, at=[THREE])
    served = three.enter(asked(three, owner, Purpose.STATUS))
    three.serve()
    assert outcome(served) is Outcome.UNKNOWN
    assert not late[THREE].done()


def test_nothing_is_opened_for_operators_that_were_called_differently() -> None:
    one, other = bytes(32), bytes(31) + b"\1"
    run_together(*(called_alike(one) for _ in range(3)))
    for received in (Received(one, other), Received(other, one)):
        asked = called_alike(one)
        assert next(asked).to_next == one
        with pytest.raises(Misbehaved, match="called to different jobs"):
            asked.send(received)


def test_a_change_is_named_after_the_first_that_brings_it(three: Trio) -> None:
    dispatches = [
        asked(three, owner_of(three), Purpose.ENROL, new_body(seed))
        for seed in (50, 51)
    ]
    for one in dispatches:
        three.enter(one)
    heard: list[RequestId] = []
    three.serve()
    heard += [seated.request for seated in three.calls[-1].seated]
    assert heard == [one.request.header.request for one in dispatches]
    assert three.ledgers[OperatorId(1)].decisions() == {}


def test_who_is_presented_by_somebody_else_has_a_receipt_and_nobody_else_sees_it(
    three: Trio,
) -> None:
    victim, other, body = owner_of(three), owner_of(three), new_body(130)
    three.enter(asked(three, victim, Purpose.ENROL, body))
    three.enter(asked(three, owner_of(three), Purpose.ENROL, new_body(131)))
    three.serve()
    answers = three.enter(asked(three, other, Purpose.ENROL, body))
    three.serve()
    assert outcome(answers) is Outcome.ALREADY_ENROLLED
    for answer in answers.values():
        verdict = answer.result()
        assert (verdict.receipts, verdict.finding.receipt) == ((), b"")
    pages = [desk.uses.page(victim.handle, 1) for desk in three.desks.values()]
    for page in pages:
        ended = [signed.receipt.outcome for signed in page]
        assert ended == [Outcome.ENROLLED, Outcome.PRESENTED]
        assert page[1].receipt.previous == page[0].digest
    assert len({page[1].digest for page in pages}) == 1
    assert len({desk.uses.trail() for desk in three.desks.values()}) == 1
    assert all(not desk.uses.page(other.handle, 1) for desk in three.desks.values())
