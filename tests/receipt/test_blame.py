"""An honest operator is never named, and the liar always when both others name it."""

from collections.abc import Iterator
from itertools import combinations, product

import pytest

from ipse.ground.names import OPERATORS, Epoch, Falsehood, Instant, OperatorId
from ipse.receipt.blame import cases, in_all, who_lied
from ipse.wire.complaint import Complaint

Said = tuple[Complaint, ...]

ONE, TWO, THREE = OPERATORS


def says(
    operator: OperatorId, *suspects: OperatorId, call: int = 0, at: int = 0
) -> Complaint:
    return Complaint(
        "example",
        bytes(32),
        Epoch(0),
        bytes([call] * 32),
        operator,
        suspects,
        Falsehood.MESSAGE,
        Instant(at),
    )


def statements(operator: OperatorId) -> list[Complaint]:
    """Whatever one operator can say."""
    first, second = (other for other in OPERATORS if other != operator)
    return [says(operator, *them) for them in ((first,), (second,), (first, second))]


def honest(operator: OperatorId, liar: OperatorId) -> list[tuple[Complaint, ...]]:
    """What an honest operator may say: nothing, or what contains the liar."""
    true = [one for one in statements(operator) if liar in one.suspects]
    return [(), *((one,) for one in true)]


def plays() -> Iterator[tuple[OperatorId, Said, Said]]:
    """Every liar, what the two honest ones say, and whatever the liar says."""
    for liar in OPERATORS:
        one, other = (each for each in OPERATORS if each != liar)
        for told in product(honest(one, liar), honest(other, liar)):
            for count in range(len(statements(liar)) + 1):
                for lies in combinations(statements(liar), count):
                    yield liar, (*told[0], *told[1]), lies


def test_the_liar_is_always_among_those_who_can_be_it() -> None:
    """So whoever is named alone is the liar, whatever it says itself."""
    count = 0
    for liar, told, lies in plays():
        assert liar in who_lied((*told, *lies))
        count += 1
    assert count == 3 * 9 * 8


def test_whom_both_others_name_alone_is_named() -> None:
    for liar, told, lies in plays():
        if [complaint.suspects for complaint in told] == [(liar,)] * 2:
            assert who_lied((*told, *lies)) == (liar,)


def test_who_signs_two_complaints_of_a_call_is_named_by_that_alone() -> None:
    for liar, told, lies in plays():
        if len(lies) > 1:
            assert who_lied((*told, *lies)) == (liar,)


@pytest.mark.parametrize(
    ("told", "liars"),
    [
        ((), (1, 2, 3)),
        ((says(ONE, TWO),), (1, 2)),
        ((says(ONE, TWO, THREE),), (1, 2, 3)),
        ((says(ONE, TWO), says(THREE, TWO)), (2,)),
        ((says(ONE, TWO), says(THREE, ONE, TWO)), (1, 2)),
        ((says(ONE, TWO), says(TWO, THREE), says(THREE, ONE, TWO)), (2,)),
        ((says(ONE, TWO), says(TWO, ONE), says(THREE, ONE, TWO)), (1, 2)),
        ((says(ONE, TWO), says(TWO, THREE), says(THREE, ONE)), ()),
        ((says(ONE, TWO), says(ONE, THREE), says(TWO, ONE), says(TWO, THREE)), ()),
    ],
)
def test_statements_are_weighed_like_this(
    told: tuple[Complaint, ...], liars: tuple[int, ...]
) -> None:
    """The last two: no single operator can have lied alone."""
    assert who_lied(told) == liars


def test_each_call_is_a_case_of_its_own() -> None:
    newer, older = says(ONE, TWO, call=1, at=9), says(THREE, TWO, call=2, at=5)
    agreeing = says(ONE, TWO, call=2, at=5)
    found = cases([newer, older, agreeing, older])
    assert [case.at for case in found] == [5, 9]
    assert found[0].complaints == (agreeing, older, older)
    assert [case.liars for case in found] == [(TWO,), (ONE, TWO)]
    assert [case.is_named for case in found] == [True, False]


def test_two_calls_name_the_liar_that_each_alone_leaves_in_dispute() -> None:
    told = [
        says(ONE, TWO, call=1),
        says(THREE, ONE, TWO, call=1),
        says(ONE, TWO, THREE, call=2),
        says(THREE, TWO, call=2),
    ]
    found = cases(told)
    assert [case.liars for case in found] == [(ONE, TWO), (TWO, THREE)]
    assert in_all(found) == (TWO,)
    assert in_all([]) == OPERATORS
