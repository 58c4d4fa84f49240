"""Whoever is late is waited for as long as it can change something, and then named."""

import pytest

from ipse.ground.errors import Unavailable
from ipse.ground.names import OPERATORS, OperatorId
from ipse.owner.gathering import GRACE_S, Gathering
from ipse.owner.verdict import Silence
from ipse_lab.identities import charter_of, drawn_rings

ONE, TWO, THREE = OPERATORS
CHARTER = charter_of(drawn_rings()).charter
BEGAN_S, PATIENCE_S = 100.0, 60.0


def said(*, is_first_hand: bool) -> Silence:
    return Silence(Unavailable("Not now."), is_first_hand=is_first_hand)


def begun() -> Gathering:
    return Gathering(CHARTER, OPERATORS, BEGAN_S, PATIENCE_S)


def words(gathering: Gathering, operator: OperatorId) -> str:
    reply = gathering.replies()[operator]
    assert isinstance(reply, Silence)
    return str(reply.error)


def test_one_that_only_says_no_does_not_hurry_the_others() -> None:
    gathering = begun()
    gathering.take(ONE, said(is_first_hand=False), BEGAN_S + 1)
    assert gathering.ends_s == BEGAN_S + PATIENCE_S
    assert gathering.late == {TWO, THREE}
    assert "did not answer within 60 s" in words(gathering, TWO)


@pytest.mark.parametrize("answered", [(ONE,), (ONE, TWO)])
def test_once_the_rest_can_change_nothing_it_gets_a_little_longer(
    answered: tuple[OperatorId, ...],
) -> None:
    gathering = begun()
    for operator in answered:
        silence = said(is_first_hand=len(answered) == 1)
        gathering.take(operator, silence, BEGAN_S + 1)
    assert gathering.ends_s == BEGAN_S + 1 + GRACE_S
    assert "slower than the two others" in words(gathering, THREE)


def test_waiting_never_becomes_longer() -> None:
    gathering = begun()
    for operator in OPERATORS:
        gathering.take(operator, said(is_first_hand=True), BEGAN_S + PATIENCE_S - 1)
    assert gathering.ends_s == BEGAN_S + PATIENCE_S
    assert not gathering.late


def test_who_is_late_is_blamed_only_if_nobody_else_is() -> None:
    for is_first_hand in (True, False):
        gathering = begun()
        for operator in (ONE, TWO):
            gathering.take(operator, said(is_first_hand=is_first_hand), BEGAN_S)
        late = gathering.replies()[THREE]
        assert isinstance(late, Silence)
        assert late.is_first_hand is not is_first_hand
