"""What the three seats answer is what plain arithmetic answers, on every pair."""

import numpy as np
import numpy.typing as npt
import pytest

from ipse.ground.names import Form
from ipse.ground.params import (
    CODE_LENGTH,
    CODE_SHAPE,
    CODE_SHIFT,
    CODE_WEIGHT,
    LENGTH,
    ROTATIONS,
    SCALE,
)
from ipse.matching.claims import Claims
from ipse.matching.reveal import match_bits
from ipse.matching.rounds import Computation
from ipse.matching.seat import Place
from ipse.matching.signs import Circuit
from ipse.matching.verify import (
    Answer,
    Uploads,
    decide,
    unique,
    verify,
    verify_each,
)
from ipse.matching.wellformed import well_formed
from ipse.shares.replicated import Upload
from ipse.shares.shamir import Row
from ipse.shares.spelling import spell
from ipse_lab.drill.hostile import forced
from ipse_lab.table import Table, of_seat

Ints = npt.NDArray[np.int64]
T = 3_000
STRICT = 6_500  # no two of a few hundred strangers reach it
WELL_FORMED = 6  # rounds: the rules, digests of zeros, three of proof, and words


def embeddings(form: Form, count: int, dice: np.random.Generator) -> Ints:
    directions = dice.standard_normal((count, LENGTH[form]))
    directions *= SCALE[form] / np.linalg.norm(directions, axis=1, keepdims=True)
    return np.rint(directions).astype(np.int64)


def near(vectors: Ints, dice: np.random.Generator, noise: float, form: Form) -> Ints:
    moved = vectors + noise * dice.standard_normal(vectors.shape)
    moved *= SCALE[form] / np.linalg.norm(moved, axis=1, keepdims=True)
    return np.rint(moved).astype(np.int64)


def codes(count: int, dice: np.random.Generator, valid: float = 0.8) -> Ints:
    mask = dice.random((count, CODE_LENGTH)) < valid
    code = np.where(mask, 2 * dice.integers(0, 2, mask.shape) - 1, 0)
    return np.concatenate([code, mask], axis=1)


def turned(code: Ints, columns: int, flips: float, dice: np.random.Generator) -> Ints:
    entries = code[:CODE_LENGTH]
    flipped = np.where(dice.random(CODE_LENGTH) < flips, -entries, entries)
    rolled = np.roll(flipped.reshape(CODE_SHAPE), columns, axis=1).reshape(-1)
    return np.concatenate([rolled, np.abs(rolled)])


def codes_match(probe: Ints, reference: Ints) -> bool:
    """The plain decision, rotation by rotation."""
    for turn in range(-(ROTATIONS // 2), ROTATIONS // 2 + 1):
        code, mask = (
            np.roll(half.reshape(CODE_SHAPE), turn, axis=1).reshape(-1)
            for half in np.split(probe, 2)
        )
        agreement = int(code @ reference[:CODE_LENGTH])
        valid = int(mask @ reference[CODE_LENGTH:])
        if (agreement << CODE_SHIFT) > CODE_WEIGHT * valid:
            return True
    return False


@pytest.mark.parametrize("rows", [1, 2, 63, 64, 65, 191, 192, 193, 500])
@pytest.mark.parametrize("circuit", Circuit)
def test_match_bits_are_those_of_plain_arithmetic(rows: int, circuit: Circuit) -> None:
    dice = np.random.default_rng([rows, circuit.value])
    table = Table(dice)
    references = embeddings(Form.FACE, rows, dice)
    mated = near(references[dice.integers(0, rows, 3)], dice, 5.0, Form.FACE)
    probes = np.concatenate([mated, embeddings(Form.FACE, 2, dice)])
    alive = dice.random(rows) < 0.9
    stored = table.rows(Form.FACE, references)
    parts = {Form.FACE: table.raw_parts(Form.FACE, probes)}
    played = table.play(
        lambda place: match_bits(
            place, of_seat(parts, place), stored[place.seat], alive, T, circuit
        )
    )
    expected = (probes @ references.T >= T) & alive
    assert expected.any() or rows == 1
    for bits in played.results:
        assert (bits == expected).all()


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_threshold_itself_is_a_match(offset: int) -> None:
    dice = np.random.default_rng(7)
    table = Table(dice)
    reference = embeddings(Form.FACE, 1, dice)
    probe = near(reference, dice, 4.0, Form.FACE)
    score = int((probe @ reference.T)[0, 0])
    stored = table.rows(Form.FACE, reference)
    uploads = {Form.FACE: table.uploads(Form.FACE, probe)}
    played = table.play(
        lambda place: verify(
            place, of_seat(uploads, place), stored[place.seat], score + offset
        )
    )
    expected = Answer.NO_MATCH if offset > 0 else Answer.MATCH
    assert set(played.results) == {expected}


def test_face_and_voice_are_compared_by_the_sum_of_their_scores() -> None:
    dice = np.random.default_rng(8)
    table = Table(dice)
    forms = (Form.FACE, Form.VOICE)
    references = {form: embeddings(form, 130, dice) for form in forms}
    probes = {form: near(references[form][:9], dice, 9.0, form) for form in forms}
    fields = [table.rows(form, references[form]) for form in forms]
    stored = [{**fields[0][seat], **fields[1][seat]} for seat in range(3)]
    parts = {form: table.raw_parts(form, probes[form]) for form in forms}
    scores = sum(probes[form] @ references[form].T for form in forms)
    threshold = int(np.median(np.diagonal(scores)))
    played = table.play(
        lambda place: match_bits(
            place,
            of_seat(parts, place),
            stored[place.seat],
            np.ones(130, np.bool_),
            threshold,
        )
    )
    assert (played.results[1] == (scores >= threshold)).all()


def test_codes_match_by_their_best_rotation_among_valid_bits() -> None:
    dice = np.random.default_rng(9)
    table = Table(dice)
    references = codes(5, dice)
    stored = table.rows(Form.CODE, references)
    for row, turn, flips in [(0, 0, 0.2), (1, 15, 0.3), (2, -15, 0.3), (3, 16, 0.2)]:
        probe = turned(references[row], turn, flips, dice)
        parts = {Form.CODE: table.raw_parts(Form.CODE, probe[np.newaxis])}
        played = table.play(
            lambda place, parts=parts: match_bits(
                place,
                of_seat(parts, place),
                stored[place.seat],
                np.ones(5, np.bool_),
                0,
            )
        )
        expected = [codes_match(probe, reference) for reference in references]
        assert played.results[2].tolist() == [expected]
        assert expected[row] is (abs(turn) <= 15)


@pytest.mark.parametrize(
    ("agreement", "answer"), [(4_000, Answer.NO_MATCH), (4_002, Answer.MATCH)]
)
def test_a_code_matches_strictly_beyond_its_bound(
    agreement: int, answer: Answer
) -> None:
    """16 * 4,000 = 5 * 12,800: at the bound itself there is no match."""
    dice = np.random.default_rng(13)
    table = Table(dice)
    reference = codes(1, dice, valid=1.0)
    probe = reference.copy()
    differing = dice.permutation(CODE_LENGTH)[: (CODE_LENGTH - agreement) // 2]
    probe[0, differing] *= -1
    stored = table.rows(Form.CODE, reference)
    uploads = {Form.CODE: table.uploads(Form.CODE, probe)}
    played = table.play(
        lambda place: verify(place, of_seat(uploads, place), stored[place.seat], 0)
    )
    assert set(played.results) == {answer}


def test_no_match_bit_is_opened_for_a_probe_that_is_not_well_formed() -> None:
    dice = np.random.default_rng(14)
    table = Table(dice)
    reference = embeddings(Form.FACE, 1, dice)
    stored = table.rows(Form.FACE, reference)
    # twice the reference would match, as every longer vector does
    longer = forced(2 * reference)
    uploads = {Form.FACE: table.raw_uploads(Form.FACE, list(longer))}
    played = table.play(
        lambda place: verify(place, of_seat(uploads, place), stored[place.seat], T)
    )
    assert set(played.results) == {Answer.MALFORMED}
    alive = np.ones(1, np.bool_)
    played = table.play(
        lambda place: unique(
            place, of_seat(uploads, place), stored[place.seat], alive, T
        )
    )
    assert set(played.results) == {Answer.MALFORMED}
    assert played.rounds == WELL_FORMED


def test_the_bit_of_a_flawed_probe_is_zeros_on_the_wire() -> None:
    """What each seat sends in the opening says nothing of a flawed probe's match."""
    dice = np.random.default_rng(14)
    table = Table(dice)
    reference = embeddings(Form.FACE, 1, dice)
    stored = table.rows(Form.FACE, reference)
    spellings = [*forced(2 * reference), *forced(reference)]
    uploads = {Form.FACE: table.raw_uploads(Form.FACE, spellings)}

    def watched(place: Place) -> Computation[tuple[bytes, bytes]]:
        decided = yield from decide(
            place, Claims(), of_seat(uploads, place), stored[place.seat], T
        )
        return decided.told()

    sent = table.play(watched).results
    assert all(told[0] & 1 == 0 for both in sent for told in both)


def answers(
    table: Table, stored: tuple, probe: Ints, alive: npt.NDArray[np.bool_]
) -> set[Answer]:
    uploads = {Form.FACE: table.uploads(Form.FACE, probe)}
    played = table.play(
        lambda place: unique(
            place, of_seat(uploads, place), stored[place.seat], alive, STRICT
        )
    )
    return set(played.results)


def test_a_second_enrolment_is_found_wherever_the_first_one_stands() -> None:
    dice = np.random.default_rng(10)
    table = Table(dice)
    references = embeddings(Form.FACE, 300, dice)
    stored = table.rows(Form.FACE, references)
    everyone = np.ones(300, np.bool_)
    for row in (0, 63, 64, 127, 128, 255, 256, 299):
        again = near(references[[row]], dice, 3.0, Form.FACE)
        assert answers(table, stored, again, everyone) == {Answer.MATCH}
        erased = everyone.copy()
        erased[row] = False
        assert answers(table, stored, again, erased) == {Answer.NO_MATCH}


def test_a_stranger_is_unique_and_so_is_the_first_of_all() -> None:
    dice = np.random.default_rng(11)
    table = Table(dice)
    references = embeddings(Form.FACE, 70, dice)
    stored = table.rows(Form.FACE, references)
    stranger = embeddings(Form.FACE, 1, dice)
    assert (stranger @ references.T < STRICT).all()
    assert answers(table, stored, stranger, np.ones(70, np.bool_)) == {Answer.NO_MATCH}
    nobody = table.rows(Form.FACE, references[:0])
    assert answers(table, nobody, stranger, np.ones(0, np.bool_)) == {Answer.NO_MATCH}


def test_a_verification_takes_eight_rounds() -> None:
    dice = np.random.default_rng(12)
    table = Table(dice)
    reference = embeddings(Form.FACE, 1, dice)
    stored = table.rows(Form.FACE, reference)
    uploads = {Form.FACE: table.uploads(Form.FACE, reference)}
    played = table.play(
        lambda place: verify(place, of_seat(uploads, place), stored[place.seat], T)
    )
    assert (played.rounds, set(played.results)) == (8, {Answer.MATCH})


def in_two_steps(
    place: Place, uploads: Uploads, row: Row, threshold: int
) -> Computation[Answer]:
    """See to the flaws first, and compare what has none by the search's arithmetic."""
    passed = yield from well_formed(place, tuple(uploads.values()))
    if not passed[0]:
        return Answer.MALFORMED
    parts = {form: upload.part() for form, upload in uploads.items()}
    bits = yield from match_bits(place, parts, row, np.ones(1, np.bool_), threshold)
    return Answer.MATCH if bits[0, 0] else Answer.NO_MATCH


@pytest.mark.parametrize(
    "forms", [(Form.FACE,), (Form.FACE, Form.VOICE), (Form.CODE,)], ids="+".join
)
def test_a_verification_answers_what_a_search_would(forms: tuple[Form, ...]) -> None:
    """Sound and flawed, mated and non-mated, many at once: each pair for itself."""
    dice = np.random.default_rng(15)
    table = Table(dice)
    count = 2 if Form.CODE in forms else 24
    draw = {
        form: codes(count, dice) if form is Form.CODE else embeddings(form, count, dice)
        for form in forms
    }
    mated = np.arange(count) % 2 == 0
    flawed = np.arange(count) % 3 == 1
    probes = {
        form: np.where(mated[:, np.newaxis], vectors, np.roll(vectors, 1, axis=0))
        for form, vectors in draw.items()
    }
    spellings = {
        form: np.stack([spell(form, vector) for vector in vectors])
        for form, vectors in probes.items()
    }
    spellings[forms[-1]][flawed, 7] += np.uint32(2)
    fields = [table.rows(form, vectors) for form, vectors in draw.items()]
    stored = [
        {name: rows for form in fields for name, rows in form[seat].items()}
        for seat in range(3)
    ]
    uploads = {form: table.raw_uploads(form, list(spellings[form])) for form in forms}
    played = table.play(
        lambda place: verify_each(place, of_seat(uploads, place), stored[place.seat], T)
    )
    joins_rotations = 5 if Form.CODE in forms else 0
    assert played.rounds == 8 + joins_rotations
    answers = played.results[0]
    assert played.results == (answers,) * 3
    for index in range(count):
        one = {
            form: [Upload(form, u.first[[index]], u.second[[index]]) for u in three]
            for form, three in uploads.items()
        }
        rows = [{name: rows[[index]] for name, rows in row.items()} for row in stored]
        by_steps = table.play(
            lambda place, one=one, rows=rows: in_two_steps(
                place, of_seat(one, place), rows[place.seat], T
            )
        )
        assert by_steps.results == (answers[index],) * 3
    expected = set(Answer) if count > 2 else {Answer.MATCH, Answer.MALFORMED}
    assert set(answers) == expected
